"""What a refusal says in a log: which, and its figures."""

from arena.domain.errors import BadInput, Conflict, Refusal


def test_a_refusal_is_its_name_and_its_figures_in_a_log() -> None:
    error = BadInput(Refusal.COMMENT_TOO_LONG, length=4001, limit=4000)
    assert str(error) == "comment_too_long (length=4001, limit=4000)"
    assert error.details == {"length": 4001, "limit": 4000}


def test_a_refusal_without_figures_is_its_name() -> None:
    assert str(Conflict(Refusal.ALREADY_VOTED)) == "already_voted"
