"""AlpacaEval's annotations: two outputs, their generators, and a preference from 1 to 2.

A preference below 1.5 is for the first output, above for the second; 1.5, and 0 in old files, is a
draw. Annotators are the names of judges, most of which are models. In which order a judge saw the
outputs is not in the file.

Source: https://github.com/tatsu-lab/alpaca_eval (results/*/*/annotations.json, and
src/alpaca_eval/metrics for the preference)
"""

from collections.abc import Iterator

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.rows import UNKNOWN_ANNOTATOR, ImportedRow, ImportedTurn

VERDICTS = {"1": Verdict.A_BETTER, "1.5": Verdict.TIE, "2": Verdict.B_BETTER}
COLUMNS = Columns(
    required=("instruction", "output_1", "output_2", "generator_1", "generator_2", "preference"),
    optional=("annotator", "dataset"),
)
_DRAW = 1.5
_OLD_DRAW = 0.0
_UNPARSED = -1.0


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the annotations of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    models = fields.name("generator_1"), fields.name("generator_2")
    instruction = fields.text("instruction")
    replies = fields.text("output_1"), fields.text("output_2")
    annotator = fields.text("annotator").strip() or UNKNOWN_ANNOTATOR
    yield vote_on_pair(
        fields,
        VoteFormat.ALPACAEVAL,
        (annotator, *models, instruction, *replies),
        annotator=annotator,
        models=models,
        verdict=_verdict(fields),
        outcome=fields.cell("preference"),
        turns=(ImportedTurn(instruction, replies),),
        category=fields.text("dataset").strip() or None,
    )


def _verdict(fields: Fields) -> Verdict | None:
    preference = fields.number("preference")
    if preference is None or preference == _UNPARSED:
        return None
    if preference in {_DRAW, _OLD_DRAW}:
        return Verdict.TIE
    if not 1 <= preference <= 2:
        fields.fault("preference", "should be a number from 1 to 2")
    return Verdict.A_BETTER if preference < _DRAW else Verdict.B_BETTER
