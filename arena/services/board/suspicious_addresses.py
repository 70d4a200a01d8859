"""Annotators with implausible voting rates from one address, and hashes of addresses."""

import hmac
from dataclasses import replace

from arena.domain.accounts import AnnotatorId
from arena.domain.board import BoardFilter
from arena.statistics.suspicious_addresses import DEFAULT_LIMITS, AddressHour, implausible
from arena.storage.addresses import (
    CastInHour,
    HourOfAddress,
    annotators_in,
    annotators_of_busy,
    busy_hours,
)
from arena.storage.database import Connection

_PURPOSE = b"arena: network addresses of sessions"
_DIGITS = 32


class AddressHashes:
    """Keyed hashes of addresses, which cannot be reversed without the arena's key.

    The holder of the key can: there are only four billion addresses. So a hash is a pseudonym, kept
    with the sessions and nowhere else.
    """

    def __init__(self, export_key: bytes) -> None:
        self._key = hmac.digest(export_key, _PURPOSE, "sha256")

    def of(self, address: str) -> str | None:
        """Return the hash of an address as `client_address` spells it; None if it is not known."""
        if not address:
            return None
        return hmac.digest(self._key, address.encode(), "sha256").hex()[:_DIGITS]


def suspects(connection: Connection) -> frozenset[AnnotatorId]:
    """Return annotators who voted in an hour in which their address cast more than people can."""
    return annotators_in(connection, implausible_hours(connection))


def implausible_hours(connection: Connection) -> tuple[HourOfAddress, ...]:
    """Return the hours in which an address cast more votes than people can."""
    limits = DEFAULT_LIMITS
    hours = busy_hours(connection, least_votes=limits.least_votes, few_votes=limits.few_votes)
    return tuple(hour.of for hour in hours if implausible(_seen(hour)))


def resolved(
    connection: Connection,
    board_filter: BoardFilter,
    suspected: frozenset[AnnotatorId] | None = None,
) -> BoardFilter:
    """Fill in the annotators whom the filter leaves out, for the snapshot of the connection.

    `suspected` are its suspects where they are known already.
    """
    if not board_filter.leaves_out_addresses:
        return board_filter
    left_out: frozenset[AnnotatorId] = frozenset()
    if board_filter.without_one_address:
        left_out = suspects(connection) if suspected is None else suspected
    if board_filter.votes_per_address is not None:
        left_out |= annotators_of_busy(connection, board_filter.votes_per_address)
    return replace(board_filter, left_out=left_out)


def _seen(hour: CastInHour) -> AddressHour:
    minutes = (hour.last_at - hour.first_at).total_seconds() / 60
    return AddressHour(hour.votes, hour.annotators, hour.passing, minutes)
