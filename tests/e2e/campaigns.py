"""A campaign as a researcher makes one: files and commands, on the database of a served arena."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent

from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from arena.cli import app
from tests.e2e.browsing import BattleTab
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena

MODELS = ("zircon", "yttrium", "xenon", "wolfram")
"""Keys of models elsewhere; no page may name one before a vote."""


def close_campaigns(arena: ServedArena) -> None:
    """Close what takes votes: while it does, nobody but admins reads the leaderboard."""
    taking = "SELECT name FROM campaigns WHERE state IN ('open', 'paused')"
    for (name,) in arena.rows(taking):
        database = ("--database-url", f"sqlite:///{arena.database}")
        closed = CliRunner().invoke(app, ["campaign", "close", name, *database])
        assert closed.exit_code == 0, closed.output


def joined(open_tab: Callable[..., BattleTab], campaign: "CampaignOf", **options: object) -> Page:
    """Return a browser in which the annotator has opened the personal link and begun."""
    page = open_tab(campaign.arena, **options).page
    page.goto(campaign.link())
    expect(page.locator("#evaluate")).to_be_visible()
    begin = page.locator("#questions button[type=submit]")
    if begin.count():
        begin.click()
        expect(page.locator("#ballot")).to_be_visible()
    return page


class CampaignOf:
    """A campaign for one annotator with replies that were made elsewhere, on a served arena."""

    def __init__(self, arena: ServedArena, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.annotator = f"Ada {name}"
        self.arena = arena
        self._folder = folder

    def command(self, *arguments: str) -> str:
        """Run a command of the arena on its database and return what it printed."""
        models = self._folder / "models.yaml"
        models.write_text(catalog(one=scripted_model("One", "1"), two=scripted_model("Two", "2")))
        result = CliRunner().invoke(
            app, [*arguments, "--database-url", f"sqlite:///{self.arena.database}"]
        )
        assert result.exit_code == 0, result.output
        return result.stdout

    def opened(
        self,
        terms: str,
        *,
        prompts: int,
        models: int = 2,
        turns: int = 1,
        people: str = "",
        paragraphs: Sequence[int] = (),
        notes: str = "",
    ) -> None:
        """Create the campaign, import a reply for every place, and open it.

        It is for one annotator, or for the `people` that a line of the file says. `paragraphs` is
        how many the replies of each model have besides their first.
        """
        keys = MODELS[:models]
        self._write_prompts(prompts, turns, notes)
        self._write_replies(prompts, keys, turns, paragraphs or (0,) * models)
        names = ", ".join(f"{key}: Secret {key.title()}" for key in keys)
        head = (
            f"name: {self.name}\nprompts: prompts.jsonl\nimported_models: {{{names}}}\n"
            f"{people or f'annotators: [{self.annotator}]'}\n"
        )
        file = self._folder / "campaign.yaml"
        file.write_text(head + dedent(terms), encoding="utf-8")
        models_file = str(self._folder / "models.yaml")
        self.command("campaign", "create", str(file), "--models", models_file)
        replies = str(self._folder / "replies.jsonl")
        self.command("import", "replies", replies, "--campaign", self.name)
        self.command("campaign", "open", self.name)

    def link(self) -> str:
        """Invite the annotator and return the personal link."""
        address = self.arena.address
        printed = self.command("annotator", "invite", self.annotator, "--address", address)
        return printed.strip().split("\t")[1]

    def _write_prompts(self, number: int, turns: int, notes: str) -> None:
        rows = [
            {
                "id": f"p{prompt}",
                "messages": [f"Question {prompt}, part {turn + 1}?" for turn in range(turns)],
                "category": "writing" if prompt % 2 else "math",
                "language": "en",
                "notes": notes,
            }
            for prompt in range(number)
        ]
        _write(self._folder / "prompts.jsonl", rows)

    def _write_replies(
        self, prompts: int, keys: Sequence[str], turns: int, paragraphs: Sequence[int]
    ) -> None:
        rows = [
            {"prompt": f"p{prompt}", "model": key, "turns": _replies(prompt, number, turns, more)}
            for prompt in range(prompts)
            for number, (key, more) in enumerate(zip(keys, paragraphs, strict=True))
        ]
        _write(self._folder / "replies.jsonl", rows)


def _replies(prompt: int, number: int, turns: int, more: int) -> list[str]:
    """Return texts of which each says whose it is only to who knows the numbers."""
    further = "".join(f"\n\nThis is paragraph {one} of {number}." for one in range(more))
    return [
        f"**Reply** to {prompt}.{turn + 1}, in style {number}.{further}" for turn in range(turns)
    ]


def _write(file: Path, rows: Sequence[object]) -> None:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
