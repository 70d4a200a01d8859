"""The states of a campaign and of its assignments, and what a battle is for."""

from enum import StrEnum
from typing import NewType

AssignmentId = NewType("AssignmentId", str)
"""Opaque and random; the only name by which a browser knows an assignment."""


class CampaignState(StrEnum):
    """Where a campaign is: its replies are made in `created`, its votes are taken in `open`."""

    CREATED = "created"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class AssignmentState(StrEnum):
    """Where an assignment is. `skipped` and `expired` give the place back to others."""

    RESERVED = "reserved"
    JUDGED = "judged"
    SKIPPED = "skipped"
    EXPIRED = "expired"


class BattlePurpose(StrEnum):
    """What the vote on a battle tells: who answers better, or how an annotator judges.

    A repeat measures whether an annotator agrees with itself, a check whether it reads.
    """

    JUDGED = "judged"
    REPEAT = "repeat"
    CHECK = "check"
