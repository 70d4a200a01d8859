"""Allowances as tests need them."""

from arena.domain.errors import Refusal
from arena.web.http.allowance import Allowance
from arena.web.http.rate_limit import RateLimit


def allowance(*, address: str = "1000/minute", person: str = "1000/minute") -> Allowance:
    """As many votes as these rates let through."""
    return Allowance(RateLimit(address), RateLimit(person), Refusal.TOO_MANY_VOTES)
