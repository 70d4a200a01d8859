"""Short questions to `arena engine`, asked of a process of its own: answering imports torch."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from arena.catalog import ModelRow

ENGINE_PROGRAM: Final[tuple[str, ...]] = (sys.executable, "-m", "arena", "engine")
"""The command that runs an engine, or answers a question, without its options."""


class NoAnswer(Exception):
    """The engine could not answer; the text holds its own words."""


def ask_engine(
    program: Sequence[str],
    question: Sequence[str],
    *,
    environment: Mapping[str, str],
    row: ModelRow | None = None,
    within_s: float | None = None,
) -> dict[str, Any]:
    """Run an engine program for one JSON document and return it; blocks for seconds.

    `environment` is all that the process knows of one. `row` is handed over on its standard input.
    Raises `NoAnswer`.
    """
    try:
        answer = subprocess.run(  # noqa: S603  # our own command; each text is one argument
            [*program, *question],
            input=None if row is None else row.model_dump_json() + "\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=within_s,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswer(str(error)) from error
    if answer.returncode:
        silence = f"the engine ended with code {answer.returncode} and said nothing"
        raise NoAnswer(answer.stderr.rstrip() or silence)
    try:
        document: dict[str, Any] = json.loads(answer.stdout)
    except json.JSONDecodeError as error:
        raise NoAnswer(f"the engine's answer is not JSON: {answer.stdout!r}") from error
    return document
