"""What the «?» of the header opens: the operator's guidelines, and the page's keys."""

from markupsafe import Markup

from arena.domain.verdict import Verdict
from arena.web.common.markup import NOTHING, Words, contact_line, joined
from arena.web.common.site import SiteWords

_KEYS = (
    (" ".join(str(number) for number in range(1, len(Verdict) + 1)), "vote"),
    ("← →", "arrows"),
    ("Enter", "send"),
    ("Shift Enter", "newline"),
    ("Esc", "stop"),
    ("?", "help"),
)


def keys_button(words: Words) -> Markup:
    """Return the button; it opens the dialog of `keys_dialog`."""
    return Markup(
        '<button type="button" class="keys" id="keys-button" title="{0}" aria-label="{0}">?'
        "</button>"
    ).format(words["keys.open"])


def keys_dialog(words: Words, site: SiteWords) -> Markup:
    """Return the page's first heading, which is only heard, and the dialog."""
    rows = (
        Markup("<dt>{}</dt><dd>{}</dd>").format(_caps(keys), words[f"keys.{name}"])
        for keys, name in _KEYS
    )
    return Markup(
        '<h1 class="sr-only">{}</h1><dialog id="keys-dialog" aria-labelledby="keys-title">'
        '{}<h2 id="keys-title">{}</h2><dl>{}</dl>'
        '<form method="dialog"><button>{}</button></form></dialog>'
    ).format(
        words["battle.title"],
        _operator(words, site),
        words["keys.title"],
        joined(rows),
        words["keys.close"],
    )


def _operator(words: Words, site: SiteWords) -> Markup:
    contact = contact_line(words, site)
    if not site.guidelines and not contact:
        return NOTHING
    return Markup('<h2>{}</h2><div class="operator">{}</div>{}').format(
        words["battle.guidelines"], site.guidelines, contact
    )


def _caps(keys: str) -> Markup:
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(key) for key in keys.split())
