"""Small pieces of HTML: header, notices, model cards. Everything put in is escaped."""

from collections.abc import Iterable, Mapping
from html import escape

from arena.domain.accounts import Caller
from arena.domain.battle import slot_letter
from arena.services.battle.voting import ModelCard

Words = Mapping[str, str]


def header(words: Words, *, here: str, caller: Caller | None, sign_out: str) -> str:
    """The line at the top of every page, with the current page marked.

    `sign_out` is the token without which the form does not end the session.
    """
    places = [("battle", "/"), ("leaderboard", "/leaderboard")]
    if caller is not None and caller.is_admin:
        places.append(("admin", "/admin/"))
    links = "".join(_link(words[f"nav.{name}"], url, current=name == here) for name, url in places)
    return (
        f'<header class="top"><a class="brand" href="/">{escape(words["app.title"])}</a>'
        f"<nav>{links}</nav>{_account(words, caller, sign_out)}</header>"
    )


def _link(text: str, url: str, *, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{url}"{mark}>{escape(text)}</a>'


def _account(words: Words, caller: Caller | None, sign_out: str) -> str:
    if caller is None or not caller.is_admin:
        return f'<a class="account" href="/login">{escape(words["nav.sign_in"])}</a>'
    return (
        '<form class="account" method="post" action="/logout">'
        f'<input type="hidden" name="token" value="{escape(sign_out)}">'
        f'<button type="submit">{escape(words["nav.sign_out"])}</button></form>'
    )


def notice(text: str, kind: str) -> str:
    """One sentence about the whole battle; screen readers announce it."""
    return f'<p class="notice {escape(kind)}" role="status">{escape(text)}</p>' if text else ""


def view_element(
    state: str, *, actions: Iterable[str] = (), text: str = "", chosen: str = ""
) -> str:
    """The battle's state for style sheet and script, with the sentence that goes with it.

    `actions` are what the annotator may do now; `chosen` is a verdict that waits for `submit`.
    """
    return (
        f'<div data-state="{escape(state)}" data-actions="{escape(" ".join(sorted(actions)))}"'
        f' data-chosen="{escape(chosen)}">{notice(text, state)}</div>'
    )


def refusal(text: str) -> str:
    """Why a request was refused; screen readers read it at once."""
    return f'<p class="notice refusal" role="alert">{escape(text)}</p>'


def slot_title(words: Words, letter: str) -> str:
    """The anonymous heading of a column."""
    text = escape(words["battle.slot"].format(letter=letter))
    return f'<h2 class="slot-title"><span class="letter">{letter}</span>{text}</h2>'


def slot_switch(slots: int) -> str:
    """On a phone, which column is shown; elsewhere it is hidden."""
    buttons = "".join(
        f'<button type="button" data-show-slot="{letter.lower()}">{letter}</button>'
        for letter in map(slot_letter, range(slots))
    )
    return f'<div class="slot-switch">{buttons}</div>'


def welcome(words: Words) -> str:
    """What the page says before the first prompt."""
    steps = "".join(f"<li>{escape(words[f'battle.how_{number}'])}</li>" for number in (1, 2, 3))
    return (
        f'<section class="welcome"><h1>{escape(words["battle.welcome"])}</h1>'
        f"<p>{escape(words['battle.welcome_text'])}</p><ol>{steps}</ol></section>"
    )


def model_card(words: Words, card: ModelCard) -> str:
    """Who answered in a slot, shown in place of its anonymous heading."""
    winner = f'<span class="badge">{escape(words["reveal.winner"])}</span>' if card.winner else ""
    license_line = (
        f"<span>{escape(words['reveal.license'].format(license=card.license))}</span>"
        if card.license
        else ""
    )
    links = "".join(
        f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(name)}</a>"
        for name, url in card.links.items()
    )
    description = f"<p>{escape(card.description)}</p>" if card.description else ""
    return (
        f'<article class="card{" winner" if card.winner else ""}">'
        f'<h2><span class="letter">{card.slot}</span>{escape(card.name)}{winner}</h2>'
        f'{description}<p class="facts"><code>{escape(card.key)}</code>{license_line}{links}</p>'
        "</article>"
    )
