"""The table at the end: a line for each finding, and for each stage that failed."""

from collections.abc import Iterator, Sequence

from tests.gpu.running import Outcome

_MOST = 110
"""Characters of a cell; what is longer stands in the JSON."""


def table(outcomes: Sequence[Outcome]) -> str:
    """Return Markdown."""
    head = ("| stage | what | found |", "|---|---|---|")
    lines = (f"| {' | '.join(row)} |" for outcome in outcomes for row in _rows(outcome))
    seconds = sum(outcome.seconds for outcome in outcomes)
    faults = sum(bool(outcome.fault) for outcome in outcomes)
    end = f"{seconds:.0f} s; stages that did not come to their end: {faults}"
    return "\n".join([*head, *lines, "", end])


def _rows(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    for one in outcome.told:
        if "what" in one and "found" in one:
            yield outcome.stage, _cell(one["what"]), _cell(one["found"])
    if outcome.fault:
        yield outcome.stage, "FAULT", _cell(outcome.fault)


def _cell(text: object) -> str:
    line = " ".join(str(text).replace("|", "/").split())
    return line if len(line) <= _MOST else f"{line[: _MOST - 1]}…"
