"""Votes of other arenas into this one: a file is imported whole or not at all."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.importing.formats import VoteFormat
from arena.services.importing.outlines import Outlines, VoteOutline
from arena.services.importing.repeats import distinct
from arena.services.importing.rows import (
    UNKNOWN_ANNOTATOR,
    ExclusionReason,
    ImportedRow,
    ImportedVote,
    RowFault,
)
from arena.services.importing.storing import Progress, diff_with_stored, store, votes_to_store
from arena.services.importing.twins import Twins
from arena.services.languages import LanguageIdentifier
from arena.storage.database import Database

_MOST_REMEMBERED = 10_000
"""Prompts whose language is not told twice."""

Read: TypeAlias = Callable[[], Iterator[ImportedRow]]
"""Reads a file from its beginning, every time it is called. Raises `UnreadableFile`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How an import goes about its file.

    A single bad row refuses the whole file unless `skip_bad_rows`. A `dry_run` does everything
    and takes it back. `merge_models` lets a model of the file be the one that has its key here.
    New votes belong to the `campaign` of that name, which is made if there is none.
    """

    dry_run: bool = False
    skip_bad_rows: bool = False
    merge_models: bool = False
    campaign: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. `refused`: nothing, because of the `faults`; else these were skipped.

    `votes`, `models`, `annotators` and `prompts` were added; `already_there` votes came with an
    earlier import; `repeated` rows say what an earlier row of the file said. Of `unsigned` votes
    the file does not say who cast them. `twins` are names that may be those of one model.
    """

    votes: int = 0
    models: int = 0
    annotators: int = 0
    prompts: int = 0
    already_there: int = 0
    repeated: int = 0
    unsigned: int = 0
    left_out: Mapping[ExclusionReason, int] = field(default_factory=dict)
    renamed: Mapping[str, ModelKey] = field(default_factory=dict)
    twins: tuple[Twins, ...] = ()
    faults: tuple[RowFault, ...] = ()
    refused: bool = False


class Imports:
    """Imports into one database, in one transaction each. For commands on the machine."""

    def __init__(
        self, database: Database, clock: Clock, *, languages: LanguageIdentifier | None = None
    ) -> None:
        self._languages = languages or LanguageIdentifier()
        self._database = database
        self._clock = clock

    def votes(
        self,
        read: Read,
        source: VoteFormat,
        options: ImportOptions = ImportOptions(),
        *,
        unit: str = "line",
        progress: Progress = lambda _done, _total: None,
    ) -> ImportReport:
        """Import the votes of a file, which is read twice: checked first, then stored.

        What is checked is kept without its texts, so that large files need little memory. Faults
        count the file in `unit`s.

        Raises `UnreadableFile` and `StorageError`; nothing is stored then.
        """
        checked = _checked(read())
        once = distinct(checked.votes, unit=unit)
        with self._database.writing() as connection:
            compared = diff_with_stored(connection, once.votes)
            faults = tuple(sorted((*checked.faults, *once.faults, *compared.faults)))
            if faults and not options.skip_bad_rows:
                return ImportReport(faults=faults, refused=True)
            stored = store(
                connection,
                compared.new,
                votes_to_store(read() if compared.new else (), compared.new),
                source,
                merge_models=options.merge_models,
                campaign=options.campaign,
                now=self._clock.now(),
                language_of=lru_cache(_MOST_REMEMBERED)(self._languages.language_of),
                progress=progress,
            )
            if options.dry_run:
                connection.rollback()
        return ImportReport(
            votes=len(compared.new),
            models=stored.models,
            annotators=stored.annotators,
            prompts=len({vote.prompt for vote in compared.new}),
            already_there=compared.already_there,
            repeated=once.repeated,
            unsigned=sum(vote.annotator == UNKNOWN_ANNOTATOR for vote in compared.new),
            left_out=checked.left_out,
            renamed=stored.renamed,
            twins=stored.twins,
            faults=faults,
        )


@dataclass(frozen=True, slots=True)
class _Checked:
    votes: tuple[VoteOutline, ...]
    faults: tuple[RowFault, ...]
    left_out: Mapping[ExclusionReason, int]


def _checked(rows: Iterator[ImportedRow]) -> _Checked:
    outlines = Outlines()
    votes: list[VoteOutline] = []
    faults: list[RowFault] = []
    left_out: Counter[ExclusionReason] = Counter()
    for row in rows:
        if isinstance(row, ImportedVote):
            votes.append(outlines.of(row))
        elif isinstance(row, RowFault):
            faults.append(row)
        else:
            left_out[row.reason] += 1
    return _Checked(tuple(votes), tuple(faults), left_out)
