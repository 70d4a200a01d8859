"""The table of all formats of votes: how each is recognized, which columns it has, what reads it.

A new format is one more row here, one more `VoteFormat`, and a parser.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from arena.domain.verdict import Verdict
from arena.services.importing import arena_votes, fastchat, llmfao, mt_bench
from arena.services.importing.containers import Told, VoteFile
from arena.services.importing.files import Columns, Table, shortened
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.parsing import Records
from arena.services.importing.published import (
    alpacaeval,
    argilla,
    comparia,
    label_studio,
    lmarena,
    lmarena_55k,
    open_webui,
    pandalm,
    wmt,
)
from arena.services.importing.rows import ImportedRow

Parser: TypeAlias = Callable[[Records, Columns, Reading], Iterator[ImportedRow]]


@dataclass(frozen=True, slots=True)
class Shape:
    """Names that the columns of a format have: all of `has`, none of `lacks`, one with an ending.

    The columns of JSON are the fields of the first object.
    """

    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    ending: str = ""

    def fits(self, names: Collection[str]) -> bool:
        """Tell whether a table with these names has the shape."""
        ends = any(name.endswith(self.ending) for name in names)
        return ends and self.has <= {*names} and self.lacks.isdisjoint(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFormat:
    """One format: `shapes` tell it, `read` parses it, `verdicts` are its words for ours.

    Where `hides_addresses`, people get pseudonyms, which need a key.
    """

    title: str
    shapes: tuple[Shape, ...]
    columns: Columns
    read: Parser
    verdicts: Mapping[str, Verdict]
    has_fixed_names: bool = False
    reads_all_columns: bool = False
    hides_addresses: bool = False

    def wanted(self, reading: Reading) -> frozenset[str] | None:
        """Return the file's names of the columns that are read, None for all of them."""
        columns = self.columns.called(reading.columns)
        return None if self.reads_all_columns else frozenset(map(columns.theirs, columns.names))


def _shape(has: str, lacks: str = "", ending: str = "") -> Shape:
    return Shape(frozenset(has.split()), frozenset(lacks.split()), ending)


