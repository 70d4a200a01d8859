"""A whole campaign as a researcher runs one: real and scripted models, prompts of the example."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena

EXAMPLE = Path(__file__).parents[2] / "examples" / "wizardlm2"
SCRIPTED = {"zq-vermilion-70b": "Vermilion Quetzal", "xv-heliotrope-7b": "Heliotrope Axolotl"}
EMBEDDED = {"arena-demo-a": "Arena Demo Large", "arena-demo-b": "Arena Demo Small"}
MODELS = (*EMBEDDED, *SCRIPTED)

SECRETS = (
    *MODELS,
    *SCRIPTED.values(),
    *EMBEDDED.values(),
    "Quetzal Licence 9",
    "a bird of the cloud forest",
    "quetzal-hub.example",
    "embedded:",
    "fingerprint",
    "finish_reason",
    "check-better",
    "check-worse",
)
"""Keys, names, and where replies come from: no response before a vote may hold one."""

_FIRST_REPLIES = ("A **first** thought.", "Yes: $x^2$ is enough.", "1. One\n2. Two\n3. Three")
_SECOND_REPLIES = ("Perhaps.", "```python\nprint(42)\n```", "It depends on *what* you want.")


def models_file() -> str:
    """Return a catalog of four models; those embedded are disabled, so that serving is quick."""
    embedded = {
        key: {
            "name": name,
            "backend": "local",
            "source": f"embedded:{key}",
            "prompt_format": "auto",
            "enabled": False,
            "max_context": 1024,
            "sampling": {"temperature": 0.2, "max_new_tokens": 96},
        }
        for key, name in EMBEDDED.items()
    }
    first, second = SCRIPTED
    return catalog(
        **embedded,
        **{
            first: scripted_model(
                SCRIPTED[first],
                *_FIRST_REPLIES,
                license="Quetzal Licence 9",
                description="a bird of the cloud forest",
                links={"hub": "https://quetzal-hub.example/model"},
            ),
            second: scripted_model(SCRIPTED[second], *_SECOND_REPLIES),
        },
    )


class CampaignRun:
    """Campaigns on the example's prompts, checks, questions and guidelines, on a served arena."""

    def __init__(self, arena: ServedArena, folder: Path, *, prompts: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.arena = arena
        self.prompts = prompts
        self._folder = folder
        (folder / "models.yaml").write_text(models_file(), encoding="utf-8")
        rows = (EXAMPLE / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
        every = len(rows) // prompts
        (folder / "prompts.jsonl").write_text("\n".join(rows[::every]) + "\n", encoding="utf-8")

    def command(self, *arguments: str) -> str:
        """Return what a command of the arena prints, run in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "arena", *arguments],
            env=os.environ | {"ARENA_DATABASE_URL": f"sqlite:///{self.arena.database}"},
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def opened(self, name: str, people: int, **terms: Any) -> list[dict[str, Any]]:
        """Create a campaign, generate its replies and open it; return what was generated."""
        file = self._folder / f"{name}.yaml"
        file.write_text(json.dumps(self._terms(name, people) | terms), encoding="utf-8")
        self.command("campaign", "create", file.name, "--models", "models.yaml")
        printed = self.command("campaign", "generate", name, "--models", "models.yaml", "--json")
        self.command("campaign", "open", name)
        return list(json.loads(printed)["generated"])

    def links(self, name: str, people: int) -> list[str]:
        """Invite the campaign's annotators and return their personal links."""
        names = [f"{name} {number}" for number in range(people)]
        printed = self.command("annotator", "invite", *names, "--address", self.arena.address)
        return [line.split("\t")[1] for line in printed.strip().splitlines()]

    def exported(self, table: str, name: str) -> list[dict[str, str]]:
        """Return the rows of an exported CSV of a campaign."""
        text = self.command("export", table, "--campaign", name)
        return list(csv.DictReader(io.StringIO(text)))

    def board(self, name: str) -> Mapping[str, Any]:
        """Return the board of a campaign."""
        return dict(json.loads(self.command("leaderboard", "--campaign", name, "--json")))

    def _terms(self, name: str, people: int) -> dict[str, Any]:
        given = YAML(typ="safe").load(EXAMPLE / "campaign.yaml")
        return dict(given) | {
            "name": name,
            "models": list(MODELS),
            "check_items": str(EXAMPLE / "check_items.jsonl"),
            "annotators": [f"{name} {number}" for number in range(people)],
        }
