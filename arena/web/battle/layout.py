"""The battle page's components, in reading order. Mode lives in `screen`, not here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from arena.domain.battle import slot_letter
from arena.domain.verdict import Reason, Verdict
from arena.web.common.markup import slot_switch, view_element

LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "ru", "ar", "pt", "it", "hi")
VOTE_BUTTONS = {verdict: f"vote-{verdict.value.replace('_', '-')}" for verdict in Verdict}
LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "\\[", "right": "\\]", "display": True},
    {"left": "\\(", "right": "\\)", "display": False},
    {"left": "$", "right": "$", "display": False},
]


@dataclass(frozen=True, slots=True)
class SlotColumn:
    """Components of one slot."""

    title: gr.HTML
    reveal: gr.HTML
    chat: gr.Chatbot


@dataclass(frozen=True, slots=True)
class BattleLayout:
    """Every component that a handler reads or writes.

    `view` holds the battle's state as data attributes; style sheet and script show, hide and
    disable what belongs to it. An update of a component's properties makes Gradio build it anew
    (about a millisecond each), a plain value does not: frames are made of plain values.
    `shown` is what the page shows (`shown_text`), `verdict` what waits for its reasons: the page
    keeps both, so that it can vote after a restart of the server as well.
    """

    header: gr.HTML
    status: gr.HTML
    ticker: gr.Timer
    welcome: gr.HTML
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
    continue_cut: gr.Button
    new_battle: gr.Button
    prompt: gr.Textbox
    send: gr.Button
    category: gr.Dropdown
    language: gr.Dropdown
    examples: tuple[gr.Button, ...]
    shown: gr.Textbox
    verdict: gr.Textbox

    @property
    def chats(self) -> list[gr.Chatbot]:
        """The columns' conversations."""
        return [column.chat for column in self.columns]

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
    status = gr.HTML(elem_id="status")
    welcome = gr.HTML(elem_id="welcome")
    with gr.Column(elem_id="arena"):
        columns = _columns(slots)
    view = gr.HTML(view_element("empty"), elem_id="view")
    with gr.Column(elem_id="dock"):
        refusal = gr.HTML(elem_id="refusal")
        recognised, vote_buttons = _votes(i18n)
        reasons, comment, submit = _reasons(i18n, slots)
        with gr.Row(elem_id="actions"):
            stop = _button(i18n("battle.stop"), "stop")
            retry = _button(i18n("battle.retry"), "retry")
            continue_cut = _button(i18n("battle.continue"), "continue")
            new_battle = _button(i18n("battle.new"), "new-battle")
        with gr.Column(elem_id="composer", min_width=280):
            prompt, send = _composer(i18n)
            category, language = _options(i18n, categories)
    return BattleLayout(
        header=header,
        status=status,
        ticker=gr.Timer(2, active=False),
        welcome=welcome,
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
        continue_cut=continue_cut,
        new_battle=new_battle,
        prompt=prompt,
        send=send,
        category=category,
        language=language,
        examples=_examples(examples),
        shown=gr.Textbox("", visible="hidden", elem_id="battle-shown"),
        verdict=gr.Textbox("", visible="hidden", elem_id="battle-verdict"),
    )


def _columns(slots: int) -> tuple[SlotColumn, ...]:
    columns = []
    gr.HTML(slot_switch(slots), elem_id="switch")
    with gr.Row(elem_id="slots", equal_height=False):
        for position in range(slots):
            letter = slot_letter(position)
            with gr.Column(min_width=280, elem_id=f"column-{letter.lower()}"):
                columns.append(
                    SlotColumn(
                        title=gr.HTML(elem_id=f"title-{letter.lower()}"),
                        reveal=gr.HTML(elem_id=f"reveal-{letter.lower()}"),
                        chat=_chat(letter),
                    )
                )
    return tuple(columns)


def _chat(letter: str) -> gr.Chatbot:
    return gr.Chatbot(
        elem_id=f"slot-{letter.lower()}",
        elem_classes="chat",
        show_label=False,
        container=False,
        height=None,
        layout="panel",
        autoscroll=False,
        latex_delimiters=LATEX,
        buttons=["copy"],
        feedback_options=None,
        allow_tags=False,
        group_consecutive_messages=False,
    )


def _examples(count: int) -> tuple[gr.Button, ...]:
    with gr.Column(elem_id="examples"), gr.Row():
        return tuple(
            gr.Button("", size="sm", min_width=120, elem_classes="example") for _ in range(count)
        )


def _votes(i18n: gr.I18n) -> tuple[gr.Checkbox, dict[Verdict, gr.Button]]:
    with gr.Column(elem_id="votes"):
        recognised = gr.Checkbox(
            label=i18n("vote.recognised"),
            info=i18n("vote.recognised_hint"),
            elem_id="recognised",
            container=False,
        )
        with gr.Row(elem_id="vote-buttons"):
            buttons = {
                verdict: gr.Button(i18n(f"vote.{verdict.value}"), elem_id=elem_id, min_width=90)
                for verdict, elem_id in VOTE_BUTTONS.items()
            }
    return recognised, buttons


def _reasons(
    i18n: gr.I18n, slots: int
) -> tuple[tuple[gr.CheckboxGroup, ...], gr.Textbox, gr.Button]:
    choices = [(i18n(f"reason.{reason.value}"), reason.value) for reason in Reason]
    with gr.Column(elem_id="reasons"):
        with gr.Row():
            groups = tuple(
                gr.CheckboxGroup(
                    choices,
                    label=i18n(f"vote.reasons_for_{slot_letter(position).lower()}"),
                    elem_id=f"reasons-{slot_letter(position).lower()}",
                )
                for position in range(slots)
            )
        comment = gr.Textbox(label=i18n("vote.comment"), lines=1, max_lines=4, elem_id="comment")
        submit = gr.Button(i18n("vote.submit"), elem_id="vote-submit", variant="primary")
    return groups, comment, submit


def _composer(i18n: gr.I18n) -> tuple[gr.Textbox, gr.Button]:
    with gr.Row(elem_id="composer-row"):
        prompt = gr.Textbox(
            elem_id="prompt",
            label=i18n("battle.prompt"),
            show_label=False,
            container=False,
            placeholder=i18n("battle.prompt_first"),
            lines=1,
            max_lines=10,
            autofocus=True,
            scale=8,
        )
        send = gr.Button(
            i18n("battle.send"), elem_id="send", variant="primary", scale=1, min_width=90
        )
    return prompt, send


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
    return gr.Button(text, elem_id=elem_id, size="md")
