"""What the page of one campaign shows."""

import json
import shlex
from collections.abc import Iterator
from math import ceil

from arena.domain.campaign_replies import ReplyStatus
from arena.services.administration.campaigns import CampaignView, acceptance_of
from arena.services.campaigns.progress import PartProgress
from arena.services.campaigns.replies.running import BackgroundRun
from arena.services.importing.files import shortened
from arena.web.admin.campaign_parts import category_name, done_of, share_of, summary_part
from arena.web.admin.refusal_sentences import campaign_sentence
from arena.web.common.markup import Words

_MOST_LISTED = 50
_LONGEST_REASON = 200
_KNOWN = (
    *("created", "version", "imported", "replies_imported", "generated"),
    *("opened", "paused", "closed", "looked_early"),
)
"""Events that have a name."""


def campaign_part(texts: Words, view: CampaignView) -> dict[str, object]:
    """Return everything for the template."""
    summary = view.summary
    missing = [{"prompt": one.prompt_id, "model": one.model} for one in view.missing]
    return {
        "campaign": summary_part(texts, summary),
        "quoted": shlex.quote(summary.name),
        "missing": missing[:_MOST_LISTED],
        "missing_number": len(missing),
        "missing_more": max(0, len(missing) - _MOST_LISTED),
        "accepted": acceptance_of(view.missing),
        "kinds": [status.value for status in reversed(ReplyStatus)],
        "models": [
            {
                "name": model.name,
                "key": model.key,
                "imported": model.imported,
                "counts": {status.value: f"{count:,}" for status, count in model.counts.items()},
            }
            for model in view.models
        ],
        "lacking": list(_lacking(view)),
        "lacking_more": max(0, len(view.lacking) - _MOST_LISTED),
        "comparisons": f"{view.progress.comparisons:,}",
        "ranked": view.progress.comparisons != view.progress.total.judged,
        "members": list(_members(view)),
        "absent": view.absent,
        "pairs": [
            _part(texts, " – ".join(_names(view, keys)), part)
            for keys, part in view.progress.by_models.items()
        ],
        "categories": [
            _part(texts, category_name(texts, category), part)
            for category, part in view.progress.by_category.items()
        ],
        "history": list(_history(texts, view)),
        "board": view.board,
        "generation": _generation(texts, view.generation),
    }


def _generation(texts: Words, run: BackgroundRun | None) -> dict[str, object] | None:
    """Return what a generation does, or how it ended; None without one."""
    if run is None:
        return None
    return {
        "running": run.is_running,
        "sentence": _of_run(texts, run),
        "problems": _problems(texts, run),
    }


def _of_run(texts: Words, run: BackgroundRun) -> str:
    progress = run.progress
    if not run.is_running:
        done = run.outcomes or ()
        written, reused = sum(one.written for one in done), sum(one.reused for one in done)
        key = "stopped" if run.stopped else "refused" if run.refused else "ended"
        return texts[f"campaigns.generation.{key}"].format(
            written=f"{written:,}", reused=f"{reused:,}"
        )
    if progress is None:
        return texts["campaigns.generation.begins"]
    left = ""
    if progress.left_s is not None:
        left = texts["campaigns.generation.minutes"].format(minutes=ceil(progress.left_s / 60))
    said = texts["campaigns.generation.running"].format(
        done=f"{progress.all_done:,}", total=f"{progress.all_total:,}", model=progress.name
    )
    return " ".join(filter(None, (said, left, progress.note)))


def _problems(texts: Words, run: BackgroundRun) -> list[str]:
    given_up = [f"{one.name}: {one.given_up}" for one in run.outcomes or () if one.given_up]
    return [*([campaign_sentence(texts, run.refused)] if run.refused else []), *given_up]


def _lacking(view: CampaignView) -> Iterator[dict[str, object]]:
    worst_first = list(ReplyStatus)
    ordered = sorted(view.lacking, key=lambda one: (worst_first.index(one.status), one.place))
    for one in ordered[:_MOST_LISTED]:
        error = one.reply.error if one.reply else None
        yield {
            "status": one.status.value,
            "model": one.model,
            "prompt": one.prompt_id,
            "turn": one.place.turn,
            "error": shortened(error, _LONGEST_REASON) if error else "",
        }


def _members(view: CampaignView) -> Iterator[dict[str, object]]:
    for one in view.progress.members:
        yield {
            "name": one.name,
            "group": one.group or "",
            "judged": f"{one.judged:,}",
            "repeats": f"{one.repeats:,}",
            "checks": f"{one.checks:,}",
            "skipped": f"{one.skipped:,}",
            "expired": f"{one.expired:,}",
            "last": f"{one.last_at:%Y-%m-%d %H:%M}" if one.last_at else "",
        }


def _part(texts: Words, name: str, part: PartProgress) -> dict[str, object]:
    return {
        "name": name,
        "ballots": done_of(texts, part.judged, part.wanted),
        "reserved": f"{part.reserved:,}",
        "share": share_of(part.judged, part.wanted),
    }


def _names(view: CampaignView, keys: tuple[str, ...]) -> Iterator[str]:
    names = {model.key: model.name for model in view.models}
    return (names.get(key, key) for key in keys)


def _history(texts: Words, view: CampaignView) -> Iterator[dict[str, object]]:
    for one in view.history:
        known = one.kind in _KNOWN
        yield {
            "at": f"{one.at:%Y-%m-%d %H:%M}",
            "what": texts[f"campaigns.event.{one.kind}"] if known else one.kind,
            "who": one.name or texts["campaigns.command_line"],
            "detail": _detail(texts, one.kind, one.detail),
        }


def _detail(texts: Words, kind: str, detail: str) -> str:
    if kind in ("created", "version"):
        return texts["campaigns.fingerprint"].format(digits=detail[:12])
    if kind == "opened" and detail:
        number = len(json.loads(detail)["missing"])
        return texts["campaigns.left_out"].format(number=f"{number:,}")
    if kind == "replies_imported":
        facts = json.loads(detail)
        named = facts | {"models": ", ".join(facts["models"])}
        return texts["campaigns.replies_imported"].format_map(named)
    if kind == "generated":
        facts = json.loads(detail)
        said = texts["campaigns.generated"].format_map(facts)
        return f"{said}. {facts['given_up']}" if facts["given_up"] else said
    return detail
