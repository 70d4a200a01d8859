"""Votes of other arenas into this one: a file is imported whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.importing import arena_votes, fastchat, llmfao, mt_bench
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.repeats import distinct
from arena.services.importing.rows import ExclusionReason, ImportedRow, ImportedVote, RowFault
from arena.services.importing.storing import Progress, diff_with_stored, store
from arena.services.languages import LanguageIdentifier
from arena.storage.database import Database

_MOST_REMEMBERED = 10_000
"""Prompts whose language is not told twice."""

_READERS = {
    VoteFormat.ARENA: arena_votes.read,
    VoteFormat.LLMFAO: llmfao.read,
    VoteFormat.MT_BENCH: mt_bench.read,
    VoteFormat.FASTCHAT: fastchat.read,
}


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
    earlier import; `repeated` rows say what an earlier row of the file said.
    """

    votes: int = 0
    models: int = 0
    annotators: int = 0
    prompts: int = 0
    already_there: int = 0
    repeated: int = 0
    left_out: Mapping[ExclusionReason, int] = field(default_factory=dict)
    renamed: Mapping[str, ModelKey] = field(default_factory=dict)
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
        lines: Iterable[bytes],
        source: VoteFormat,
        reading: Reading,
        options: ImportOptions = ImportOptions(),
        *,
        progress: Progress = lambda _done, _total: None,
    ) -> ImportReport:
        """Import the votes of a file given as lines with their ends.

        Raises `UnreadableFile` and `StorageError`; nothing is stored then.
        """
        read = _sorted_out(_READERS[source](lines, reading))
        once = distinct(read.votes)
        with self._database.writing() as connection:
            compared = diff_with_stored(connection, once.votes)
            faults = tuple(sorted((*read.faults, *once.faults, *compared.faults)))
            if faults and not options.skip_bad_rows:
                return ImportReport(faults=faults, refused=True)
            stored = store(
                connection,
                compared.new,
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
            prompts=len({vote.turns[0].prompt for vote in compared.new}),
            already_there=compared.already_there,
            repeated=once.repeated,
            left_out=read.left_out,
            renamed=stored.renamed,
            faults=faults,
        )


@dataclass(frozen=True, slots=True)
class _Read:
    votes: tuple[ImportedVote, ...]
    faults: tuple[RowFault, ...]
    left_out: Mapping[ExclusionReason, int]


def _sorted_out(rows: Iterator[ImportedRow]) -> _Read:
    votes: list[ImportedVote] = []
    faults: list[RowFault] = []
    left_out: Counter[ExclusionReason] = Counter()
    for row in rows:
        if isinstance(row, ImportedVote):
            votes.append(row)
        elif isinstance(row, RowFault):
            faults.append(row)
        else:
            left_out[row.reason] += 1
    return _Read(tuple(votes), tuple(faults), left_out)
