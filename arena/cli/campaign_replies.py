"""The replies of a campaign in a terminal: how many of each kind, and which are lacking."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.domain.assignment import CampaignState
from arena.domain.campaign_replies import REPEATABLE, ReplyStatus
from arena.services.campaigns.replies.generating import ModelOutcome
from arena.services.campaigns.replies.plans import CampaignPlan, PlaceState, counted
from arena.services.importing.files import shortened

_MOST_LISTED: Final = 50
_LONGEST_REASON: Final = 200
_WORST_FIRST: Final = tuple(ReplyStatus)


def reply_lines(plan: CampaignPlan, places: Sequence[PlaceState]) -> Iterator[str]:
    """Yield a table of the replies by model, each that is not whole, and what can be done."""
    yield f"{plan.name}: {plan.state}, {pluralized(len(plan.prompts), 'prompt')}"
    yield ""
    yield from _table(plan, places)
    lacking = [one for one in places if one.status is not ReplyStatus.WHOLE]
    listed = sorted(lacking, key=lambda one: (_WORST_FIRST.index(one.status), one.place))
    if listed:
        yield ""
    for state in listed[:_MOST_LISTED]:
        yield _described(state)
    if len(listed) > _MOST_LISTED:
        yield f"and {len(listed) - _MOST_LISTED} more; --json lists all of them"
    yield from _advice(plan, places)


def _table(plan: CampaignPlan, places: Sequence[PlaceState]) -> Iterator[str]:
    names = [plain(model.key) + " (imported)" * model.imported for model in plan.models]
    counts = [counted(one for one in places if one.model == model.key) for model in plan.models]
    columns = [
        Column("model", names, name=True),
        *(
            Column(status.value, [str(count[status]) for count in counts])
            for status in reversed(ReplyStatus)
        ),
    ]
    yield from table_lines("Replies", columns, width=None)


def _described(state: PlaceState) -> str:
    where = f"{state.model}, prompt {plain(state.prompt_id)}, turn {state.place.turn}"
    error = state.reply.error if state.reply else None
    why = f": {plain(shortened(error, _LONGEST_REASON))}" if error else ""
    return f"{state.status}: {where}{why}"


def _advice(plan: CampaignPlan, places: Sequence[PlaceState]) -> Iterator[str]:
    imported = {model.key for model in plan.models if model.imported}
    ours = counted(one for one in places if one.model not in imported)
    theirs = counted(one for one in places if one.model in imported)
    command = f"arena campaign generate {plain(plan.name)!r}"
    if ours[ReplyStatus.MISSING]:
        yield f"Generate what is missing: {command}"
    repeatable = [status.value for status in REPEATABLE if ours[status]]
    if repeatable:
        budget = " --max-new-tokens N" if ours[ReplyStatus.CUT] or ours[ReplyStatus.EMPTY] else ""
        yield f"Ask again: {command} --again {','.join(repeatable)}{budget}"
    if theirs[ReplyStatus.MISSING]:
        yield f"Import what is missing: arena import replies FILE --campaign {plan.name!r}"
    if plan.state is CampaignState.CREATED and all(
        one.status is ReplyStatus.WHOLE for one in places
    ):
        yield f"Next: arena campaign open {plain(plan.name)!r}"


def outcome_lines(outcomes: Sequence[ModelOutcome]) -> Iterator[str]:
    """Yield what was done for each model."""
    for one in outcomes:
        facts = [f"{pluralized(one.written, 'reply', 'replies')} written"]
        if one.seconds:
            facts.append(f"in {one.seconds:.1f} s")
        if one.tokens and one.seconds:
            facts.append(f"({one.tokens / one.seconds:.0f} tokens/s)")
        line = f"{one.key}: {' '.join(facts)}, {one.reused} reused"
        yield f"{line}. Given up: {one.given_up}" if one.given_up else f"{line}."


def document_of(plan: CampaignPlan, places: Sequence[PlaceState]) -> dict[str, Any]:
    """Return the same as JSON-able values, with every reply that is not whole."""
    return {
        "campaign": plan.name,
        "state": plan.state,
        "prompts": len(plan.prompts),
        "models": [
            {
                "key": model.key,
                "name": model.name,
                "imported": model.imported,
                **{
                    status.value: count
                    for status, count in counted(
                        one for one in places if one.model == model.key
                    ).items()
                },
            }
            for model in plan.models
        ],
        "replies": [
            {
                "model": one.model,
                "prompt": one.prompt_id,
                "turn": one.place.turn,
                "status": one.status,
                "error": one.reply.error if one.reply else None,
            }
            for one in places
            if one.status is not ReplyStatus.WHOLE
        ],
    }
