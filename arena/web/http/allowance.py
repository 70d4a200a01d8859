"""How often one person, and one network address, may do something that costs."""

from dataclasses import dataclass

from arena.domain.accounts import Caller
from arena.domain.errors import Refusal, Unavailable
from arena.web.http.rate_limit import RateLimit


@dataclass(frozen=True, slots=True)
class Allowance:
    """Two limits at once; `refusal` is what is said beyond either, with the seconds to wait.

    Whose limit it was is not told: people behind one address share it. Only what was done is
    counted, afterwards: a second click costs nobody a vote.
    """

    by_address: RateLimit
    by_person: RateLimit
    refusal: Refusal

    def require(self, caller: Caller, address: str) -> None:
        """Raise `Unavailable` with `seconds` if this was done too often."""
        wait_s = max(self.by_person.wait_s(_key(caller)), self.by_address.wait_s(address))
        if wait_s:
            raise Unavailable(self.refusal, seconds=wait_s)

    def count(self, caller: Caller, address: str) -> None:
        """Count that it was done."""
        self.by_person.take(_key(caller))
        self.by_address.take(address)


def _key(caller: Caller) -> str:
    return str(caller.id)
