"""The admin page, an app of its own: models, counts, exports, first steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from arena.domain.accounts import require_admin
from arena.domain.byte_sizes import size_text
from arena.domain.errors import ArenaError
from arena.domain.localized import DEFAULT_LANGUAGE
from arena.services.exports.columns import ExportTable
from arena.services.exports.formats import ExportFormat
from arena.services.operations.overview import ModelOverview, Overview, Overviews
from arena.services.operations.recent import share
from arena.web.admin.frame import menu
from arena.web.admin.recent_parts import recent_part
from arena.web.common.markup import NOTHING, Words, header, joined
from arena.web.common.tab_title import tab_titles
from arena.web.common.texts import Texts, link_to, refusal_sentence
from arena.web.http.access import Access
from arena.web.leaderboard.parts.numbers import NONE, percent

_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class AdminPage:
    """What the page needs from the application. `address` is where annotators go."""

    overviews: Overviews
    access: Access
    texts: Texts
    address: str

    def build(self) -> gr.Blocks:
        """Return the Gradio app, ready to be mounted behind an admin guard."""
        blocks: gr.Blocks
        title = tab_titles(self.texts, "admin.title")[DEFAULT_LANGUAGE]
        with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
            top = gr.HTML(elem_id="header")
            body = gr.HTML(elem_id="overview", apply_default_css=False)
            ticker = gr.Timer(5)
            quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            blocks.load(self._show, None, [top, body], **quiet)
            ticker.tick(self._show, None, [top, body], **quiet)
        blocks.queue(default_concurrency_limit=None)
        return blocks

    def _show(self, request: gr.Request) -> tuple[Markup, Markup]:
        words = self.texts.of(request.headers.get("accept-language"))
        caller = self.access.caller(request)
        top = header(
            words, here="admin", caller=caller, sign_out=self.access.sign_out_token(request)
        )
        try:
            overview = self.overviews.overview(require_admin(caller))
        except ArenaError as error:
            return top, Markup("<p>{}</p>").format(refusal_sentence(words, error))
        return top, _body(words, overview, self.address)


def _body(words: Words, overview: Overview, address: str) -> Markup:
    steps = NOTHING if overview.votes else _first_steps(words, address)
    parts = (
        *(steps, _recent_failures(words, overview), recent_part(words, overview)),
        *(_models(words, overview), _counts(words, overview), _exports(words)),
    )
    return Markup("<div class='admin'>{}<h1>{}</h1>{}</div>").format(
        menu(words, "overview"), words["admin.title"], joined(parts)
    )


def _first_steps(words: Words, address: str) -> Markup:
    items = (
        words["admin.step_address"].format(address=address),
        words["admin.step_password"],
        words["admin.step_model"],
    )
    rows = joined(Markup("<li>{}</li>").format(item) for item in items)
    return Markup("<section><h2>{}</h2><ol>{}</ol></section>").format(
        words["admin.first_steps"], rows
    )


def _models(words: Words, overview: Overview) -> Markup:
    heads = (
        *("model", "key", "state", "requests", "speed", "cut", "failed"),
        *("voids", "memory", "restarts", "detail"),
    )
    rows = [
        (
            model.name,
            Markup("<code>{}</code>").format(model.key),
            _state(words, model),
            f"{model.answering} / {model.waiting}",
            _speed(model),
            percent(share(model.recent.cut, model.recent.shown)),
            percent(share(model.recent.failed, model.recent.shown)),
            str(model.failures),
            _memory(model),
            str(model.restarts),
            _detail(words, model),
        )
        for model in overview.models
    ]
    named = [words[f"admin.{head}"] for head in heads]
    return _section(words["admin.models"], named, rows, kind="models")


def _state(words: Words, model: ModelOverview) -> Markup:
    state = model.state.value
    return Markup("<span class='state {}'>{}</span>").format(state, words[f"state.{state}"])


def _speed(model: ModelOverview) -> str:
    """Return the tokens in a second of a reply, its wait for the first one included."""
    done = model.recent
    return f"{done.tokens / done.seconds:.1f}" if done.seconds else NONE


def _detail(words: Words, model: ModelOverview) -> str:
    """Return why a model's last reply failed, what it is doing, and what is wrong with others."""
    notes: list[str] = []
    failure, found = model.last_failure, model.control_tokens
    if failure is not None:
        key = "admin.last_failure" if failure.in_a_row == 1 else "admin.last_failures"
        when = f"{failure.at:{_TIME}}"
        said = words[key].format(count=failure.in_a_row, when=when)
        notes.append(Markup("<strong>{}</strong> {}").format(said, failure.sentence))
    if model.detail or not (failure or found):
        notes.append(model.detail)
    if found is not None:
        tokens = Markup(" ").join(Markup("<code>{}</code>").format(one) for one in found.tokens)
        key = "admin.control_token_reply" if found.replies == 1 else "admin.control_token_replies"
        said = words[key].format(count=f"{found.replies:,}", when=f"{found.at:{_TIME}}")
        told = Markup("<strong>{}</strong> {}. {}")
        notes.append(told.format(said, tokens, words["admin.control_tokens_hint"]))
    return notes[0] if len(notes) == 1 else joined(map(Markup("<p>{}</p>").format, notes))


