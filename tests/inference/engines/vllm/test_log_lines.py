"""The log of vLLM tells the administrator how far it is, and why it has failed."""

import logging

import pytest

from arena.inference.engines.vllm.log_lines import Remedy, VllmLog, levelled, remedy_for

CORE = "(EngineCore_DP0 pid=77)"


def after(*lines: str) -> VllmLog:
    log = VllmLog()
    for line in lines:
        log.note(line)
    return log


@pytest.mark.parametrize(
    ("line", "progress"),
    [
        ("Fetching 8 files:  25%|██▌       | 2/8 [00:10<00:30,  5.1s/it]", "downloading (25 %)"),
        (
            "model-00001-of-00004.safetensors:  12%|█▏ | 606M/4.98G [00:05<00:41, 106MB/s]",
            "downloading (12 % of a file)",
        ),
        (
            f"{CORE} INFO 11-30 12:00:03 [gpu_model_runner.py:2602] Starting to load model o/m...",
            "loading weights",
        ),
        (
            "Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:10<00:10,  5.26s/it]",
            "loading weights (50 %)",
        ),
        (
            f"{CORE} INFO 11-30 12:00:20 [backends.py:559] Dynamo bytecode transform time: 6.3 s",
            "compiling",
        ),
        (
            "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  40%|████ | 2/5",
            "capturing CUDA graphs (40 %)",
        ),
        ("(APIServer pid=1) INFO 11-30 12:01:00 [x.py:1] nothing of interest", "starting vLLM"),
    ],
)
def test_a_line_tells_the_progress(line: str, progress: str) -> None:
    assert after(line).progress == progress


def test_the_root_cause_is_kept_and_what_parents_say_of_it_is_not() -> None:
    log = after(
        f"{CORE} ERROR 11-30 12:00:03 [core.py:708] torch.OutOfMemoryError: CUDA out of memory.",
        f"{CORE} ERROR 11-30 12:00:03 [x.py:1] Exception: WorkerProc initialization failed due to "
        "an exception in a background process. See stack trace for root cause.",
        "(APIServer pid=76) RuntimeError: Engine core initialization failed. See root cause above.",
    )
    assert log.cause == "OutOfMemoryError: CUDA out of memory."


def test_the_last_error_of_a_chain_is_the_one_that_was_raised() -> None:
    log = after(
        "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url",
        "The above exception was the direct cause of the following exception:",
        "OSError: You are trying to access a gated repo.",
    )
    assert log.cause == "OSError: You are trying to access a gated repo."


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("python: (ModuleNotFoundError: No module named 'vllm')", Remedy.OPERATOR),
        ("/opt/vllm/bin/python cannot be started: No such file or directory", Remedy.OPERATOR),
        ("OSError: You are trying to access a gated repo.", Remedy.OPERATOR),
        ("unrecognized arguments: --no-such-option", Remedy.RESTART),
        ("ValueError: Model architectures ['X'] are not supported for now.", Remedy.RESTART),
        ("RuntimeError: Failed to infer device type", Remedy.RESTART),
        ("OutOfMemoryError: CUDA out of memory.", Remedy.TIME),
        ("OSError: [Errno 98] Address already in use", Remedy.TIME),
    ],
)
def test_a_failure_tells_what_could_help(reason: str, remedy: Remedy) -> None:
    assert remedy_for(reason) is remedy


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        (f"{CORE} WARNING 11-30 12:00:09 [scheduler.py:252] beware", logging.WARNING, "beware"),
        ("INFO 11-30 12:00:09 [a/b.py:2] hello", logging.INFO, "hello"),
        ("INFO:     Application startup complete.", logging.INFO, "Application startup complete."),
        ("a line of some library", logging.INFO, "a line of some library"),
        ("ERROR", logging.INFO, "ERROR"),
    ],
)
def test_a_line_has_its_own_level(line: str, level: int, text: str) -> None:
    assert levelled(line) == (level, text)
