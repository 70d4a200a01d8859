"""The battle page: layout, handlers and the wires between them."""

from typing import Any

import gradio as gr
from gradio.events import Dependency

from arena.domain.localized import DEFAULT_LANGUAGE
from arena.web.battle.elsewhere import ElsewhereHandlers
from arena.web.battle.handlers import BattleHandlers
from arena.web.battle.layout import BattleLayout, build_layout
from arena.web.battle.parts import BattleParts
from arena.web.battle.screen import BattleScreen
from arena.web.battle.vote_handlers import VoteHandlers
from arena.web.common.tab_title import tab_titles
from arena.web.common.texts import gradio_texts

_MOST_EVENTS = 1000


def build_battle_page(parts: BattleParts) -> gr.Blocks:
    """Return the Gradio app, ready to be mounted."""
    i18n = gradio_texts(parts.texts)
    blocks: gr.Blocks
    with gr.Blocks(
        title=tab_titles(parts.texts)[DEFAULT_LANGUAGE],
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, 3600),
    ) as blocks:
        slots, examples = parts.battles.rules.mode.slots, len(parts.some_examples(None))
        layout = build_layout(
            i18n, slots=slots, examples=examples, categories=parts.site.categories
        )
        screen = BattleScreen(layout)
        elsewhere = ElsewhereHandlers(parts, screen)
        handlers, votes = BattleHandlers(parts, layout, screen), VoteHandlers(parts, screen)
        _wire(blocks, layout, handlers, votes, elsewhere)
    blocks.max_threads = _MOST_EVENTS
    blocks.queue(default_concurrency_limit=None, max_size=_MOST_EVENTS)
    return blocks


_SCRIPTS = (
    "columns",
    "box",
    "announcements",
    "elsewhere",
    "sending",
    "turning",
    "dock",
    "digits",
    "keys",
    "phone",
)


def battle_head(root_path: str) -> str:
    """Return the page's style sheets and scripts, which run before Gradio builds the page."""
    static = f"{root_path}/arena-static"
    sheets = "".join(
        f'<link rel="stylesheet" href="{static}/{name}.css">' for name in ("answers", "battle")
    )
    scripts = "".join(f'<script src="{static}/{name}.js"></script>' for name in _SCRIPTS)
    return sheets + scripts


_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "preprocess": False,
    "postprocess": False,
}
_SINGLE = _QUIET | {"trigger_mode": "once"}
_SENDS = "(...sent) => window.arenaPage?.sends?.(...sent) ?? sent"
"""What is sent before the page's script has come is sent as it is."""


def _wire(
    blocks: gr.Blocks,
    layout: BattleLayout,
    handlers: BattleHandlers,
    votes: VoteHandlers,
    elsewhere: ElsewhereHandlers,
) -> None:
    """Events that begin something show that at once, then follow the battle frame by frame.

    What handlers return is what the browser gets, and what they are given is what the gate has
    validated (`gradio_values`). Gradio's own processing would take a thread for each value of an
    event, three for each frame, and dedents the models' answers.
    """
    shown = layout.shown
    fresh = [*layout.reveals, *layout.reasons, layout.refusal, layout.comment, layout.verdict]
    fresh += [layout.recognised]
    frame = [layout.view, *layout.answers, shown]
    begun = [*fresh, *frame, layout.first_prompt, layout.follow_ups]
    empty = [*begun, *layout.examples, layout.welcome, layout.category, layout.language]
    status = [layout.status, layout.ticker]
    compose = [layout.prompt, shown, layout.category, layout.language]

    layout.ticker.tick(handlers.tick, None, status, **_QUIET)
    layout.stop.click(handlers.stop, shown, layout.refusal, **_SINGLE)
    leaving = _SINGLE | {"js": "arenaPage.leaves"}
    left = layout.new_battle.click(handlers.new_battle, None, empty, **leaving)
    layout.vote_earlier.click(handlers.vote_earlier, shown, begun, **_SINGLE)
    tick = _QUIET | {"trigger_mode": "always_last"}
    layout.recognised.input(handlers.recognise, [shown, layout.recognised], layout.refusal, **tick)
    layout.look.click(elsewhere.look, shown, begun, **_SINGLE)
    _wire_votes(layout, votes, [*fresh, layout.view, shown])
    for button in layout.examples:
        button.click(None, button, layout.prompt, js="arenaPage.takeExample", **_QUIET)

    whole = [layout.header, *layout.titles, *empty, *status]
    loaded = blocks.load(handlers.load, None, whole, **_QUIET)
    returning = _SINGLE | {"js": "arenaPage.returns"}
    returned = layout.undo.click(handlers.undo, None, begun, **returning)
    _tell_when_ended("arenaPage.turned", loaded, left, returned, told=layout.view)
    sends = [layout.send.click, layout.prompt.submit]
    sending = _SINGLE | {"js": _SENDS}
    sent = gr.on(sends, handlers.send, compose, begun, **sending)
    ended = "(refusal) => window.arenaPage?.promptEnded?.(refusal)"
    sent.success(None, layout.refusal, js=ended, **_QUIET)
    sent.failure(None, None, js="() => window.arenaPage?.promptReturns?.()", **_QUIET)
    beginnings = [
        loaded,
        sent,
        layout.retry.click(handlers.retry, shown, begun, **_SINGLE),
        layout.continue_cut.click(handlers.continue_cut, shown, begun, **_SINGLE),
        returned,
    ]
    for beginning in beginnings:
        beginning.then(handlers.follow, shown, frame, **_QUIET)


def _wire_votes(layout: BattleLayout, votes: VoteHandlers, voted: list[Any]) -> None:
    """Let the page's script know when a vote begins to be saved, and when that has ended."""
    saving = _SINGLE | {"js": "arenaPage.voteBegins"}
    marked = [layout.shown, layout.recognised]
    ballot = [layout.shown, layout.verdict, layout.recognised, layout.comment, *layout.reasons]
    submits = [layout.submit.click, layout.comment.submit]
    commits = [gr.on(submits, votes.submit, ballot, voted, **saving)]
    for verdict, button in layout.vote_buttons.items():
        cast = votes.vote_with(verdict)
        if votes.ask_reasons:
            button.click(cast, marked, voted, **_SINGLE)
        else:
            commits.append(button.click(cast, marked, voted, **saving))
    _tell_when_ended("arenaPage.voteEnded", *commits)


def _tell_when_ended(script: str, *events: Dependency, told: gr.HTML | None = None) -> None:
    """Call a function of the page's script, with a value, when an event has ended somehow."""
    for event in events:
        event.then(None, told, js=script, **_QUIET)
        event.failure(None, told, js=script, **_QUIET)