def _recent_failures(words: Words, overview: Overview) -> Markup:
    """Return what to look after, first of all; nothing while nothing went wrong."""
    if not overview.recent_failures:
        return NOTHING
    rows = [
        (
            f"{failure.at:{_TIME}}",
            words[f"failure.{failure.kind.value}"],
            failure.detail,
        )
        for failure in overview.recent_failures
    ]
    heads = [words[f"admin.{head}"] for head in ("when", "what", "detail")]
    return _section(words["admin.failures"], heads, rows)


def _memory(model: ModelOverview) -> str:
    """Return what the model's engine holds; nothing for a model on another machine."""
    held = (("RAM", model.ram_bytes), ("GPU", model.gpu_bytes))
    return " · ".join(f"{name} {size_text(size)}" for name, size in held if size)


def _counts(words: Words, overview: Overview) -> Markup:
    rows = [
        (words[f"battle_state.{state.value}"], f"{count:,}")
        for state, count in overview.battles.items()
    ]
    return _section(words["admin.battles"], [], rows)


def _exports(words: Words) -> Markup:
    lists = joined(
        Markup("<p class='links'>{}</p>").format(
            _links(words, {file: file for file in (f"{table}.{kind}" for table in ExportTable)})
        )
        for kind in ExportFormat
    )
    for_excel = _links(words, {f"{table}.csv?bom=true": table for table in ExportTable})
    return Markup(
        "<section><h2>{}</h2><p>{}</p>{}<p>{}</p><p class='links'>{}</p></section>"
    ).format(
        words["admin.exports"],
        words["admin.exports_hint"],
        lists,
        words["admin.exports_excel"],
        for_excel,
    )


def _links(words: Words, texts: Mapping[str, str]) -> Markup:
    """Return links with these texts, by the end of their address."""
    link = Markup('<a href="{}">{}</a>')
    return Markup(" ").join(
        link.format(link_to(words, f"/admin/exports/{end}"), text) for end, text in texts.items()
    )


def _section(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "plain"
) -> Markup:
    """Return a table; what is no Markup in its cells is escaped.

    On a phone, cells of a `models` table stand below each other, each with its head.
    """
    head = joined(Markup("<th scope='col'>{}</th>").format(text) for text in heads)
    return Markup(
        "<section class='{kind}'><h2>{title}</h2><div class='scroll' tabindex='0'><table>"
        "{head}<tbody>{body}</tbody></table></div></section>"
    ).format(
        kind=kind,
        title=title,
        head=Markup("<thead><tr>{}</tr></thead>").format(head) if heads else NOTHING,
        body=joined(Markup("<tr>{}</tr>").format(_cells(heads, row)) for row in rows),
    )


def _cells(heads: Sequence[str], row: Sequence[str]) -> Markup:
    names = heads or [""] * len(row)
    cell = Markup("<td data-head='{}'>{}</td>")
    return joined(cell.format(name, text) for name, text in zip(names, row, strict=True))
