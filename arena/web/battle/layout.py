"""The battle page's components, in reading order. Mode lives in `screen`, not here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from arena.domain.battle import slot_letter
from arena.domain.verdict import Reason, Verdict
from arena.web.battle.notices import view_element
from arena.web.common.markup import slot_switch

LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "ru", "ar", "pt", "it", "hi")
_LEFT_TO_RIGHT = (
    *(verdict for verdict in Verdict if verdict.winner == 0),
    *(verdict for verdict in Verdict if verdict.winner is None),
    *reversed([verdict for verdict in Verdict if verdict.winner == 1]),
)
VOTE_BUTTONS = {verdict: f"vote-{verdict.value.replace('_', '-')}" for verdict in _LEFT_TO_RIGHT}
"""Element ids in the order on screen, in which the keys 1, 2, 3 and so on vote."""


@dataclass(frozen=True, slots=True)
class SlotColumn:
    """Components of one slot."""

    title: gr.HTML
    reveal: gr.HTML
    answers: gr.HTML


@dataclass(frozen=True, slots=True)
class BattleLayout:
    """Every component that a handler reads or writes.

    `view` holds the battle's state as data attributes; style sheet and script show, hide and
    disable what belongs to it. An update of a component's properties makes Gradio build it anew
    (about a millisecond each), a plain value does not: frames are made of plain values.
    The script draws the answers and the prompts from their values (`columns`).
    `shown` is what the page shows (`shown_text`), `verdict` what waits for its reasons: the page
    keeps both, so that it can vote after a restart of the server as well. The script presses `look`
    to ask what has become of the battle in other windows.
    """

    header: gr.HTML
    status: gr.HTML
    ticker: gr.Timer
    welcome: gr.HTML
    first_prompt: gr.HTML
    follow_ups: gr.HTML
    columns: tuple[SlotColumn, ...]
    view: gr.HTML
    refusal: gr.HTML
    recognised: gr.Checkbox
    vote_buttons: dict[Verdict, gr.Button]
    reasons: tuple[gr.CheckboxGroup, ...]
    comment: gr.Textbox
    submit: gr.Button
    stop: gr.Button
    retry: gr.Button
    vote_earlier: gr.Button
    continue_cut: gr.Button
    undo: gr.Button
    new_battle: gr.Button
    prompt: gr.Textbox
    send: gr.Button
    category: gr.Dropdown
    language: gr.Dropdown
    examples: tuple[gr.Button, ...]
    shown: gr.Textbox
    verdict: gr.Textbox
    look: gr.Button

    @property
    def answers(self) -> list[gr.HTML]:
        """The columns' answers."""
        return [column.answers for column in self.columns]

    @property
    def titles(self) -> list[gr.HTML]:
        """The columns' anonymous headings."""
        return [column.title for column in self.columns]

    @property
    def reveals(self) -> list[gr.HTML]:
        """The columns' model cards; empty before the vote."""
        return [column.reveal for column in self.columns]


def build_layout(
    i18n: gr.I18n, *, slots: int, examples: int, categories: Sequence[str]
) -> BattleLayout:
    """Create the components inside the current Blocks, with room for that many examples."""
    header = gr.HTML(elem_id="header")
    welcome = gr.HTML(elem_id="welcome")
    example_buttons = _examples(examples)
    category, language = _options(i18n, categories)
    with gr.Column(elem_id="arena"):
        first_prompt = _drawn("prompts", "first-prompt")
        columns, follow_ups = _columns(slots)
    reasons, comment, submit = _reasons(i18n, slots)
    with gr.Column(elem_id="dock"):
        view = gr.HTML(view_element("loading"), elem_id="view")
        refusal = gr.HTML(elem_id="refusal")
        status = gr.HTML(elem_id="status")
        retry = _button(i18n("battle.retry"), "retry")
        continue_cut = _button(i18n("battle.continue"), "continue")
        vote_earlier = _button(i18n("battle.vote_earlier"), "vote-earlier")
        undo = _button(i18n("battle.undo"), "undo")
        stop = _button(i18n("battle.stop"), "stop")
        recognised = gr.Checkbox(
            label=i18n("vote.recognised"), elem_id="recognised", container=False
        )
        gr.HTML(slot_switch(slots), elem_id="switch")
        vote_buttons = _votes(i18n)
        prompt, send, new_battle = _composer(i18n)
    return BattleLayout(
        header=header,
        status=status,
        ticker=gr.Timer(2, active=False),
        welcome=welcome,
        first_prompt=first_prompt,
        follow_ups=follow_ups,
        columns=columns,
        view=view,
        refusal=refusal,
        recognised=recognised,
        vote_buttons=vote_buttons,
        reasons=reasons,
        comment=comment,
        submit=submit,
        stop=stop,
        retry=retry,
        vote_earlier=vote_earlier,
        continue_cut=continue_cut,
        undo=undo,
        new_battle=new_battle,
        prompt=prompt,
        send=send,
        category=category,
        language=language,
        examples=example_buttons,
        shown=gr.Textbox("", visible="hidden", elem_id="battle-shown"),
        verdict=gr.Textbox("", visible="hidden", elem_id="battle-verdict"),
        look=gr.Button("", visible="hidden", elem_id="look"),
    )


