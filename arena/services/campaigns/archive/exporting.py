"""Writes the archive of a campaign, from one snapshot of the database."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import BattlePurpose
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.rows import board_document
from arena.services.board.suspicious_addresses import implausible_hours
from arena.services.campaigns.archive.derived import Counted, board_files
from arena.services.campaigns.archive.figures import FigureOf
from arena.services.campaigns.archive.files import (
    ADDRESS_HOURS,
    ANNOTATORS,
    BALLOTS,
    CAMPAIGN,
    FORMAT,
    ITEMS,
    MODELS,
    PROMPTS,
    README,
    REPLIES,
    VERSIONS,
)
from arena.services.campaigns.archive.lines import encoded
from arena.services.campaigns.archive.pseudonymous import (
    invited,
    pseudonymous,
    whole_campaign,
    without_places,
)
from arena.services.campaigns.archive.readme import readme
from arena.services.campaigns.archive.tallies import Tally
from arena.services.campaigns.archive.writing import ArchiveWriter
from arena.services.campaigns.finding import required
from arena.services.pseudonyms import Pseudonyms
from arena.storage.addresses import HourOfAddress, annotators_in
from arena.storage.boards import model_names
from arena.storage.campaigns.archive.ballots import archived_ballots
from arena.storage.campaigns.archive.heads import (
    archived_annotators,
    archived_campaign,
    archived_hours,
    archived_items,
    archived_models,
    archived_prompts,
    people_of,
    schema_revision,
)
from arena.storage.campaigns.archive.records import ArchivedCampaign, ArchivedModel, ArchivedPrompt
from arena.storage.campaigns.archive.replies import archived_places
from arena.storage.chain.checking import chain_head
from arena.storage.database import Connection, Database
from arena.storage.imports import annotators_called


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written: ballots that count, repeats and check items, and annotators."""

    ballots: int
    repeats: int
    checks: int
    annotators: int


class ArchiveExports:
    """Archives of one database's campaigns. Blocking; for commands on the machine.

    `software` names the versions of what computes the board, such as `python` and `numpy`.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        pseudonyms: Pseudonyms,
        figure_of: FigureOf,
        software: Mapping[str, str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._pseudonyms = pseudonyms
        self._figure_of = figure_of
        self._software = software

    def write(self, name: str, target: IO[bytes]) -> Exported:
        """Write the archive of a campaign to an empty file that can be sought and read.

        Ballots and replies are streamed: a million take no more memory than a thousand, apart from
        what the statistics of the board take.

        Raises:
            CampaignRefused: There is no such campaign, or it has no file.
        """
        with self._database.reading() as connection, ArchiveWriter(target) as archive:
            number = required(connection, name).id
            hours = _hours(connection, number)
            people = self._people(connection, number, hours)
            counted = Counted(connection, number, name, people)
            return self._write(archive, counted, hours)

    def _people(
        self, connection: Connection, campaign_id: int, hours: frozenset[HourOfAddress]
    ) -> dict[int, str]:
        found = {*people_of(connection, campaign_id), *annotators_in(connection, hours)}
        return {account: self._pseudonyms.of(AnnotatorId(account)) for account in sorted(found)}

    def _write(
        self, archive: ArchiveWriter, counted: Counted, hours: frozenset[HourOfAddress]
    ) -> Exported:
        connection, number, people = counted.connection, counted.campaign_id, counted.people
        board, tally, now = counted.board(), Tally(), self._clock.now()
        prompts = tuple(archived_prompts(connection, number))
        campaign = self._campaign(counted, prompts)

        def add(name: str, records: Iterable[Any]) -> None:
            archive.add(name, encoded(name, records))

        archive.add(VERSIONS, [self._versions(connection, now)])
        add(CAMPAIGN, [campaign])
        add(PROMPTS, prompts)
        add(MODELS, _models(connection, number, board))
        add(REPLIES, tally.places(archived_places(connection, number)))
        add(ANNOTATORS, archived_annotators(connection, number, people))
        add(ADDRESS_HOURS, archived_hours(connection, hours, people))
        add(ITEMS, archived_items(connection, number))
        add(BALLOTS, tally.ballots(archived_ballots(connection, number, people)))
        figures = counted.figures(board, self._figure_of, now.date(), drawn=True)
        for name, chunks in (counted.comparisons(), *board_files(board), *figures):
            archive.add(name, chunks)
        whole = whole_campaign(campaign.versions[-1].document, prompts)
        archive.add(README, readme(whole, tally, board_document(board), exported_at=now))
        return Exported(
            ballots=tally.votes[BattlePurpose.JUDGED],
            repeats=tally.votes[BattlePurpose.REPEAT],
            checks=tally.votes[BattlePurpose.CHECK],
            annotators=len(tally.voters),
        )

    def _campaign(self, counted: Counted, prompts: tuple[ArchivedPrompt, ...]) -> ArchivedCampaign:
        stored = archived_campaign(counted.connection, counted.campaign_id, counted.people)
        known = annotators_called(counted.connection, invited(stored))
        names = {
            name: self._pseudonyms.of(known[name]) if name in known else f"invited-{place}"
            for place, name in enumerate(invited(stored), start=1)
        }
        return pseudonymous(stored, prompts, names)

    def _versions(self, connection: Connection, now: datetime) -> bytes:
        told = {
            "format": FORMAT,
            "exported_at": now.isoformat(),
            "schema": schema_revision(connection),
            "chain": str(chain_head(connection) or ""),
            **self._software,
        }
        return json.dumps(told, indent=2).encode() + b"\n"


def _models(
    connection: Connection, campaign_id: int, board: DetailedBoard
) -> Iterable[ArchivedModel]:
    """Yield models under the names that the board shows: others of the arena may share them."""
    names = {**model_names(connection), **board.board.names}
    for model in archived_models(connection, campaign_id):
        yield without_places(replace(model, name=names[ModelKey(model.key)]))


def _hours(connection: Connection, campaign_id: int) -> frozenset[HourOfAddress]:
    """Return the hours of addresses that make annotators of a campaign suspects."""
    own = {*people_of(connection, campaign_id)}
    hours = implausible_hours(connection)
    return frozenset(hour for hour in hours if own & annotators_in(connection, [hour]))
