"""`make demo-campaign`, on scripted models."""

import json
from pathlib import Path

import pytest

from demo_campaign.__main__ import ANNOTATORS, CAMPAIGN, DATABASE, main, run


def _campaign(folder: Path) -> tuple[Path, Path]:
    rows = [{"prompt": f"Question {number}?"} for number in range(6)]
    (folder / "prompts.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    file, models = folder / "campaign.yaml", folder / "models.yaml"
    terms = {
        "name": CAMPAIGN,
        "prompts": "prompts.jsonl",
        "models": ["short", "long"],
        "protocol": {"kind": "all_at_once", "reasons": False, "comment": False},
        "overlap": 2,
        "annotators": [{"name": name, "group": "simulated"} for name in ANNOTATORS],
    }
    file.write_text(json.dumps(terms), encoding="utf-8")
    replies = {"short": ["Yes."], "long": ["Yes, and here is why. " * 40]}
    rows_of_models = {
        key: {"name": key, "backend": "scripted", "script": {"replies": replies[key]}}
        for key in replies
    }
    models.write_text(json.dumps({"models": rows_of_models}), encoding="utf-8")
    return file, models


def test_it_goes_from_nothing_to_a_figure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, models = _campaign(tmp_path)
    run(tmp_path, 1, file=file, models=models)
    out = capfd.readouterr().out
    assert "# 12 ballots." in out
    assert "it says nothing about the models" in out
    assert (tmp_path / "figure.svg").read_bytes().startswith(b"<?xml")


def test_it_overwrites_no_campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DATABASE).touch()
    monkeypatch.setattr("sys.argv", ["demo_campaign", "--output", str(tmp_path)])
    with pytest.raises(SystemExit, match="has a campaign already: remove it"):
        main()