def _columns(slots: int) -> tuple[tuple[SlotColumn, ...], gr.HTML]:
    """Add the headings, and below them a grid of answers and follow-up prompts."""
    letters = [slot_letter(position).lower() for position in range(slots)]
    headings = []
    with gr.Row(elem_id="headings", equal_height=False):
        for letter in letters:
            with gr.Column(min_width=0, elem_id=f"heading-{letter}"):
                title = gr.HTML(elem_id=f"title-{letter}")
                headings.append((title, gr.HTML(elem_id=f"reveal-{letter}")))
    with gr.Row(elem_id="slots", equal_height=False):
        answers = [_drawn("answers", f"slot-{letter}") for letter in letters]
        follow_ups = _drawn("prompts", "follow-ups")
    columns = (
        SlotColumn(title, reveal, column)
        for (title, reveal), column in zip(headings, answers, strict=True)
    )
    return tuple(columns), follow_ups


def _drawn(what: str, elem_id: str) -> gr.HTML:
    """Add an element whose value the page's script draws (static/columns.js), once it has come."""
    draw = f"const draw = () => arenaPage.{what}(element, props, watch)"
    later = "document.addEventListener('arena-can-draw', draw, {once: true})"
    return gr.HTML(
        {},
        html_template="",
        js_on_load=f"{draw}; window.arenaPage?.{what} ? draw() : {later};",
        apply_default_css=False,
        elem_id=elem_id,
    )


def _examples(count: int) -> tuple[gr.Button, ...]:
    with gr.Column(elem_id="examples"), gr.Row():
        return tuple(
            gr.Button("", size="sm", min_width=120, elem_classes="example") for _ in range(count)
        )


def _votes(i18n: gr.I18n) -> dict[Verdict, gr.Button]:
    with gr.Row(elem_id="vote-buttons"):
        return {
            verdict: gr.Button(i18n(f"vote.{verdict.value}"), elem_id=elem_id, min_width=0)
            for verdict, elem_id in VOTE_BUTTONS.items()
        }


def _reasons(
    i18n: gr.I18n, slots: int
) -> tuple[tuple[gr.CheckboxGroup, ...], gr.Textbox, gr.Button]:
    choices = [(i18n(f"reason.{reason.value}"), reason.value) for reason in Reason]
    with gr.Column(elem_id="reasons"):
        with gr.Row(elem_id="reason-chips"):
            groups = tuple(
                gr.CheckboxGroup(
                    choices,
                    label=i18n(f"vote.reasons_for_{slot_letter(position).lower()}"),
                    elem_id=f"reasons-{slot_letter(position).lower()}",
                )
                for position in range(slots)
            )
        with gr.Row(elem_id="reason-comment"):
            comment = gr.Textbox(
                label=i18n("vote.comment"),
                placeholder=i18n("vote.comment"),
                show_label=False,
                container=False,
                lines=1,
                max_lines=4,
                elem_id="comment",
                scale=8,
            )
            submit = gr.Button(
                i18n("vote.submit"), elem_id="vote-submit", variant="primary", min_width=90
            )
    return groups, comment, submit


def _composer(i18n: gr.I18n) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    with gr.Row(elem_id="composer-row"):
        prompt = gr.Textbox(
            elem_id="prompt",
            label=i18n("battle.prompt"),
            show_label=False,
            container=False,
            placeholder=i18n("battle.prompt_first"),
            lines=1,
            max_lines=10,
            scale=8,
        )
        send = gr.Button(i18n("battle.send"), elem_id="send", variant="primary", min_width=0)
        new_battle = _button(i18n("battle.new"), "new-battle")
    return prompt, send, new_battle


def _options(i18n: gr.I18n, categories: Sequence[str]) -> tuple[gr.Dropdown, gr.Dropdown]:
    with gr.Accordion(i18n("battle.options"), open=False, elem_id="options"), gr.Row():
        category = gr.Dropdown(
            [(i18n("battle.category_none"), ""), *_choices(i18n, "category", categories)],
            value="",
            label=i18n("battle.category"),
            elem_id="category",
        )
        language = gr.Dropdown(
            [(i18n("battle.language_auto"), ""), *_choices(i18n, "language", LANGUAGES)],
            value="",
            label=i18n("battle.language"),
            elem_id="language",
        )
    return category, language


def _choices(i18n: gr.I18n, kind: str, values: Sequence[str]) -> list[tuple[Any, str]]:
    return [(i18n(f"{kind}.{value}"), value) for value in values]


def _button(text: Any, elem_id: str) -> gr.Button:
    """Add a button that only some states of a battle show."""
    return gr.Button(text, elem_id=elem_id, size="md", min_width=0)
