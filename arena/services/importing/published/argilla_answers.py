"""Answers of people to the questions of an Argilla record, in all three shapes of its exports."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

from arena.services.importing.fields import Fields
from arena.services.importing.messages import cell_value, objects

_USERS = ".responses.users"


class Answer(NamedTuple):
    """What one user answered; `status` is empty where the export does not tell it."""

    user: str
    value: Any
    status: str = ""


def answers_by_question(fields: Fields) -> Mapping[str, Sequence[Answer]]:
    """Return the answers to every question of a record."""
    nested = cell_value(fields, "responses")
    if isinstance(nested, dict):
        return {name: _listed(answers) for name, answers in nested.items()}
    flat = [name.removesuffix(_USERS) for name in fields.present if name.endswith(_USERS)]
    if flat:
        return {name: _flat(fields, f"{name}.responses") for name in flat}
    suggested = [name for name in fields.present if f"{name}-suggestion" in fields.present]
    return {name: _listed(cell_value(fields, name)) for name in suggested}


def _listed(answers: Any) -> Sequence[Answer]:
    """Return a list of answers, or the lists that columnar files keep in its place."""
    if isinstance(answers, dict):
        return _zipped(*(answers.get(key) for key in ("user_id", "value", "status")))
    return [
        Answer(str(one.get("user_id") or ""), one.get("value"), str(one.get("status") or ""))
        for one in objects(answers)
    ]


def _flat(fields: Fields, column: str) -> Sequence[Answer]:
    columns = (f"{column}.users", column, f"{column}.status")
    return _zipped(*(cell_value(fields, name) for name in columns))


def _zipped(users: Any, values: Any, statuses: Any) -> Sequence[Answer]:
    if not isinstance(users, list) or not isinstance(values, list):
        return []
    told = statuses if isinstance(statuses, list) else []
    return [
        Answer(str(user or ""), value, str(status or ""))
        for user, value, status in zip(users, values, chain(told, repeat("")), strict=False)
    ]


def telling(questions: Mapping[str, Sequence[Answer]]) -> str | None:
    """Return the question about the better response: the only one, or a ranking."""
    if len(questions) == 1:
        return next(iter(questions))
    ranked = [
        name
        for name, answers in questions.items()
        if any(isinstance(answer.value, list) for answer in answers)
    ]
    return ranked[0] if len(ranked) == 1 else None
