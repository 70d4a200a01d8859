"""The leaderboard page: an app of its own, since its choices and tables hold model names."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from arena.domain.accounts import Caller
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed
from arena.services.leaderboard import Board, Leaderboards
from arena.storage.boards import BoardChoices, BoardFilter
from arena.web.widgets.board import Texts, render_board, render_message
from arena.web.widgets.markup import header

CallerOf = Callable[[gr.Request], Caller | None]
TextsFor = Callable[[gr.Request], Texts]

_CSS = Path(__file__).parents[1] / "static" / "leaderboard.css"
_ALL = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a request fills in; there is no model name in it before."""

    head: gr.HTML
    filters: gr.Row
    baseline: gr.Dropdown
    category: gr.Dropdown
    language: gr.Dropdown
    flagged: gr.Checkbox
    board: gr.HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardPage:
    """What the page needs from the application."""

    leaderboards: Leaderboards
    caller_of: CallerOf
    texts_for: TextsFor

    def build(self) -> gr.Blocks:
        """The Gradio app, ready to be mounted.

        Choices and numbers come from `load`, after the service has checked the caller.
        """
        page: gr.Blocks
        with gr.Blocks(title="Arena", analytics_enabled=False, fill_width=True) as page:
            layout = _layout()
            choices = [layout.baseline, layout.category, layout.language, layout.flagged]
            changes = [
                layout.baseline.input,
                layout.category.input,
                layout.language.input,
                layout.flagged.input,
            ]
            gr.on(
                [page.load, *changes],
                self._handler(layout),
                choices,
                [layout.head, layout.filters, *choices, layout.board],
                show_progress="hidden",
                api_visibility="private",
            )
        page.queue(default_concurrency_limit=None)
        return page

    def _handler(self, layout: _Layout) -> Callable[..., dict[Any, Any]]:
        """A plain function: Gradio reads its signature to hand over the request."""

        def show(
            model: str | None,
            category: str | None,
            language: str | None,
            include_flagged: bool,  # noqa: FBT001 - the value of a check box
            request: gr.Request,
        ) -> dict[Any, Any]:
            chosen = BoardFilter(
                category=category or None,
                language=language or None,
                include_flagged=bool(include_flagged),
            )
            return self._show(layout, model, chosen, request)

        return show

    def _show(
        self, layout: _Layout, model: str | None, chosen: BoardFilter, request: gr.Request
    ) -> dict[Any, Any]:
        texts = self.texts_for(request)
        caller = self.caller_of(request)
        heading = {layout.head: _heading(texts, caller)}
        try:
            found = self.leaderboards.board(caller, chosen)
            choices = self.leaderboards.choices(caller)
        except NotAllowed as error:
            return heading | _refused(layout, texts, error)
        return heading | {
            layout.filters: gr.update(visible=_worth_filtering(found, choices)),
            layout.baseline: _models(found, model, texts),
            layout.category: _values("category", choices.categories, chosen.category, texts),
            layout.language: _values("language", choices.languages, chosen.language, texts),
            layout.flagged: gr.update(label=texts["leaderboard.filter.flagged"]),
            layout.board: render_board(found, ModelKey(model) if model else None, texts),
        }


def _layout() -> _Layout:
    gr.HTML(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")
    head = gr.HTML(elem_id="header", apply_default_css=False)
    with gr.Row(visible=False, elem_id="leaderboard-filters") as filters:
        baseline = _dropdown("leaderboard-baseline")
        category = _dropdown("leaderboard-category")
        language = _dropdown("leaderboard-language")
        flagged = gr.Checkbox(value=False, elem_id="leaderboard-flagged", min_width=160)
    board = gr.HTML(elem_id="leaderboard-board", apply_default_css=False)
    return _Layout(head, filters, baseline, category, language, flagged, board)


def _heading(texts: Texts, caller: Caller | None) -> str:
    title = escape(texts["leaderboard.title"])
    return f"{header(texts, here='leaderboard', caller=caller)}<h1>{title}</h1>"


def _refused(layout: _Layout, texts: Texts, error: NotAllowed) -> dict[Any, Any]:
    sentence = texts[f"leaderboard.{error.refusal.value}"]
    message = render_message(texts["leaderboard.refused"], sentence)
    return {layout.filters: gr.update(visible=False), layout.board: message}


def _dropdown(elem_id: str) -> gr.Dropdown:
    return gr.Dropdown(choices=[("–", _ALL)], value=_ALL, elem_id=elem_id, min_width=160)


def _worth_filtering(board: Board, choices: BoardChoices) -> bool:
    return bool(board.names or choices.languages)


def _models(board: Board, chosen: str | None, texts: Texts) -> dict[str, Any]:
    keys = dict(board.names)
    if chosen:
        keys.setdefault(ModelKey(chosen), chosen)
    pairs = sorted(((name, str(key)) for key, name in keys.items()), key=lambda pair: pair[0])
    return _choices("baseline", pairs, chosen, texts)


def _values(name: str, values: tuple[str, ...], chosen: str | None, texts: Texts) -> dict[str, Any]:
    return _choices(name, [(value, value) for value in values], chosen, texts)


def _choices(
    name: str, values: list[tuple[str, str]], chosen: str | None, texts: Texts
) -> dict[str, Any]:
    label = texts[f"leaderboard.filter.{name}"]
    everything = (texts["leaderboard.filter.all"], _ALL)
    update: dict[str, Any] = gr.update(
        choices=[everything, *values], value=chosen or _ALL, label=label
    )
    return update
