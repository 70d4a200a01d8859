"""The battle page: layout, handlers and the wires between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import gradio as gr

from arena.services.battle.battles import Battles
from arena.services.battle.voting import Voting
from arena.web.battle.handlers import BattleHandlers
from arena.web.battle.layout import BattleLayout, Example, build_layout, choose_examples
from arena.web.battle.screen import BattleScreen
from arena.web.common.texts import Texts, gradio_texts
from arena.web.http.access import Access
from arena.web.http.address_limit import AddressLimit

_STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class BattlePage:
    """What the page needs from the application."""

    battles: Battles
    voting: Voting
    access: Access
    texts: Texts
    ready: Callable[[], bool]
    loading: Callable[[], bool]
    examples: Sequence[Example]
    random: Random
    ask_reasons: bool
    remote: bool
    turns: AddressLimit
    votes: AddressLimit
    max_events: int = 1000

    def build(self) -> gr.Blocks:
        """The Gradio app, ready to be mounted."""
        i18n = gradio_texts(self.texts)
        blocks: gr.Blocks
        with gr.Blocks(
            title="Arena", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
        ) as blocks:
            layout = build_layout(
                i18n,
                slots=self.battles.rules.mode.slots,
                examples=len(choose_examples(self.examples, self.random)),
            )
            handlers = BattleHandlers(
                layout=layout,
                screen=BattleScreen(layout, i18n),
                battles=self.battles,
                voting=self.voting,
                access=self.access,
                texts=self.texts,
                examples=partial(choose_examples, self.examples, self.random),
                ready=self.ready,
                loading=self.loading,
                ask_reasons=self.ask_reasons,
                remote=self.remote,
                turns=self.turns,
                votes=self.votes,
            )
            _wire(blocks, layout, handlers)
        blocks.max_threads = self.max_events
        blocks.queue(default_concurrency_limit=None, max_size=self.max_events)
        return blocks


def battle_head() -> str:
    """Keys and the slot switcher, for the page's head."""
    return f"<script>{(_STATIC / 'battle.js').read_text(encoding='utf-8')}</script>"


def _wire(blocks: gr.Blocks, layout: BattleLayout, handlers: BattleHandlers) -> None:
    """Events that begin something show that at once, then follow the battle frame by frame.

    What handlers return is what the browser gets. Gradio's own postprocessing would take three
    threads for each frame, and dedents the models' answers.
    """
    shown = layout.shown
    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "postprocess": False,
    }
    single = quiet | {"trigger_mode": "once"}
    fresh = [*layout.reveals, *layout.reasons, layout.refusal, layout.comment, layout.verdict]
    frame = [layout.view, *layout.chats, shown]
    begun = [*fresh, *frame, layout.prompt]
    empty = [*begun, *layout.examples, layout.recognised, layout.welcome]
    empty += [layout.category, layout.language]
    status = [layout.status, layout.ticker]
    voted = [*fresh, layout.view, shown]
    compose = [layout.prompt, shown, layout.category, layout.language]
    ballot = [shown, layout.verdict, layout.recognised, layout.comment, *layout.reasons]

    layout.ticker.tick(handlers.tick, None, status, **quiet)
    layout.stop.click(handlers.stop, shown, layout.refusal, **single)
    layout.new_battle.click(handlers.new_battle, None, empty, **single)
    for verdict, button in layout.vote_buttons.items():
        cast = handlers.vote_with(verdict)
        button.click(cast, [shown, layout.recognised], voted, **single)
    layout.submit.click(handlers.submit, ballot, voted, **single)
    for button in layout.examples:
        button.click(None, button, layout.prompt, js="(text) => text", **quiet)

    beginnings = [
        blocks.load(handlers.load, None, [layout.header, *layout.titles, *empty, *status], **quiet),
        gr.on([layout.send.click, layout.prompt.submit], handlers.send, compose, begun, **single),
        layout.retry.click(handlers.retry, shown, begun, **single),
        layout.continue_cut.click(handlers.continue_cut, shown, begun, **single),
    ]
    for beginning in beginnings:
        followed = beginning.then(handlers.follow, shown, frame, **quiet)
        followed.then(handlers.settle, [shown, layout.prompt], layout.prompt, **quiet)
