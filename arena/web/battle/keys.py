"""The list of the page's keys, and the button that opens it."""

from markupsafe import Markup

from arena.web.common.markup import Words, joined

_KEYS = (
    ("1 2 3 4", "vote"),
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


def keys_dialog(words: Words) -> Markup:
    """Return the page's first heading, which is only heard, and the dialog with the keys."""
    rows = (
        Markup("<dt>{}</dt><dd>{}</dd>").format(_caps(keys), words[f"keys.{name}"])
        for keys, name in _KEYS
    )
    return Markup(
        '<h1 class="sr-only">{}</h1><dialog id="keys-dialog" aria-labelledby="keys-title">'
        '<h2 id="keys-title">{}</h2><dl>{}</dl>'
        '<form method="dialog"><button>{}</button></form></dialog>'
    ).format(words["battle.title"], words["keys.title"], joined(rows), words["keys.close"])


def _caps(keys: str) -> Markup:
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(key) for key in keys.split())
