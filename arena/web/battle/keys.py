"""What the «?» of the header opens: the operator's guidelines, and the page's keys."""

from dataclasses import dataclass

from markupsafe import Markup

from arena.domain.verdict import Verdict
from arena.web.common.markup import NOTHING, Words, contact_line, joined
from arena.web.common.site import SiteWords


@dataclass(frozen=True, slots=True)
class _Key:
    """Keys as written on a keyboard, the name of their sentence, and ids of what they press."""

    caps: str
    name: str
    presses: tuple[str, ...] = ()


_REASONS = _Key("6", "reasons")
_KEYS = (
    _Key(" ".join(str(number) for number in range(1, len(Verdict) + 1)), "vote"),
    _Key("← →", "arrows"),
    _Key("5", "continue", ("continue", "retry")),
    _REASONS,
    _Key("7", "copy_a", ("slot-a",)),
    _Key("8", "copy_b", ("slot-b",)),
    _Key("9", "recognised", ("recognised",)),
    _Key("0", "leave", ("new-battle",)),
    _Key("Enter", "send"),
    _Key("Shift Enter", "newline"),
    _Key("Esc", "stop", ("stop", "undo")),
    _Key("?", "help"),
)


def keys_button(words: Words) -> Markup:
    """Return the button; it opens the dialog of `keys_dialog`."""
    return Markup(
        '<button type="button" class="keys" id="keys-button" title="{0}" aria-label="{0}">?'
        "</button>"
    ).format(words["keys.open"])


def keys_dialog(words: Words, site: SiteWords, *, ask_reasons: bool) -> Markup:
    """Return the page's first heading, which is only heard, and the dialog.

    The script tells of each key at the controls that it presses.
    """
    rows = (_row(words, key) for key in _KEYS if ask_reasons or key is not _REASONS)
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


def _row(words: Words, key: _Key) -> Markup:
    presses = Markup(' data-presses="{}"').format(" ".join(key.presses)) if key.presses else NOTHING
    return Markup("<dt{}>{}</dt><dd>{}</dd>").format(
        presses, _caps(key.caps), words[f"keys.{key.name}"]
    )


def _caps(keys: str) -> Markup:
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(key) for key in keys.split())
