"""What a test needs besides Python, read off its fixtures and imports: `make unit` has none of it.

A new test that starts a server through the usual fixtures or modules is marked by itself; by hand
only what nothing here can tell.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

_IMPORT = re.compile(r"^(?:from|import) (\S+)", re.MULTILINE)


class Need(NamedTuple):
    """Whoever uses one of these fixtures or modules needs it; so does whoever these begin."""

    fixtures: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    tests: tuple[str, ...] = ()


NEEDS = {
    "browser": Need(fixtures=frozenset({"browser"})),
    "server": Need(
        modules=frozenset({"uvicorn", "tests.benchmarks.served"}),
        tests=("tests/e2e/", "tests/reliability/test_kill_nine.py"),
    ),
    "engine": Need(
        modules=frozenset(
            {
                "arena.engine.assembly",
                "arena.inference.engines.backend",
                "tests.fakes.checkpoints",
                "tests.fakes.engine_processes",
                "tests.fakes.gguf_models",
                "tests.fakes.line_up",
                "tests.fakes.loaded_models",
                "tests.inference.subjects",
            }
        ),
        tests=(
            "tests/cli/test_check.py",
            "tests/cli/test_check_gguf.py",
            "tests/cli/test_check_hub.py",
            "tests/cli/test_check_prompts.py",
            "tests/cli/test_check_warnings.py",
            "tests/cli/test_format_warnings.py",
            "tests/demo_models/test_checkpoints.py",
            "tests/demo_models/test_examples.py",
            "tests/services/campaigns/replies/test_generating_with_engines.py",
        ),
    ),
    "postgres": Need(fixtures=frozenset({"postgres"})),
    "slow": Need(
        tests=(
            "tests/benchmarks/",
            "tests/cli/test_campaign_archive.py",
            "tests/cli/test_import.py",
            "tests/cli/test_leaderboard.py",
            "tests/cli/test_leaderboard_filters.py",
            "tests/cli/test_leaderboard_snapshots.py",
            "tests/cli/test_program.py",
            "tests/cli/test_refused_databases.py",
            "tests/cli/test_report.py",
            "tests/demo_campaign/test_demo_campaign.py",
            "tests/demo_models/test_training.py",
            "tests/reliability/test_killed_generation.py",
            "tests/services/battle/test_battles.py::test_two_hundred_battles_leave_nothing_behind",
            "tests/services/battle/test_telling_sides_apart.py",
            "tests/services/board/test_details.py",
            "tests/services/board/test_snapshots.py",
            "tests/services/board/test_odd_boards.py::test_nothing_that_a_few_people_vote_raises",
            "tests/services/board/test_stated_scope.py",
            "tests/services/board/test_suspicious_addresses.py",
            "tests/services/board/test_worker_process.py",
            "tests/services/campaigns/archive/",
            "tests/services/campaigns/evaluation/test_assigning.py",
            "tests/services/campaigns/evaluation/test_at_once.py",
            "tests/services/campaigns/evaluation/test_stopping.py",
            "tests/services/campaigns/quality/",
            "tests/services/campaigns/test_planted_preference.py",
            "tests/services/campaigns/test_progress.py",
            "tests/services/importing/test_imported_votes.py",
            "tests/services/report/test_report_files.py::test_it_compiles_whatever_models_are_called",
            "tests/statistics/test_alpha_coverage.py",
            "tests/statistics/test_coverage.py",
            "tests/statistics/test_many_pairs.py",
            "tests/statistics/test_people_needed.py",
            "tests/statistics/test_rate_changes.py",
            "tests/statistics/test_sequential_simulation.py",
            "tests/statistics/test_watched_campaigns.py",
            "tests/web/http/test_gradio_import.py",
            "tests/web/leaderboard/test_drawn_figures.py",
            "tests/web/leaderboard/test_figures.py",
            "tests/web/leaderboard/test_frames.py",
            "tests/web/leaderboard/test_heads.py",
            "tests/web/leaderboard/test_models.py",
            "tests/web/leaderboard/test_notes.py",
            "tests/web/leaderboard/test_page.py",
            "tests/web/leaderboard/test_rates.py",
            "tests/web/leaderboard/test_ratings.py",
            "tests/web/leaderboard/test_readers.py",
            "tests/web/leaderboard/test_snapshots.py",
            "tests/web/leaderboard/test_tables.py",
            "tests/web/leaderboard/test_tabs.py",
            "tests/web/leaderboard/test_verdicts.py",
        )
    ),
}


def needs_of(file: Path, name: str = "", fixtures: Iterable[str] = ()) -> Iterator[str]:
    """Yield the markers of the test `name` in `file`; without a name, those of all its tests.

    `fixtures` are those that the test asks for and those that they ask for.
    """
    test = f"{file.relative_to(ROOT).as_posix()}::{name}"
    for marker, need in NEEDS.items():
        if (
            need.fixtures.intersection(fixtures)
            or need.modules & _imported(file)
            or test.startswith(need.tests)
        ):
            yield marker


def place_of(needs: Iterable[str]) -> int:
    """Return the place of a test with these needs in the order of all; what needs most is first."""
    return min((list(NEEDS).index(need) for need in needs), default=len(NEEDS))


def unwanted_markers(expression: str) -> set[str]:
    """Return the markers that pytest's `-m` excludes; none if it says more than `not` and `and`."""
    terms = [term.split() for term in expression.split(" and ")]
    simple = all(len(term) == 2 and term[0] == "not" for term in terms)
    return {name for _, name in terms} if simple else set()


@cache
def _imported(file: Path) -> frozenset[str]:
    return frozenset(_IMPORT.findall(file.read_text(encoding="utf-8")))
