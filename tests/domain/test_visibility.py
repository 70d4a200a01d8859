"""Who may read the leaderboard, and who may administer."""

import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller, require_admin
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.visibility import Visibility, require_reader

ADMIN = Caller(AnnotatorId(1), "ada", AccountRole.ADMIN)
ANNOTATOR = Caller(AnnotatorId(2), "bob", AccountRole.ANNOTATOR)


@pytest.mark.parametrize(
    ("visibility", "caller"),
    [
        (Visibility.PUBLIC, None),
        (Visibility.PUBLIC, ANNOTATOR),
        (Visibility.ANNOTATORS, ANNOTATOR),
        (Visibility.ANNOTATORS, ADMIN),
        (Visibility.ADMINS, ADMIN),
    ],
)
def test_whoever_belongs_to_the_circle_may_read(
    visibility: Visibility, caller: Caller | None
) -> None:
    require_reader(caller, visibility)


@pytest.mark.parametrize(
    ("visibility", "caller", "refusal"),
    [
        (Visibility.ANNOTATORS, None, Refusal.NOT_SIGNED_IN),
        (Visibility.ADMINS, None, Refusal.NOT_SIGNED_IN),
        (Visibility.ADMINS, ANNOTATOR, Refusal.NOT_ALLOWED),
    ],
)
def test_everybody_else_learns_what_is_missing(
    visibility: Visibility, caller: Caller | None, refusal: Refusal
) -> None:
    with pytest.raises(NotAllowed) as caught:
        require_reader(caller, visibility)
    assert caught.value.refusal is refusal


def test_an_admin_is_given_back_and_nobody_else() -> None:
    assert require_admin(ADMIN) is ADMIN
    for caller, refusal in ((None, Refusal.NOT_SIGNED_IN), (ANNOTATOR, Refusal.NOT_ALLOWED)):
        with pytest.raises(NotAllowed) as caught:
            require_admin(caller)
        assert caught.value.refusal is refusal
