"""Who is calling, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from arena.domain.errors import NotAllowed, Refusal

AnnotatorId = NewType("AnnotatorId", int)


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


def require_admin(caller: Caller | None) -> Caller:
    """Return the caller if an admin; raise `NotAllowed` otherwise."""
    if caller is None:
        raise NotAllowed(Refusal.NOT_SIGNED_IN)
    if not caller.is_admin:
        raise NotAllowed(Refusal.NOT_ALLOWED)
    return caller
