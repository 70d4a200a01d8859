"""The battle page: layout, handlers and the wires between them."""

from typing import Any

import gradio as gr

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


_SCRIPTS = ("columns", "box", "announcements", "elsewhere", "dock", "keys", "phone")


def battle_head() -> str:
    """Return the page's style sheets and scripts, which run before Gradio builds the page."""
    sheets = "".join(
        f'<link rel="stylesheet" href="/arena-static/{name}.css">' for name in ("answers", "battle")
    )
    scripts = "".join(f'<script src="/arena-static/{name}.js"></script>' for name in _SCRIPTS)
    return sheets + scripts


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
    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "preprocess": False,
        "postprocess": False,
    }
    single = quiet | {"trigger_mode": "once"}
    fresh = [*layout.reveals, *layout.reasons, layout.refusal, layout.comment, layout.verdict]
    fresh += [layout.recognised]
    frame = [layout.view, *layout.answers, shown]
    begun = [*fresh, *frame, layout.first_prompt, layout.follow_ups]
    sent = [*begun, layout.prompt]
    empty = [*begun, *layout.examples, layout.welcome, layout.category, layout.language]
    status = [layout.status, layout.ticker]
    voted = [*fresh, layout.view, shown]
    compose = [layout.prompt, shown, layout.category, layout.language]
    ballot = [shown, layout.verdict, layout.recognised, layout.comment, *layout.reasons]

    layout.ticker.tick(handlers.tick, None, status, **quiet)
    layout.stop.click(handlers.stop, shown, layout.refusal, **single)
    layout.new_battle.click(handlers.new_battle, None, empty, **single)
    layout.vote_earlier.click(handlers.vote_earlier, shown, begun, **single)
    tick = quiet | {"trigger_mode": "always_last"}
    layout.recognised.input(handlers.recognise, [shown, layout.recognised], layout.refusal, **tick)
    layout.look.click(elsewhere.look, shown, begun, **single)
    saving = single | {"js": "arenaPage.voteBegins"}
    submits = [layout.submit.click, layout.comment.submit]
    commits = [gr.on(submits, votes.submit, ballot, voted, **saving)]
    for verdict, button in layout.vote_buttons.items():
        cast, marked = votes.vote_with(verdict), [shown, layout.recognised]
        if votes.ask_reasons:
            button.click(cast, marked, voted, **single)
        else:
            commits.append(button.click(cast, marked, voted, **saving))
    for commit in commits:
        commit.then(None, js="arenaPage.voteEnded", **quiet)
        commit.failure(None, js="arenaPage.voteEnded", **quiet)
    for button in layout.examples:
        button.click(None, button, layout.prompt, js="arenaPage.takeExample", **quiet)

    beginnings = [
        blocks.load(handlers.load, None, [layout.header, *layout.titles, *empty, *status], **quiet),
        gr.on([layout.send.click, layout.prompt.submit], handlers.send, compose, sent, **single),
        layout.retry.click(handlers.retry, shown, begun, **single),
        layout.continue_cut.click(handlers.continue_cut, shown, begun, **single),
        layout.undo.click(handlers.undo, None, begun, **single),
    ]
    for beginning in beginnings:
        beginning.then(handlers.follow, shown, frame, **quiet)
