"""A report in its folder: page, LaTeX, tables, figures, data card and list of personal data."""

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from arena.domain.board import BoardFilter
from arena.domain.campaign import ProtocolKind
from arena.services.report.latex import latex_files
from arena.services.report.page import report_page
from arena.services.report.prose import Sentence, section
from arena.services.report.tables import ROWS_OF_A_PART, Table, tables_of
from arena.services.report.writing import NothingToReport, Reports
from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.fakes.archived_campaigns import judged_campaign
from tests.fakes.campaigns import NAME, HandClock
from tests.fakes.reports import SOFTWARE, contents, facts, plain_figure

HOSTILE = r"<script>alert(1)</script> & \input{x} 100 % _a^b~ [*] “通义” Ж 😀 ́"


class _Elements(HTMLParser):
    """Collects elements, their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _reports(database: Database) -> Reports:
    return Reports(database, HandClock(), figure_of=plain_figure, software=SOFTWARE)


def test_the_folder_has_everything(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=3, losses=1)

    written = _reports(database).write(BoardFilter(), tmp_path / "report")

    names = {
        str(one.relative_to(tmp_path / "report")) for one in (tmp_path / "report").rglob("*.*")
    }
    assert names == {
        *("report.html", "report.tex", "report.bib", "data-card.md", "personal-data.csv"),
        *(f"tables/{name}.tex" for name in ("models", "pairs", "ratings")),
        *(f"figures/model-{number}.pdf" for number in ("01", "02")),
    }
    assert (written.ballots, written.models, written.figures) == (4, 2, 2)


def test_without_a_vote_nothing_is_written(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NothingToReport):
        _reports(database).write(BoardFilter(), tmp_path / "report")

    assert not (tmp_path / "report").exists()


def test_the_page_has_no_script_and_escapes_what_people_wrote(database: Database) -> None:
    seed_votes(database, models=(HOSTILE, "beta"), wins=3, losses=1)

    found = _Elements(report_page(contents(database)))

    assert "script" not in found.tags
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    links = [value or "" for name, value in found.attributes if name in ("src", "href")]
    assert all(link.startswith(("#", "data:image/svg+xml;base64,")) for link in links)
    assert f"Name of {HOSTILE}" in found.text


def test_every_citation_leads_to_its_reference(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)

    found = _Elements(report_page(contents(database)))

    ids = {value for name, value in found.attributes if name == "id"}
    assert {value[1:] for name, value in found.attributes if name == "href" and value} <= ids


def test_tables_have_the_numbers_of_the_board(database: Database) -> None:
    seed_votes(database, wins=6, losses=2, ties=1, both_bad=3)
    seed_votes(database, models=("beta", "gamma"), wins=1, losses=4)
    board = facts(database).board

    models, pairs, ratings = tables_of(board)

    for row, result in zip(models.rows, board.board.best_first, strict=True):
        record, found = result.pooled, board.rates.pooled[result.model]
        told = (record.wins, record.losses, record.ties, record.both_bad)
        assert row[:5] == (board.board.names[result.model], *map(str, told))
        assert row[5] == f"{100 * (record.rate or 0):.1f}"
        assert row[-2:] == (str(found.annotators), found.state.value)
    assert [row[:6] for row in pairs.rows] == [
        ("Name of alpha", "Name of beta", "6", "2", "1", "3"),
        ("Name of gamma", "Name of beta", "4", "1", "0", "0"),
    ]
    best = sorted(board.ratings.ratings, key=lambda one: -one.elo)
    assert [row[1] for row in ratings.rows] == [f"{one.elo:.0f}" for one in best]


def test_a_long_table_goes_on_in_another_part() -> None:
    rows = tuple((str(number),) for number in range(ROWS_OF_A_PART + 1))

    parts = dict(Table("models", "", ("Model",), rows).parts)

    assert list(parts) == ["models", "models-2"]
    assert parts["models-2"] == ((str(ROWS_OF_A_PART),),)


def test_the_data_card_asks_for_the_licence_or_says_it(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=3)
    for name, licence in (("one", None), ("two", "CC BY 4.0")):
        _reports(database).write(BoardFilter(), tmp_path / name, licence=licence)

    one, two = ((tmp_path / name / "data-card.md").read_text() for name in ("one", "two"))

    unlicensed = "**to be filled in** (who may use"
    assert unlicensed in one
    assert "- CC BY 4.0" in two
    assert unlicensed not in two


def test_the_data_card_of_a_campaign_has_its_protocol(database: Database, tmp_path: Path) -> None:
    judged_campaign(database, ProtocolKind.PAIRWISE, judged=4)

    _reports(database).write(BoardFilter(campaign=NAME), tmp_path / "report")

    card = (tmp_path / "report" / "data-card.md").read_text()
    assert "two replies and a verdict" in card
    assert "Votes on check items" in card


def test_personal_data_is_listed_counted_and_kept(database: Database, tmp_path: Path) -> None:
    seed_vote(database, prompts=("Write to ada@example.org",), comment="Ask Dr. Ada Lovelace")
    seed_vote(database, prompts=("Write to ada@example.org",), annotator="bob")

    written = _reports(database).write(BoardFilter(), tmp_path / "report")

    lines = (tmp_path / "report" / "personal-data.csv").read_text(encoding="utf-8-sig")
    rows = [(row["table"], row["kind"], row["found"]) for row in csv.DictReader(lines.splitlines())]
    assert rows == [
        ("prompts", "email", "ada@example.org"),
        ("comments", "name", "Dr. Ada Lovelace"),
    ]
    assert sum(written.personal.values()) == 2
    card = (tmp_path / "report" / "data-card.md").read_text()
    assert "2 places in prompts, replies, comments" in card
    assert "may hold some (1 email, 1 name)" in card


def _compiled(folder: Path, program: str) -> str:
    """Compile a report and return the text of its PDF."""
    for _ in range(2):
        done = subprocess.run(
            [program, "-interaction=nonstopmode", "-halt-on-error", "report.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        subprocess.run(["bibtex", "report"], cwd=folder, capture_output=True, check=False)
    printed = subprocess.run(
        ["pdftotext", "-layout", "report.pdf", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout


@pytest.mark.parametrize("program", ["xelatex", "pdflatex"])
def test_it_compiles_whatever_models_are_called(
    database: Database, tmp_path: Path, program: str
) -> None:
    if shutil.which(program) is None or shutil.which("pdftotext") is None:
        pytest.skip(f"{program} and pdftotext are needed to compile a report (apt: texlive-xetex)")
    seed_votes(database, models=(HOSTILE, "beta"), wins=3, losses=1)
    report = replace(contents(database), figures=())
    printable = "".join(chr(code) for code in range(0x20, 0x17F) if chr(code).isprintable())
    every = section("Letters", [Sentence(f"{printable} {printable[::-1]}.")])
    for name, content in latex_files(replace(report, methods=(*report.methods, every))).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    printed = _compiled(tmp_path, program)

    assert "<script>alert(1)</script> & \\input{x}" in re.sub(r"\s+", " ", printed)
    assert "Bradley" in printed
