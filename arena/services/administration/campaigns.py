"""Campaigns as admins see and change them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from arena.domain.accounts import AnnotatorId, Caller, require_admin
from arena.domain.assignment import CampaignState
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.clock import Clock
from arena.services.administration.campaign_checks import CampaignChecks, CheckedUpload
from arena.services.administration.campaign_summaries import CampaignSummaries, CampaignSummary
from arena.services.administration.uploads import Upload
from arena.services.campaigns.creating import Campaigns, Version
from arena.services.campaigns.finding import required
from arena.services.campaigns.member_lists import MemberLists, member_file
from arena.services.campaigns.opening import MissingReplies, Openings, RepliesMissing
from arena.services.campaigns.progress import CampaignProgress, ProgressReports
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.campaigns.replies.plans import (
    CampaignReplies,
    PlaceState,
    counted,
)
from arena.services.campaigns.replies.running import BackgroundGenerations, BackgroundRun
from arena.storage.campaigns.campaigns import CampaignEvent, insert_event
from arena.storage.campaigns.history import PastEvent, history_of
from arena.storage.database import Database

_LOOKED = "looked_early"
_LOOK_LASTS = timedelta(minutes=10)
_RUNNING = (CampaignState.OPEN, CampaignState.PAUSED)


@dataclass(frozen=True, slots=True)
class ModelReplies:
    """How many replies of a model are of each kind."""

    key: str
    name: str
    imported: bool
    counts: dict[ReplyStatus, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignView:
    """All that a campaign's page shows.

    `lacking` are the replies that are not whole. `absent` are annotators whom the file names and
    who have not been here yet. `board` is whether the caller may follow the link to the board.
    `generation` is the newest one that a page began since the arena was started.
    """

    summary: CampaignSummary
    progress: CampaignProgress
    models: tuple[ModelReplies, ...]
    lacking: tuple[PlaceState, ...]
    missing: tuple[MissingReplies, ...]
    absent: tuple[str, ...]
    history: tuple[PastEvent, ...]
    board: bool
    generation: BackgroundRun | None = None


class CampaignAdministration:
    """Campaigns in the hands of admins. Blocking; raises `NotAllowed` for anybody else.

    What cannot be done raises `CampaignRefused`; doing the same twice is doing it once.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        random: Random,
        checks: CampaignChecks,
        generations: BackgroundGenerations,
    ) -> None:
        self._database = database
        self._clock = clock
        self._checks = checks
        self._generations = generations
        self._campaigns = Campaigns(database, clock)
        self._openings = Openings(database, clock, random)
        self._progress = ProgressReports(database, clock)
        self._replies = CampaignReplies(database)
        self._members = MemberLists(database)
        self._summaries = CampaignSummaries(database, clock)

    def all(self, caller: Caller | None) -> tuple[CampaignSummary, ...]:
        """Return every campaign that has a file, the newest first."""
        require_admin(caller)
        return self._summaries.all()

    def check(self, caller: Caller | None, upload: Upload) -> CheckedUpload:
        """Check files; nothing is stored.

        Raises:
            FaultyUpload: With everything that is wrong in any file.
        """
        require_admin(caller)
        return self._checks.check(upload)

    def create(self, caller: Caller | None, upload: Upload) -> tuple[str, Version]:
        """Check files and store the campaign, or its next version; return its name.

        Raises:
            FaultyUpload: With everything that is wrong in any file.
        """
        admin = require_admin(caller)
        campaign = self._checks.check(upload).found.campaign
        return campaign.name, self._campaigns.create(campaign, who=admin.id)

    def view(self, caller: Caller | None, name: str) -> CampaignView:
        """Return everything about a campaign."""
        admin = require_admin(caller)
        generation = self._generations.newest(name)  # first: replies come while the rest is read
        progress = self._progress.progress(name)
        summary = self._summaries.of(name)
        plan, places = self._replies.places(name)
        with self._database.reading() as connection:
            stored = required(connection, name)
            history = history_of(connection, stored.id)
        created = summary.state is CampaignState.CREATED
        return CampaignView(
            summary=summary,
            progress=progress,
            models=tuple(
                ModelReplies(
                    model.key,
                    model.name,
                    model.imported,
                    counted(place for place in places if place.model == model.key),
                )
                for model in plan.models
            ),
            lacking=tuple(one for one in places if one.status is not ReplyStatus.WHOLE),
            missing=self._openings.missing(name) if created else (),
            absent=progress.absent,
            history=history,
            board=self._may_look(summary.state, history, admin.id),
            generation=generation,
        )

    def member_file(self, caller: Caller | None, name: str) -> bytes:
        """Return who takes part as a CSV file, with ids of the crowd platform."""
        require_admin(caller)
        return b"".join(member_file(self._members.members(name)))

    def generate(self, caller: Caller | None, name: str) -> None:
        """Begin to generate what a campaign lacks; called on the event loop, it does not block."""
        admin = require_admin(caller)
        self._generations.start(name, who=admin.id)

    async def stop_generating(self, caller: Caller | None) -> None:
        """Stop a generation; whole replies are kept."""
        require_admin(caller)
        await self._generations.stop()

    def open(self, caller: Caller | None, name: str, *, accepted: str = "") -> None:
        """Let votes in; `accepted` is the `acceptance_of` the missing replies to be left out.

        Raises:
            RepliesMissing: Replies are missing, and these were not accepted.
        """
        admin = require_admin(caller)
        missing = self._openings.missing(name)
        accept = missing if accepted == acceptance_of(missing) else ()
        self._moved(
            name,
            CampaignState.OPEN,
            lambda: self._openings.open(name, accept_missing=accept, who=admin.id),
        )

    def pause(self, caller: Caller | None, name: str) -> None:
        """Let no votes in until the campaign is opened again."""
        admin = require_admin(caller)
        self._moved(name, CampaignState.PAUSED, lambda: self._openings.pause(name, who=admin.id))

    def close(self, caller: Caller | None, name: str) -> None:
        """End the campaign for good."""
        admin = require_admin(caller)
        self._moved(name, CampaignState.CLOSED, lambda: self._openings.close(name, who=admin.id))

    def look_early(self, caller: Caller | None, name: str) -> None:
        """Record that an admin looks at the board of a campaign that runs, once in ten minutes."""
        admin = require_admin(caller)
        with self._database.writing() as connection:
            stored = required(connection, name)
            history = history_of(connection, stored.id)
            if stored.state not in _RUNNING or self._may_look(stored.state, history, admin.id):
                return
            event = CampaignEvent(self._clock.now(), _LOOKED, admin.id, "")
            insert_event(connection, stored.id, event)

    def _may_look(
        self, state: CampaignState, history: Sequence[PastEvent], admin: AnnotatorId
    ) -> bool:
        """Return whether a campaign is over, or the admin has just said to look early."""
        if state not in _RUNNING:
            return state is CampaignState.CLOSED
        since = self._clock.now() - _LOOK_LASTS
        return any(one.kind == _LOOKED and one.who == admin and one.at >= since for one in history)

    def _moved(self, name: str, target: CampaignState, move: Callable[[], object]) -> None:
        try:
            move()
        except RepliesMissing:
            raise
        except CampaignRefused:
            with self._database.reading() as connection:
                if required(connection, name).state is not target:
                    raise


def acceptance_of(missing: Sequence[MissingReplies]) -> str:
    """Return what stands for these missing replies in a form; empty for none."""
    if not missing:
        return ""
    told = json.dumps(sorted((one.prompt_id, one.model) for one in missing))
    return hashlib.sha256(told.encode()).hexdigest()
