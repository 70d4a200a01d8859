"""What must not be at its default where others can reach an arena."""

from collections.abc import Iterator

from arena.domain.passwords import SHORTEST_PASSWORD, is_tried_first

SHORTEST_TOKEN = 16


def weak_secrets(
    *, reached: str, admin_password: str | None, metrics_token: str | None
) -> Iterator[str]:
    """Yield what to set before the arena may start, a sentence each.

    `reached` says how others reach the page; it is empty where only this machine does. There a
    password may be missing, or one that everybody tries, but none that is refused later.
    """
    if admin_password and len(admin_password) < SHORTEST_PASSWORD:
        yield f"ARENA_ADMIN_PASSWORD needs at least {SHORTEST_PASSWORD} characters"
    elif reached and not admin_password:
        instead = "" if reached.startswith("ARENA_") else ", or listen on 127.0.0.1"
        yield (
            f"the page would be reachable from other machines ({reached}): set "
            f"ARENA_ADMIN_PASSWORD to a password of your own first{instead}"
        )
    elif reached and admin_password and is_tried_first(admin_password):
        yield (
            f"the page would be reachable from other machines ({reached}), and "
            "ARENA_ADMIN_PASSWORD is among the first that everybody tries: set another one"
        )
    if reached and metrics_token and _is_weak(metrics_token):
        yield (
            f"the page would be reachable from other machines ({reached}), and ARENA_METRICS_TOKEN "
            f"can be guessed: set {SHORTEST_TOKEN} random characters or more"
        )


def _is_weak(token: str) -> bool:
    return len(token) < SHORTEST_TOKEN or is_tried_first(token)
