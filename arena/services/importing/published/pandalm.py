"""The test set of PandaLM: one row has the verdicts of several people on two responses.

`cmp_key` names the models, `opt-7b_pythia-6.9b`: the first gave response1. `annotator1`,
`annotator2` and so on are 1 or 2 for the better response, 0 for similar ones.

Source: https://github.com/WeOpenML/PandaLM (data/testset-v1.json, README.md)
"""

import re
from collections.abc import Iterator

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.rows import ImportedRow, ImportedTurn

VERDICTS = {"0": Verdict.TIE, "1": Verdict.A_BETTER, "2": Verdict.B_BETTER}
_ANNOTATOR = re.compile(r"annotator\d+")
COLUMNS = Columns(
    required=("cmp_key", "instruction", "response1", "response2"),
    optional=("idx", "input", "motivation_app"),
)


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the verdicts of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    models = _models(fields)
    asked = [fields.text("instruction"), fields.text("input")]
    prompt = "\n\n".join(text for text in asked if text.strip())
    replies = fields.text("response1"), fields.text("response2")
    people = [name for name in fields.present if _ANNOTATOR.fullmatch(name)]
    if not people:
        fields.fault("annotator1", "is missing: add the verdict of at least one person")
    for person in people:
        given = fields.raw(person) != ""
        yield vote_on_pair(
            fields,
            VoteFormat.PANDALM,
            (fields.text("idx"), *models, prompt, *replies, person),
            annotator=person,
            models=models,
            verdict=fields.one_of(person, VERDICTS) if given else None,
            outcome=fields.cell(person),
            turns=(ImportedTurn(prompt, replies),),
            category=fields.text("motivation_app").strip() or None,
        )


def _models(fields: Fields) -> tuple[str, str]:
    names = [name.strip() for name in fields.name("cmp_key").split("_")]
    if len(names) != 2 or not all(names):
        fields.fault("cmp_key", "should be two names with one _ between them")
        return ("", "")
    return names[0], names[1]
