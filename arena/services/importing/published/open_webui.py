"""Open WebUI's feedback: a thumb up or down for one model beside others that answered as well.

Its own leaderboard counts a thumb as a win or a loss against each of `sibling_model_ids`; so does
this. Thumbs for a model that answered alone compare nothing. In which order answers stood is told
by `modelIdx` in the snapshot of the chat; without a snapshot names stand in alphabetical order.

Source: https://github.com/open-webui/open-webui (backend/open_webui/models/feedbacks.py and
routers/evaluations.py)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, Record
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.messages import cell_value
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.published.open_webui_chats import Chat
from arena.services.importing.rows import ExcludedRow, ExclusionReason, ImportedRow, ImportedTurn

VERDICTS = {"1": Verdict.A_BETTER, "-1": Verdict.B_BETTER}
COLUMNS = Columns(
    required=("id", "user_id", "type", "data"), optional=("meta", "snapshot", "created_at")
)
_DATA = Columns(required=("rating", "model_id"), optional=("sibling_model_ids", "comment"))


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    data, meta = (_mapping(fields, column) for column in ("data", "meta"))
    siblings = data.get("sibling_model_ids")
    if fields.text("type") != "rating" or not isinstance(siblings, list) or not siblings:
        yield ExcludedRow(fields.line, ExclusionReason.OTHER_EVENT)
        return
    rated = Fields(Record(fields.line, data), _DATA)
    won = rated.one_of("rating", VERDICTS) is Verdict.A_BETTER
    model, number = rated.name("model_id"), fields.name("id")
    fields.faults += rated.faults
    chat = Chat.of(_mapping(fields, "snapshot"), str(meta.get("message_id")))
    for sibling in dict.fromkeys(map(str, siblings)):
        pair = chat.in_order(model, sibling)
        yield vote_on_pair(
            fields,
            VoteFormat.OPEN_WEBUI,
            (number, model, sibling),
            annotator=fields.name("user_id"),
            models=pair,
            verdict=Verdict.A_BETTER if won == (pair[0] == model) else Verdict.B_BETTER,
            outcome=rated.cell("rating"),
            turns=_turns(chat, pair, number),
            comment=str(data.get("comment") or ""),
            at=fields.moment("created_at"),
        )


def _mapping(fields: Fields, column: str) -> Mapping[str, Any]:
    value = cell_value(fields, column)
    return value if isinstance(value, dict) else {}


def _turns(chat: Chat, pair: tuple[str, str], number: str) -> Sequence[ImportedTurn]:
    """Return what was asked, with the two answers where the snapshot has both."""
    if not chat.prompts:
        return (ImportedTurn(f"open-webui feedback {number}"),)
    *earlier, last = chat.prompts
    both = tuple(chat.replies[name] for name in pair if name in chat.replies)
    return (*map(ImportedTurn, earlier), ImportedTurn(last, both if len(both) == len(pair) else ()))
