"""The admin page, an app of its own: models, counts, exports, first steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from arena.domain.accounts import require_admin
from arena.domain.byte_sizes import size_text
from arena.domain.errors import ArenaError
from arena.services.exports.columns import ExportTable
from arena.services.exports.formats import ExportFormat
from arena.services.operations.overview import ModelOverview, Overview, Overviews
from arena.web.common.markup import Words, header
from arena.web.common.texts import Texts, refusal_sentence
from arena.web.http.access import Access


@dataclass(frozen=True, slots=True)
class AdminPage:
    """What the page needs from the application. `address` is where annotators go."""

    overviews: Overviews
    access: Access
    texts: Texts
    address: str

    def build(self) -> gr.Blocks:
        """The Gradio app, ready to be mounted behind an admin guard."""
        blocks: gr.Blocks
        with gr.Blocks(title="Arena · Admin", analytics_enabled=False, fill_width=True) as blocks:
            top = gr.HTML(elem_id="header")
            body = gr.HTML(elem_id="overview", apply_default_css=False)
            ticker = gr.Timer(5)
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            blocks.load(self._show, None, [top, body], **quiet)
            ticker.tick(self._show, None, [top, body], **quiet)
        blocks.queue(default_concurrency_limit=None)
        return blocks

    def _show(self, request: gr.Request) -> tuple[str, str]:
        words = self.texts.of(request.headers.get("accept-language"))
        caller = self.access.caller(request)
        top = header(
            words, here="admin", caller=caller, sign_out=self.access.sign_out_token(request)
        )
        try:
            overview = self.overviews.overview(require_admin(caller))
        except ArenaError as error:
            return top, f"<p>{escape(refusal_sentence(words, error))}</p>"
        return top, _body(words, overview, self.address)


def _body(words: Words, overview: Overview, address: str) -> str:
    steps = _first_steps(words, address) if not overview.votes else ""
    parts = (
        *(steps, _troubles(words, overview), _models(words, overview)),
        *(_counts(words, overview), _exports(words)),
    )
    return f"<main class='admin'>{''.join(parts)}</main>"


def _first_steps(words: Words, address: str) -> str:
    items = (
        words["admin.step_address"].format(address=address),
        words["admin.step_password"],
        words["admin.step_model"],
    )
    rows = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<section><h2>{escape(words['admin.first_steps'])}</h2><ol>{rows}</ol></section>"


def _models(words: Words, overview: Overview) -> str:
    heads = ("model", "key", "state", "voids", "memory", "restarts", "detail")
    rows = [
        (
            escape(model.name),
            f"<code>{escape(model.key)}</code>",
            f"<span class='state {model.state.value}'>"
            f"{escape(words[f'state.{model.state.value}'])}</span>",
            str(model.failures),
            escape(_memory(model)),
            str(model.restarts),
            escape(model.detail),
        )
        for model in overview.models
    ]
    named = [words[f"admin.{head}"] for head in heads]
    return _section(words["admin.models"], named, rows, kind="models")


def _troubles(words: Words, overview: Overview) -> str:
    """What to look after, first of all; nothing while nothing went wrong."""
    if not overview.troubles:
        return ""
    rows = [
        (
            f"{trouble.at:%Y-%m-%d %H:%M:%S}",
            escape(words[f"trouble.{trouble.kind.value}"]),
            escape(trouble.detail),
        )
        for trouble in overview.troubles
    ]
    heads = [words[f"admin.{head}"] for head in ("when", "what", "detail")]
    return _section(words["admin.troubles"], heads, rows)


def _memory(model: ModelOverview) -> str:
    """What the model's engine holds; nothing for a model on another machine."""
    held = (("RAM", model.ram_bytes), ("GPU", model.gpu_bytes))
    return " · ".join(f"{name} {size_text(size)}" for name, size in held if size)


def _counts(words: Words, overview: Overview) -> str:
    rows = [
        (escape(words[f"battle_state.{state.value}"]), f"{count:,}")
        for state, count in overview.battles.items()
    ]
    return _section(words["admin.battles"], [], rows)


def _exports(words: Words) -> str:
    lists = "".join(f"<p class='links'>{_links(kind)}</p>" for kind in ExportFormat)
    return (
        f"<section><h2>{escape(words['admin.exports'])}</h2>"
        f"<p>{escape(words['admin.exports_hint'])}</p>{lists}</section>"
    )


def _links(kind: ExportFormat) -> str:
    files = [f"{table}.{kind}" for table in ExportTable]
    return " ".join(f'<a href="/admin/exports/{file}">{file}</a>' for file in files)


def _section(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "plain"
) -> str:
    """A table; on a phone, cells of a `models` table stand below each other, each with its head."""
    head = "".join(f"<th scope='col'>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{_cells(heads, row)}</tr>" for row in rows)
    return (
        f"<section class='{kind}'><h2>{escape(title)}</h2><div class='scroll'><table>"
        f"{f'<thead><tr>{head}</tr></thead>' if heads else ''}<tbody>{body}</tbody>"
        "</table></div></section>"
    )


def _cells(heads: Sequence[str], row: Sequence[str]) -> str:
    names = heads or [""] * len(row)
    return "".join(
        f"<td data-head='{escape(name)}'>{cell}</td>" for name, cell in zip(names, row, strict=True)
    )
