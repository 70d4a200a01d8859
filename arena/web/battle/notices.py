"""The battle's state as an element, and the sentence about it: the page's one status region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from arena.domain.battle import Action, BattleState, BattleView, Notice
from arena.web.common.markup import NOTHING, Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the dock says: the point in bold, then what to do. `aside` is heard, not seen."""

    point: str = ""
    more: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What two controls are called in a state: the button that leaves the battle, and the box."""

    leave: str = ""
    ask: str = ""


SILENCE = Sentence()
NO_LABELS = Labels()

_OF_STATES: Mapping[BattleState, str] = {
    BattleState.GENERATING: "notice.generating",
    BattleState.COMPLETE: "notice.complete",
}
"""Names of states for which the view has no notice of its own."""

_ASKS: Mapping[BattleState, str] = {
    BattleState.STOPPED: "battle.prompt_after_vote",
    BattleState.VOTED: "battle.prompt_after_vote",
}


def labels_of(words: Words, state: BattleState) -> Labels:
    """Return what the controls are called; a battle that came to nothing cannot be skipped."""
    is_over = state in {BattleState.VOID, BattleState.VOTED}
    ask = _ASKS.get(state, "battle.prompt_next")
    return Labels(words["battle.new" if is_over else "battle.skip"], words[ask])


def labels_of_none(words: Words) -> Labels:
    """Return what the controls are called on a page without a battle."""
    return Labels(words["battle.new"], words["battle.prompt_first"])


def sentence_of(words: Words, view: BattleView) -> Sentence:
    """Return what there is to say of a battle; never about a single slot."""
    name = f"notice.{view.notice.value}" if view.notice else _OF_STATES.get(view.state)
    if name is None:
        return SILENCE
    earlier = view.notice is Notice.STOPPED and Action.VOTE_EARLIER in view.actions
    return Sentence(words[name], words.get(f"{name}_{'earlier' if earlier else 'more'}", ""))


def view_element(
    state: str,
    *,
    actions: Iterable[str] = (),
    sentence: Sentence = SILENCE,
    note: str = "",
    chosen: str = "",
    labels: Labels = NO_LABELS,
) -> Markup:
    """Return the battle's state for style sheet and script, with the sentence that goes with it.

    `actions` are what the annotator may do now; `chosen` is the verdict that was given, or that
    waits for `submit`; `note` takes the sentence's place while «I recognise a model» is ticked.
    """
    return Markup(
        '<div data-state="{state}" data-actions="{actions}" data-chosen="{chosen}"'
        ' data-leave="{labels.leave}" data-ask="{labels.ask}" role="status">{notice}</div>'
    ).format(
        state=state,
        actions=" ".join(actions),
        chosen=chosen,
        labels=labels,
        notice=_notice(state, sentence, note),
    )


def _notice(state: str, sentence: Sentence, note: str) -> Markup:
    if sentence == SILENCE:
        return NOTHING
    return Markup('<p class="notice {}"><strong>{}</strong> {}{}{}</p>').format(
        state,
        sentence.point,
        _span("more", sentence.more),
        _span("if-recognised", note),
        _span("sr-only", sentence.aside),
    )


def _span(kind: str, text: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(kind, text) if text else NOTHING
