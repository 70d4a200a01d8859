"""Who is calling, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from arena.domain.errors import NotAllowed, Refusal

AnnotatorId = NewType("AnnotatorId", int)

GUEST = "guest-"
CROWD = "crowd-"
NAMELESS = (GUEST, CROWD)
"""How names begin that the arena gives, to guests and people from a crowd; the rest is random."""


class AccountRole(StrEnum):
    """Rights of an account."""

    ANNOTATOR = "annotator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a request, as the session table knows it."""

    id: AnnotatorId
    name: str
    role: AccountRole

    @property
    def is_admin(self) -> bool:
        """Whether the caller administers the arena."""
        return self.role is AccountRole.ADMIN

    @property
    def is_named(self) -> bool:
        """Whether somebody has chosen the name, so that it can be signed in under."""
        return not self.name.startswith(NAMELESS)


def require_admin(caller: Caller | None) -> Caller:
    """Return the caller if an admin; raise `NotAllowed` otherwise."""
    if caller is None:
        raise NotAllowed(Refusal.NOT_SIGNED_IN)
    if not caller.is_admin:
        raise NotAllowed(Refusal.NOT_ALLOWED)
    return caller
