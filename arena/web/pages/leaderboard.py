"""The leaderboard page: an app of its own, since its choices and tables hold model names."""

from collections.abc import Callable
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

CallerOf = Callable[[gr.Request], Caller | None]
TextsFor = Callable[[gr.Request], Texts]

_CSS = Path(__file__).parents[1] / "static" / "leaderboard.css"
_ALL = ""


def build_leaderboard(
    leaderboards: Leaderboards, *, caller_of: CallerOf, texts_for: TextsFor
) -> gr.Blocks:
    """The page for mounting at `/leaderboard`.

    Nothing is in it before the first request: choices and numbers come from `load`, after the
    service has checked the caller.
    """
    page: gr.Blocks
    with gr.Blocks(title="Arena", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")
        title = gr.HTML(elem_id="leaderboard-title", apply_default_css=False)
        with gr.Row(visible=False, elem_id="leaderboard-filters") as filters:
            baseline = _dropdown("leaderboard-baseline")
            category = _dropdown("leaderboard-category")
            language = _dropdown("leaderboard-language")
            flagged = gr.Checkbox(value=False, elem_id="leaderboard-flagged", min_width=160)
        board = gr.HTML(elem_id="leaderboard-board", apply_default_css=False)

        def show(
            model: str | None,
            chosen_category: str | None,
            chosen_language: str | None,
            include_flagged: bool,  # noqa: FBT001 - the value of a check box
            request: gr.Request,
        ) -> dict[Any, Any]:
            texts = texts_for(request)
            chosen = BoardFilter(
                category=chosen_category or None,
                language=chosen_language or None,
                include_flagged=bool(include_flagged),
            )
            heading = {title: f"<h1>{escape(texts['leaderboard.title'])}</h1>"}
            caller = caller_of(request)
            try:
                found = leaderboards.board(caller, chosen)
                choices = leaderboards.choices(caller)
            except NotAllowed as error:
                sentence = texts[f"leaderboard.{error.refusal.value}"]
                message = render_message(texts["leaderboard.refused"], sentence)
                return heading | {filters: gr.update(visible=False), board: message}
            return heading | {
                filters: gr.update(visible=_worth_filtering(found, choices)),
                baseline: _models(found, model, texts),
                category: _values("category", choices.categories, chosen_category, texts),
                language: _values("language", choices.languages, chosen_language, texts),
                flagged: gr.update(label=texts["leaderboard.filter.flagged"]),
                board: render_board(found, ModelKey(model) if model else None, texts),
            }

        inputs = [baseline, category, language, flagged]
        outputs = [title, filters, *inputs, board]
        gr.on(
            [
                page.load,
                baseline.input,
                category.input,
                language.input,
                flagged.input,
            ],
            show,
            inputs,
            outputs,
            show_progress="hidden",
            api_visibility="private",
        )
    return page


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
