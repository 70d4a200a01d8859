"""Campaign files and prompt sets in a folder, and what is wrong with them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from arena.campaign_files import KnownNames, load_campaign
from arena.catalog import CatalogError, Fault, FaultyFiles
from arena.domain.campaign import Campaign

KNOWN = KnownNames({"one": "Model One", "two": "Model Two"}, ("writing", "math"))
MINIMAL = """\
name: pilot
prompts: prompts.jsonl
models: [one, two]
protocol: {kind: pairwise}
"""


def french(text: str) -> str:
    """Stands for the identifier of languages."""
    return "fr"


def write_prompts(folder: Path, *rows: Mapping[str, Any], name: str = "prompts.jsonl") -> Path:
    """Write rows as JSON Lines; one plain prompt if there are none."""
    path = folder / name
    lines = [json.dumps(row, ensure_ascii=False) for row in rows or [{"prompt": "Hello?"}]]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def loaded(folder: Path, text: str = MINIMAL, known: KnownNames = KNOWN) -> Campaign:
    """Read a campaign file beside its prompts."""
    path = folder / "campaign.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_campaign(path, known, french)


def errors_of(
    folder: Path, text: str = MINIMAL, known: KnownNames = KNOWN
) -> Sequence[CatalogError]:
    """Return why a campaign file and its prompts are refused, by file."""
    with pytest.raises(FaultyFiles) as caught:
        loaded(folder, text, known)
    return caught.value.errors


def faults_of(folder: Path, text: str = MINIMAL, known: KnownNames = KNOWN) -> tuple[Fault, ...]:
    """Return the faults of the one file that has any."""
    (error,) = errors_of(folder, text, known)
    return error.faults
