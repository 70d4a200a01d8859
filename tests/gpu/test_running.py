"""The runner of `make gpu`: a stage that hangs, fails or prints rubbish costs no other stage."""

import sys
import time
from pathlib import Path

from tests.fakes.processes import alive
from tests.fakes.waiting import wait_until
from tests.gpu.report import table
from tests.gpu.running import Outcome, run_stages
from tests.gpu.stages import STAGES, Stage, Told, finding

PROGRAM = """
import json, subprocess, sys, time
name = sys.argv[1]
print("a library says something")
print(json.dumps({"what": "first", "found": name}), flush=True)
if name == "hangs":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(json.dumps({"child": child.pid}), flush=True)
    time.sleep(60)
if name == "fails":
    raise RuntimeError("CUDA error: device-side assert triggered")
"""


def run(folder: Path, *stages: Stage, within_s: float = 60.0) -> tuple[list[Outcome], list[Told]]:
    program = folder / "stages.py"
    program.write_text(PROGRAM, encoding="utf-8")
    told: list[Told] = []
    command = (sys.executable, str(program))
    return list(run_stages(stages, within_s=within_s, tell=told.append, command=command)), told


def test_a_stage_that_fails_is_told_with_its_last_words_and_the_next_one_runs(
    tmp_path: Path,
) -> None:
    (failed, well), told = run(tmp_path, Stage("fails", 30), Stage("well", 30))
    assert failed.told == ({"what": "first", "found": "fails"},)
    assert failed.fault.endswith("RuntimeError: CUDA error: device-side assert triggered")
    assert (well.told, well.fault) == (({"what": "first", "found": "well"},), "")
    assert [one["stage"] for one in told] == ["fails", "fails", "well", "well"]


def test_a_stage_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    (hung,), told = run(tmp_path, Stage("hangs", 1.5))
    assert hung.fault == "ended after its 2 s"
    assert hung.told[0]["found"] == "hangs"
    assert time.monotonic() - began < 20
    wait_until(lambda: not alive(told[1]["child"]))


def test_stages_for_which_no_time_is_left_are_not_begun(tmp_path: Path) -> None:
    outcomes, _ = run(tmp_path, Stage("well", 30), within_s=0.0)
    assert [one.fault for one in outcomes] == ["not begun: no time was left"]


def test_the_table_has_a_line_for_each_finding_and_each_fault() -> None:
    told = (finding("a | b", "x" * 200), {"detail": 1})
    shown = table([Outcome("one", told, "", 2.0), Outcome("two", (), "ended after its 9 s", 9.0)])
    lines = shown.splitlines()
    assert lines[2] == f"| one | a / b | {'x' * 109}… |"
    assert lines[3] == "| two | FAULT | ended after its 9 s |"
    assert lines[-1] == "11 s; stages that did not come to their end: 1"


def test_all_stages_together_fit_the_time_of_a_lent_machine_in_most_runs() -> None:
    """Each has room to be slow; together they are held to the limit of the command."""
    assert sum(stage.budget_s for stage in STAGES) < 1.4 * 470
