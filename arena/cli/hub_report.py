"""What of the hub's models is on this machine, for `arena check`; asks the hub only if told to."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from arena.catalog import ModelCatalog, ModelRow
from arena.checkpoints.hub_cache import (
    HubCopy,
    free_bytes,
    hub_cache,
    hub_copy,
    is_hub_model,
    short_commit,
)
from arena.domain.byte_sizes import size_text

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class HubModel:
    """One hub model: what is here, and what the hub says where it was asked.

    `missing_bytes` is what a download would bring; `problem` is why there can be none.
    """

    key: str
    here: HubCopy
    missing_bytes: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class HubReport:
    """All enabled hub models of a catalog, and the disk that holds their files."""

    cache: Path
    free_bytes: int
    models: tuple[HubModel, ...]


def hub_report(
    catalog: ModelCatalog, environment: Mapping[str, str], *, online: bool
) -> HubReport | None:
    """Return the report; None without hub models. With `online`, the hub is asked for sizes."""
    rows = [row for row in catalog.enabled() if is_hub_model(row)]
    if not rows:
        return None
    cache = hub_cache(environment)
    asked = _answers(rows) if online else {}
    models = tuple(HubModel(r.key, hub_copy(r, cache), *asked.get(r.key, ())) for r in rows)
    return HubReport(cache, free_bytes(cache), models)


def fetch_ahead(catalog: ModelCatalog, tell: Callable[[str], None]) -> bool:
    """Download all enabled hub models one after the other; whether all are here now."""
    from arena.engine.hub import DownloadFailed, obtain
    from arena.engine.loading.progress import ThrottledReport

    whole = True
    for row in filter(is_hub_model, catalog.enabled()):
        say = partial(_say, tell, row.key)
        try:
            copy = obtain(row, on_progress=ThrottledReport(say))
            say(f"here, commit {copy.commit}")
        except DownloadFailed as failed:
            whole = False
            say(str(failed))
    return whole


def _say(tell: Callable[[str], None], key: str, text: str) -> None:
    tell(f"{key}: {text}")


def hub_lines(report: HubReport | None) -> Iterator[str]:
    """Yield the report in words."""
    if report is None:
        return
    yield f"\nFiles of the hub: {report.cache}, {size_text(report.free_bytes)} free"
    width = max(len(model.key) for model in report.models)
    for model in report.models:
        yield f"{model.key.ljust(width)}  {_state(model)}".rstrip()
    missing = sum(model.missing_bytes or 0 for model in report.models)
    if missing > report.free_bytes:
        lacking = size_text(missing - report.free_bytes)
        yield f"The downloads need {size_text(missing)}: {lacking} are missing on this disk"


def hub_document(report: HubReport | None) -> dict[str, Any] | None:
    """Return the report as JSON-able values; sizes in bytes."""
    if report is None:
        return None
    models = [
        {
            "key": model.key,
            "complete": model.here.complete,
            "commit": model.here.commit,
            "here_bytes": model.here.size_bytes,
            "missing_bytes": model.missing_bytes,
            "problem": model.problem,
        }
        for model in report.models
    ]
    return {"cache": str(report.cache), "free_bytes": report.free_bytes, "models": models}


def _answers(rows: list[ModelRow]) -> dict[str, tuple[int | None, str | None]]:
    """Ask the hub for all models at once: missing bytes, or what is wrong."""
    from arena.engine.hub import DownloadFailed, download_size, hub_access

    hub = hub_access()

    def answer(row: ModelRow) -> tuple[int | None, str | None]:
        try:
            return download_size(row, hub).missing_bytes, None
        except DownloadFailed as failed:
            return None, str(failed)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip((row.key for row in rows), pool.map(answer, rows), strict=True))


def _state(model: HubModel) -> str:
    here, size = model.here, size_text(model.here.size_bytes)
    if here.commit is not None:
        state = f"here, {size}, commit {short_commit(here.commit)}"
    else:
        state = f"begun, {size} here" if here.size_bytes else "not downloaded"
    if model.missing_bytes:
        state += f", {size_text(model.missing_bytes)} to download"
    return f"{state}: {model.problem}" if model.problem else state
