"""LMArena's votes with conversations: the sets of 33k, 100k and 140k votes.

The 140k set says `both_bad` and writes messages as parts; the others say `tie (bothbad)` and write
them as texts. The voter is a `judge`, a `judge_hash`, or else the evaluation session.

Sources: https://huggingface.co/datasets/lmsys/chatbot_arena_conversations,
https://huggingface.co/datasets/lmarena-ai/arena-human-preference-100k and
https://huggingface.co/datasets/lmarena-ai/arena-human-preference-140k
"""

from collections.abc import Iterator

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.messages import cell_value, language_code, turns_of
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.rows import (
    UNKNOWN_ANNOTATOR,
    ExcludedRow,
    ExclusionReason,
    ImportedRow,
)

VERDICTS = {
    "model_a": Verdict.A_BETTER,
    "model_b": Verdict.B_BETTER,
    "tie": Verdict.TIE,
    "tie (bothbad)": Verdict.BOTH_BAD,
    "both_bad": Verdict.BOTH_BAD,
}
_VOTERS = ("judge_hash", "judge", "evaluation_session_id")
_IDS = ("id", "question_id")
_TIMES = ("tstamp", "timestamp")
_TAGS = (("math_v0.1", "math"), ("creative_writing_v0.1", "creative_writing"))
COLUMNS = Columns(
    required=("model_a", "model_b", "winner", "conversation_a", "conversation_b"),
    optional=(*_IDS, *_VOTERS, *_TIMES, "anony", "language", "is_code", "category_tag"),
)


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    if fields.raw("anony") != "" and not fields.boolean("anony"):
        yield ExcludedRow(fields.line, ExclusionReason.NOT_BLIND)
        return
    models = fields.name("model_a"), fields.name("model_b")
    annotator = _first(fields, _VOTERS)
    number, time = _first(fields, _IDS), _first(fields, _TIMES)
    yield vote_on_pair(
        fields,
        VoteFormat.LMARENA,
        (number,) if number else (*models, annotator, time, str(fields.raw("conversation_a"))),
        annotator=annotator or UNKNOWN_ANNOTATOR,
        models=models,
        verdict=fields.one_of("winner", VERDICTS),
        outcome=fields.cell("winner"),
        turns=turns_of(fields, "conversation_a", "conversation_b"),
        category=_category(fields),
        language=language_code(fields.text("language")),
        at=fields.moment("tstamp") or fields.moment("timestamp"),
    )


def _first(fields: Fields, columns: tuple[str, ...]) -> str:
    return next((word for name in columns if (word := str(fields.raw(name)).strip())), "")


def _category(fields: Fields) -> str | None:
    """Return code, math or creative writing, whichever is tagged first."""
    if fields.boolean("is_code"):
        return "code"
    tags = cell_value(fields, "category_tag")
    for group, tag in _TAGS:
        marks = tags.get(group) if isinstance(tags, dict) else None
        if isinstance(marks, dict) and marks.get(tag) is True:
            return tag.replace("_", " ")
    return None
