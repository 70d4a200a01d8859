"""Passwords that are none: too short, or among the first that everybody tries."""

import string

from arena.domain.errors import BadInput, Refusal

SHORTEST_PASSWORD = 8

_TRIED_FIRST = frozenset(
    {
        *("admin", "administrator", "root", "user", "guest", "test", "demo", "default", "example"),
        *("password", "passwort", "passw0rd", "pass", "pwd", "secret", "letmein", "welcome"),
        *("changeme", "changeit", "change-me", "change_me", "change", "hello", "login", "master"),
        *("access", "abc", "abcd", "qwerty", "qwertz", "azerty", "asdf", "qwertyuiop"),
        *("arena", "arenaadmin", "adminarena", "annotator", "annotators", "leaderboard"),
        *("battle", "chatbot", "chatbotarena", "mypassword"),
        *("your-password", "yourpassword", "your_password"),
    }
)
"""Words of lists of leaked passwords, of documentation, and of this product."""

_ENDINGS = string.digits + string.punctuation
_ROWS = ("01234567890123456789", "98765432109876543210")


def is_tried_first(password: str) -> bool:
    """Return whether a password is a well-known word, with digits behind it or not, or a row.

    A row is one character again and again, or digits in order.
    """
    plain = password.strip().lower()
    return (
        plain.rstrip(_ENDINGS) in _TRIED_FIRST
        or plain in _TRIED_FIRST
        or len(set(plain)) <= 1
        or any(plain in row for row in _ROWS)
    )


def require_length(password: str) -> None:
    """Raise `BadInput(PASSWORD_TOO_SHORT)` with the `limit` for a password under 8 characters."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(Refusal.PASSWORD_TOO_SHORT, limit=SHORTEST_PASSWORD)


def require_own(password: str) -> None:
    """Raise `BadInput` for a password that is too short or that everybody tries first."""
    require_length(password)
    if is_tried_first(password):
        raise BadInput(Refusal.PASSWORD_TRIED_FIRST)
