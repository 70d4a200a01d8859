"""Small pieces of HTML: header, notices, model cards. `Markup.format` escapes what is put in."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from arena.domain.accounts import Caller
from arena.domain.battle import slot_letter
from arena.services.battle.voting import ModelCard
from arena.web.common.site import NO_WORDS, SiteWords
from arena.web.common.texts import link_to

Words = Mapping[str, str]
NOTHING = Markup("")


def joined(pieces: Iterable[Markup]) -> Markup:
    """Return the pieces one after the other."""
    return NOTHING.join(pieces)


def header(
    words: Words,
    *,
    here: str,
    caller: Caller | None,
    sign_out: str,
    more: Markup = NOTHING,
    judges: bool = False,
) -> Markup:
    """Return the line at the top of every page, with the current page marked.

    `sign_out` is the token without which the form does not end the session; `more` stands before
    the account. `judges` is whether the caller has something to judge in a campaign. Then, and for
    who signed in, their name takes the place of the sign-in, so that nobody judges as somebody
    else.
    """
    places = [("battle", "/"), ("leaderboard", "/leaderboard")]
    if judges:
        places.append(("evaluate", "/evaluate"))
    if caller is not None and caller.is_admin:
        places.append(("admin", "/admin/"))
    return Markup(
        '<header class="top"><a class="brand" href="{home}">{title}</a>'
        "<nav>{links}</nav>{more}{account}</header>"
    ).format(
        home=link_to(words, "/"),
        title=words["app.title"],
        links=joined(
            _link(words[f"nav.{name}"], link_to(words, path), current=name == here)
            for name, path in places
        ),
        more=more,
        account=_account(words, caller, sign_out, judges=judges),
    )


def _link(text: str, url: str, *, current: bool) -> Markup:
    mark = Markup(' aria-current="page"') if current else NOTHING
    return Markup('<a href="{}"{}>{}</a>').format(url, mark, text)


def _account(words: Words, caller: Caller | None, sign_out: str, *, judges: bool) -> Markup:
    if caller is not None and caller.is_named and not caller.is_admin:
        own = Markup('<a class="account who" href="{}">{}</a>')
        return own.format(link_to(words, "/account"), caller.name)
    if judges and caller is not None and not caller.is_admin:
        return Markup('<span class="account who">{}</span>').format(caller.name)
    if caller is None or not caller.is_admin:
        sign_in = Markup('<a class="account" href="{}">{}</a>')
        return sign_in.format(link_to(words, "/login"), words["nav.sign_in"])
    return Markup(
        '<form class="account" method="post" action="{}">'
        '<input type="hidden" name="token" value="{}">'
        '<button type="submit">{}</button></form>'
    ).format(link_to(words, "/logout"), sign_out, words["nav.sign_out"])


def notice(text: str, kind: str) -> Markup:
    """Return one sentence about the whole arena."""
    return Markup('<p class="notice {}">{}</p>').format(kind, text) if text else NOTHING


def refusal(text: str, kind: str = "final") -> Markup:
    """Return why a request was refused; screen readers read it at once."""
    return Markup('<p class="notice refusal {}" role="alert">{}</p>').format(kind, text)


def slot_title(words: Words, letter: str) -> Markup:
    """Return the anonymous heading of a column."""
    return Markup('<h2 class="slot-title"><span class="letter">{}</span>{}</h2>').format(
        letter, words["battle.slot"].format(letter=letter)
    )


def slot_switch(slots: int) -> Markup:
    """Return the switch that chooses the shown column on a phone; elsewhere it is hidden."""
    button = Markup(
        '<button type="button" data-show-slot="{}" aria-pressed="{}">{}'
        '<span class="unread" hidden></span></button>'
    )
    letters = map(slot_letter, range(slots))
    return Markup('<div class="slot-switch">{}</div>').format(
        joined(
            button.format(letter.lower(), "false" if number else "true", letter)
            for number, letter in enumerate(letters)
        )
    )


def welcome(words: Words, site: SiteWords = NO_WORDS) -> Markup:
    """Return what the page says before the first prompt: the operator's words, or its own."""
    steps = (Markup("<li>{}</li>").format(words[f"battle.how_{number}"]) for number in (1, 2, 3))
    own = Markup("<p>{}</p>").format(words["battle.welcome_text"])
    return Markup('<section class="welcome"><h2>{}</h2>{}<ol>{}</ol>{}{}</section>').format(
        words["battle.welcome"],
        Markup('<div class="operator">{}</div>').format(site.welcome) if site.welcome else own,
        joined(steps),
        _guidelines(words, site),
        contact_line(words, site),
    )


def _guidelines(words: Words, site: SiteWords) -> Markup:
    if not site.guidelines:
        return NOTHING
    return Markup(
        '<details class="guidelines"><summary>{}</summary><div class="operator">{}</div></details>'
    ).format(words["battle.guidelines"], site.guidelines)


def contact_line(words: Words, site: SiteWords) -> Markup:
    """Return whom to ask, if the operator says so."""
    if not site.contact:
        return NOTHING
    return Markup('<p class="contact">{} {}</p>').format(words["battle.contact"], site.contact)


def model_card(words: Words, card: ModelCard) -> Markup:
    """Return who answered in a slot, shown in place of its anonymous heading."""
    return Markup(
        '<article class="card{winning}"><h2 class="slot-title"><span class="letter">{slot}</span>'
        '<span class="name">{name}</span></h2><p class="facts">{license}<code>{key}</code>{links}'
        "{about}</p>{badge}</article>"
    ).format(
        winning=" winner" if card.winner else "",
        slot=card.slot,
        name=card.name,
        badge=_badge(words) if card.winner else "",
        about=_about(card.description),
        key=card.key,
        license=_license(words, card.license) if card.license else "",
        links=joined(_outside(name, url) for name, url in card.links.items()),
    )


def _about(description: str) -> Markup:
    if not description:
        return NOTHING
    return Markup('<span class="about" title="{0}">{0}</span>').format(description)


def _badge(words: Words) -> Markup:
    return Markup('<span class="badge">{}</span>').format(words["reveal.winner"])


def _license(words: Words, name: str) -> Markup:
    return Markup("<span>{}</span>").format(words["reveal.license"].format(license=name))


def _outside(name: str, url: str) -> Markup:
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, name)
