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
    """What the page's script says in a state.

    `leave` and `ask` are what two controls are called: the button that leaves the battle, and the
    box. `saving` and `lost` are said while a vote is saved, and without a connection.
    """

    leave: str = ""
    ask: str = ""
    saving: str = ""
    lost: str = ""


SILENCE = Sentence()
NO_LABELS = Labels()
NO_NOTES: Mapping[str, str] = {}

_OF_STATES: Mapping[BattleState, str] = {
    BattleState.GENERATING: "notice.generating",
    BattleState.COMPLETE: "notice.complete",
}
"""Names of states for which the view has no notice of its own."""

_ASKS: Mapping[BattleState, str] = {
    BattleState.STOPPED: "battle.prompt_after_vote",
    BattleState.VOTED: "battle.prompt_after_vote",
}


def labels_of(words: Words, state: BattleState, *, turns: int = 1) -> Labels:
    """Return what the script says of a battle; one that came to nothing cannot be skipped.

    The next prompt takes the place of a stopped turn: of the whole battle if it is the first.
    """
    is_over = state in {BattleState.VOID, BattleState.VOTED}
    ask = _ASKS.get(state, "battle.prompt_next")
    if state is BattleState.STOPPED and turns > 1:
        ask = "battle.prompt_instead"
    return _labels(words, "battle.new" if is_over else "battle.skip", ask)


def labels_of_none(words: Words, *, skipped: bool = False) -> Labels:
    """Return what the script says on a page without a battle."""
    ask = "battle.prompt_after_vote" if skipped else "battle.prompt_first"
    return _labels(words, "battle.new", ask)


def _labels(words: Words, leave: str, ask: str) -> Labels:
    return Labels(words[leave], words[ask], words["vote.saving"], words["status.lost"])


def prompt_limit(words: Words, most: int) -> Markup:
    """Return what the script says while the box holds more than `most` characters.

    The script writes the number that it holds into the sentence.
    """
    return Markup('<template id="prompt-limit" data-most="{}">{}</template>').format(
        most, words["notice.prompt_too_long"].format(length="{length}", limit=f"{most:,}")
    )


def sentence_of(words: Words, view: BattleView) -> Sentence:
    """Return what there is to say of a battle; never about a single slot."""
    name = f"notice.{view.notice.value}" if view.notice else _OF_STATES.get(view.state)
    if name is None:
        return SILENCE
    earlier = view.notice is Notice.STOPPED and Action.VOTE_EARLIER in view.actions
    return Sentence(words[name], words.get(f"{name}_{'earlier' if earlier else 'more'}", ""))


def notes_of(words: Words, view: BattleView) -> Mapping[str, str]:
    """Return what is said instead of what to do, by class, while it holds.

    «I recognise a model» is ticked, or the box stands over the votes.
    """
    if Action.VOTE not in view.actions:
        return NO_NOTES
    return {
        "if-recognised": words["vote.recognised_note"],
        "if-covered by-key": words["notice.covered"],
        "if-covered by-touch": words["notice.covered_touch"],
    }


def view_element(
    state: str,
    *,
    actions: Iterable[str] = (),
    sentence: Sentence = SILENCE,
    notes: Mapping[str, str] = NO_NOTES,
    chosen: str = "",
    labels: Labels = NO_LABELS,
) -> Markup:
    """Return the battle's state for style sheet and script, with the sentence that goes with it.

    `actions` are what the annotator may do now; `chosen` is the verdict that was given, or that
    waits for `submit`; `notes` are texts by class: each takes the place of what there is to do
    while the style sheet finds that it holds.
    """
    return Markup(
        '<div data-state="{state}" data-actions="{actions}" data-chosen="{chosen}"'
        ' data-leave="{labels.leave}" data-ask="{labels.ask}" data-saving="{labels.saving}"'
        ' data-lost="{labels.lost}" role="status">{notice}</div>'
    ).format(
        state=state,
        actions=" ".join(actions),
        chosen=chosen,
        labels=labels,
        notice=_notice(state, sentence, notes),
    )


def _notice(state: str, sentence: Sentence, notes: Mapping[str, str]) -> Markup:
    if sentence == SILENCE:
        return NOTHING
    return Markup('<p class="notice {}"><strong>{}</strong> {}{}{}</p>').format(
        state,
        sentence.point,
        _span("more", sentence.more),
        Markup("").join(_span(kind, note) for kind, note in notes.items()),
        _span("sr-only", sentence.aside),
    )


def _span(kind: str, text: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(kind, text) if text else NOTHING
