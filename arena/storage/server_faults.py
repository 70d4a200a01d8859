"""What is wrong with a database on a server, in one sentence that says what to change."""

_BY_STATE = {
    "25006": "{place} takes no writes ({cause}): give the address of the server that does",
    "42501": "{place}: this user may not do that ({cause}); it must own the database",
    "53100": "there is no room left for {place}: make room on the server's disk ({cause})",
    "53300": "{place} takes no more connections ({cause}): raise max_connections of the server",
    "55P03": (
        "{place} is locked by another program for longer than 10 seconds: end that program, or "
        "try again when it is done"
    ),
    "57P01": "{place} is being shut down: start the server again",
    "57P03": "{place} is starting, or being shut down: try again when it is up",
}
_BY_CLASS = {
    "28": "{place} refuses this user ({cause}): look at name and password",
    "XX": "{place} is damaged ({cause}): put a backup in its place",
}
_UNREACHED = "{place} cannot be reached ({cause}): look at the address, and whether the server runs"


def server_explanation(cause: BaseException, place: object) -> str | None:
    """Return the sentence for an error of the driver; None for one that has none."""
    words = " ".join(str(cause).split())
    state = getattr(cause, "sqlstate", None)
    if state is None:
        never = type(cause).__name__ == "OperationalError"
        return _UNREACHED.format(place=place, cause=words) if never else None
    sentence = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    return sentence and sentence.format(place=place, cause=words)
