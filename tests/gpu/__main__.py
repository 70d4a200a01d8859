"""`make gpu`: all stages, or those named; a JSON line for each thing found, a table at the end."""

import argparse
import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import which
from typing import TextIO

from tests.gpu.report import table
from tests.gpu.running import run_stages
from tests.gpu.stages import STAGES, Told, told_by

_WITHIN_S = 470.0


def main(arguments: list[str]) -> int:
    """Return 1 when a stage did not come to its end."""
    options = _options(arguments)
    if options.stage:
        for one in told_by(options.stage):
            print(json.dumps(one), flush=True)
        return 0
    chosen = [stage for stage in STAGES if not options.stages or stage.name in options.stages]
    unknown = sorted(set(options.stages) - {stage.name for stage in STAGES})
    if unknown:
        names = ", ".join(stage.name for stage in STAGES)
        sys.exit(f"no such stage: {', '.join(unknown)}; there are {names}")
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "gpu.jsonl").open("w", encoding="utf-8") as log:
        patient = [replace(one, budget_s=options.patience * one.budget_s) for one in chosen]
        within_s = options.patience * options.within
        told = run_stages(patient, within_s=within_s, tell=partial(_tell, log))
        outcomes = list(told)
    shown = table(outcomes)
    (options.out / "gpu.md").write_text(f"{shown}\n", encoding="utf-8")
    errors = [f"== {one.stage}\n{chr(10).join(one.errors)}\n" for one in outcomes]
    (options.out / "gpu.stderr").write_text("".join(errors), encoding="utf-8")
    print(f"\n{shown}", flush=True)
    return int(any(outcome.fault for outcome in outcomes))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("stages", nargs="*", help="these stages only")
    parser.add_argument("--within", type=float, default=_WITHIN_S, help="seconds for all together")
    parser.add_argument("--patience", type=float, default=_patience(), help="times the limits")
    parser.add_argument("--out", type=Path, default=Path("gpu-results"), help="folder for results")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _patience() -> float:
    """Return how often the limits count: a machine without a GPU is not lent by the minute."""
    return 1.0 if which("nvidia-smi") else 4.0


def _tell(log: TextIO, one: Told) -> None:
    line = json.dumps(one, ensure_ascii=False)
    print(line, flush=True)
    print(line, file=log, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