FORMATS: Final[Mapping[VoteFormat, KnownFormat]] = {
    VoteFormat.ARENA: KnownFormat(
        title="votes of an arena like this one",
        shapes=(
            _shape("annotator prompt verdict model_a model_b"),
            _shape("annotator prompt ranking", lacks="verdict"),
        ),
        columns=arena_votes.COLUMNS,
        read=arena_votes.read,
        verdicts=arena_votes.VERDICTS,
    ),
    VoteFormat.LLMFAO: KnownFormat(
        title="crowd votes of LLMFAO",
        shapes=(_shape("id prompt worker winner left right"),),
        columns=llmfao.COLUMNS,
        read=llmfao.read,
        verdicts=llmfao.VERDICTS,
    ),
    VoteFormat.MT_BENCH: KnownFormat(
        title="judgments of MT-bench",
        shapes=(_shape("question_id model_a model_b winner judge", lacks="anony"),),
        columns=mt_bench.COLUMNS,
        read=mt_bench.read,
        verdicts=mt_bench.VERDICTS,
    ),
    VoteFormat.FASTCHAT: KnownFormat(
        title="a FastChat log",
        shapes=(_shape("tstamp type models states"), _shape("tstamp type model state")),
        columns=fastchat.COLUMNS,
        read=fastchat.read,
        verdicts=fastchat.VERDICTS,
        has_fixed_names=True,
        reads_all_columns=True,
        hides_addresses=True,
    ),
    VoteFormat.LMARENA_55K: KnownFormat(
        title="votes of LMArena (55k)",
        shapes=(_shape("model_a model_b prompt response_a response_b winner_model_a winner_tie"),),
        columns=lmarena_55k.COLUMNS,
        read=lmarena_55k.read,
        verdicts=lmarena_55k.VERDICTS,
    ),
    VoteFormat.LMARENA: KnownFormat(
        title="votes of LMArena (33k, 100k, 140k)",
        shapes=(
            _shape("model_a model_b winner conversation_a conversation_b anony"),
            _shape("model_a model_b winner conversation_a conversation_b evaluation_order"),
        ),
        columns=lmarena.COLUMNS,
        read=lmarena.read,
        verdicts=lmarena.VERDICTS,
    ),
    VoteFormat.COMPARIA: KnownFormat(
        title="votes of compar:IA",
        shapes=(_shape("model_a_name model_b_name chosen_model_name both_equal"),),
        columns=comparia.COLUMNS,
        read=comparia.read,
        verdicts=comparia.VERDICTS,
    ),
    VoteFormat.OPEN_WEBUI: KnownFormat(
        title="feedback of Open WebUI",
        shapes=(_shape("user_id type data meta"),),
        columns=open_webui.COLUMNS,
        read=open_webui.read,
        verdicts=open_webui.VERDICTS,
        has_fixed_names=True,
    ),
    VoteFormat.ALPACAEVAL: KnownFormat(
        title="annotations of AlpacaEval",
        shapes=(_shape("instruction output_1 output_2 generator_1 generator_2 preference"),),
        columns=alpacaeval.COLUMNS,
        read=alpacaeval.read,
        verdicts=alpacaeval.VERDICTS,
    ),
    VoteFormat.PANDALM: KnownFormat(
        title="the test set of PandaLM",
        shapes=(_shape("cmp_key instruction response1 response2 annotator1"),),
        columns=pandalm.COLUMNS,
        read=pandalm.read,
        verdicts=pandalm.VERDICTS,
        reads_all_columns=True,
    ),
    VoteFormat.WMT: KnownFormat(
        title="rankings of WMT",
        shapes=(_shape("srclang trglang srcIndex system1Id system1rank system2Id system2rank"),),
        columns=wmt.COLUMNS,
        read=wmt.read,
        verdicts=wmt.VERDICTS,
        reads_all_columns=True,
    ),
    VoteFormat.LABEL_STUDIO: KnownFormat(
        title="pairs of Label Studio",
        shapes=(_shape("data annotations"),),
        columns=label_studio.COLUMNS,
        read=label_studio.read,
        verdicts=label_studio.VERDICTS,
        reads_all_columns=True,
        hides_addresses=True,
    ),
    VoteFormat.ARGILLA: KnownFormat(
        title="pairs of Argilla",
        shapes=(
            _shape("fields responses"),
            _shape("", ending=".responses.users"),
            _shape("metadata external_id", ending="-suggestion"),
        ),
        columns=argilla.COLUMNS,
        read=argilla.read,
        verdicts=argilla.VERDICTS,
        reads_all_columns=True,
    ),
}


def recognized(table: Table) -> VoteFormat:
    """Return the format whose shape a table has.

    Raises:
        UnreadableFile: It has no known shape, or that of several formats.
    """
    found = [
        name
        for name, known in FORMATS.items()
        if any(shape.fits(table.names) for shape in known.shapes)
    ]
    if len(found) == 1:
        return found[0]
    if not table.names:
        raise UnreadableFile("the file has no votes")
    there = shortened(", ".join(table.names), 300)
    looks = f"looks like {' and '.join(found)}" if found else "is in no known format"
    raise UnreadableFile(
        f"the file {looks}; its columns are {there}. Name its format with --format, and columns "
        "that are called otherwise with --columns"
    )


def votes_of_file(
    file: VoteFile, source: VoteFormat, reading: Reading, told: Told = lambda _read: None
) -> Iterator[ImportedRow]:
    """Yield the rows of a file; `told` of every piece that is read. Raises `UnreadableFile`."""
    return votes_of_table(file.table(FORMATS[source].wanted(reading), told), source, reading)


def votes_of_table(table: Table, source: VoteFormat, reading: Reading) -> Iterator[ImportedRow]:
    """Yield the rows of a table. Raises `UnreadableFile`."""
    known = FORMATS[source]
    if reading.columns and known.has_fixed_names:
        raise UnreadableFile(f"--columns is for CSV: the fields of {known.title} have fixed names")
    columns = known.columns.called(reading.columns)
    if table.has_header:
        columns.check(table.names)
    yield from known.read(table.records, columns, reading)
