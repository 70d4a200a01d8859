"""What an annotator sends, read into a ballot; a form that is incomplete is refused."""

import math
from collections.abc import Sequence

from starlette.datastructures import FormData

from arena.domain.battle import Shown, slot_letter
from arena.domain.campaign import Protocol, ProtocolKind
from arena.domain.errors import BadInput, Refusal
from arena.domain.evaluation import Attention, CampaignBallot, SkipReason
from arena.domain.verdict import Reason, Verdict

MUCH, SLIGHTLY = "much", "slightly"
LEAST_SCORE, MOST_SCORE = 1, 5
_LONGEST_VIEW_S = 24 * 3600.0


def verdict_choices(protocol: Protocol) -> tuple[str, ...]:
    """Return the values of the verdicts in the order of their buttons, from A to B."""
    if not protocol.strength:
        return tuple(
            verdict.value
            for verdict in (Verdict.A_BETTER, Verdict.TIE, Verdict.BOTH_BAD, Verdict.B_BETTER)
        )
    first, last = Verdict.A_BETTER.value, Verdict.B_BETTER.value
    middle = (Verdict.TIE.value, Verdict.BOTH_BAD.value)
    return (
        *(f"{first}:{MUCH}", f"{first}:{SLIGHTLY}"),
        *middle,
        *(f"{last}:{SLIGHTLY}", f"{last}:{MUCH}"),
    )


def chosen_verdict(ballot: CampaignBallot) -> str:
    """Return the value of the verdict that a ballot holds; empty without one."""
    if ballot.verdict is None:
        return ""
    if ballot.much is None:
        return ballot.verdict.value
    return f"{ballot.verdict.value}:{MUCH if ballot.much else SLIGHTLY}"


def read_ballot(form: FormData, protocol: Protocol, *, slots: int) -> CampaignBallot:
    """Read a ballot; raises `BadInput(BALLOT_INCOMPLETE)` where something required is missing."""
    verdict, much = None, None
    ranks: tuple[int, ...] = ()
    if protocol.kind is ProtocolKind.ALL_AT_ONCE:
        ranks = tuple(_whole(form, f"rank-{_id(slot)}", 1, slots) for slot in range(slots))
    else:
        verdict, much = _verdict(form, protocol)
    scores = {
        (slot, criterion): _whole(form, f"score-{criterion}-{_id(slot)}", LEAST_SCORE, MOST_SCORE)
        for criterion in protocol.criteria
        for slot in range(slots)
    }
    return CampaignBallot(
        verdict=verdict,
        much=much,
        ranks=_without_gaps(ranks),
        scores=scores,
        reasons=_reasons(form, slots) if protocol.reasons else (),
        comment=_text(form, "comment") if protocol.comment else "",
    )


def read_draft(form: FormData, protocol: Protocol, *, slots: int) -> CampaignBallot:
    """Read as much of a ballot as there is, for a page that shows it again."""
    verdict, much = None, None
    if _text(form, "verdict") in verdict_choices(protocol):
        verdict, much = _verdict(form, protocol)
    ranks = tuple(_number(form, f"rank-{_id(slot)}") for slot in range(slots))
    scores = {
        (slot, criterion): _number(form, f"score-{criterion}-{_id(slot)}")
        for criterion in protocol.criteria
        for slot in range(slots)
    }
    return CampaignBallot(
        verdict=verdict,
        much=much,
        ranks=ranks if any(ranks) else (),
        scores=scores,
        reasons=_reasons(form, slots),
        comment=_text(form, "comment"),
    )


def read_shown(form: FormData) -> Shown | None:
    """Read what the page showed."""
    battle_id, _, digest = _text(form, "shown").partition(" ")
    return Shown(battle_id, digest) if digest else None  # type: ignore[arg-type]


def read_attention(form: FormData, *, slots: int) -> Attention:
    """Read what the page's script saw of the reading, nothing where it makes no sense."""
    depths = [_measured(form, f"depth-{_id(slot)}", most=1.0) for slot in range(slots)]
    known = tuple(depth for depth in depths if depth is not None)
    return Attention(
        visible_s=_measured(form, "visible_s", most=_LONGEST_VIEW_S),
        scroll_depths=known if len(known) == slots else (),
    )


def read_skip(form: FormData) -> tuple[SkipReason, str]:
    """Read why an item is skipped; raises `BadInput(BALLOT_INCOMPLETE)` without a reason."""
    reason = _text(form, "reason")
    if reason not in set(SkipReason):
        raise BadInput(Refusal.BALLOT_INCOMPLETE)
    return SkipReason(reason), _text(form, "words")


def _verdict(form: FormData, protocol: Protocol) -> tuple[Verdict, bool | None]:
    chosen = _text(form, "verdict")
    if chosen not in verdict_choices(protocol):
        raise BadInput(Refusal.BALLOT_INCOMPLETE)
    name, _, strength = chosen.partition(":")
    return Verdict(name), strength == MUCH if strength else None


def _without_gaps(ranks: Sequence[int]) -> tuple[int, ...]:
    """Return ranks as they count, 1, 2, 2, 4: whoever gives 2, 3, 3, 5 means the same."""
    return tuple(1 + sum(other < rank for other in ranks) for rank in ranks)


def _reasons(form: FormData, slots: int) -> tuple[tuple[int, Reason], ...]:
    return tuple(
        (slot, Reason(value))
        for slot in range(slots)
        for value in form.getlist(f"reason-{_id(slot)}")
        if value in set(Reason)
    )


def _whole(form: FormData, name: str, least: int, most: int) -> int:
    number = _number(form, name)
    if not least <= number <= most:
        raise BadInput(Refusal.BALLOT_INCOMPLETE)
    return number


def _number(form: FormData, name: str) -> int:
    text = _text(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def _measured(form: FormData, name: str, *, most: float) -> float | None:
    try:
        value = float(_text(form, name))
    except ValueError:
        return None
    return value if math.isfinite(value) and 0.0 <= value <= most else None


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _id(slot: int) -> str:
    return slot_letter(slot).lower()
