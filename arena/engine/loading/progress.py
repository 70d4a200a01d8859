"""Loading progress: every step to `/health`, one line every few seconds to the log."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

logger = logging.getLogger(__name__)

EVERY_S = 5.0
Report = Callable[[str], None]


class ThrottledReport:
    """Passes on the texts that begin a new step, and within a step one every few seconds."""

    def __init__(self, report: Report, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._clock = clock
        self._step = ""
        self._told_s = 0.0

    def __call__(self, text: str) -> None:
        """Take what is being done now; its first word names the step."""
        step = text.partition(" ")[0]
        if step != self._step or self._clock() - self._told_s >= EVERY_S:
            self._step, self._told_s = step, self._clock()
            self._report(text)


def logged(report: Report) -> Report:
    """Return a report that passes every text on, and logs one every few seconds."""
    log = ThrottledReport(lambda text: logger.info("%s", text))

    def both(text: str) -> None:
        report(text)
        log(text)

    return both


@contextmanager
def weights_reported(report: Report) -> Iterator[None]:
    """Report in percent how many of a model's tensors transformers has loaded."""
    from transformers.utils import logging as transformers_logging

    def follow(bar: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if options.get("desc") != "Loading weights" or not args:
            return bar(*args, **options)
        return _counted(args[0], report)

    before = transformers_logging.set_tqdm_hook(follow)
    try:
        yield
    finally:
        transformers_logging.set_tqdm_hook(before)


def _counted(tensors: Any, report: Report) -> Iterator[Any]:
    told, total = -1, max(len(tensors), 1)
    for number, tensor in enumerate(tensors):
        percent = 100 * number // total
        if percent != told:
            told = percent
            report(f"loading weights ({percent} % of {total} tensors)")
        yield tensor
