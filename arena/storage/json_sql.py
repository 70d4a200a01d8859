"""What SQLite and PostgreSQL spell differently in a query: JSON as rows, and times as numbers."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Integer,
    Select,
    TableValuedAlias,
    Text,
    cast,
    column,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def listed(numbers: Collection[int]) -> Select[tuple[int]]:
    """Return a query for numbers passed as one JSON value: a statement takes few parameters."""
    found = _Elements(literal(json.dumps(sorted(numbers)))).table_valued(column("value", Integer))
    return select(cast(found.c.value, Integer))


def listed_words(words: Collection[str]) -> Select[tuple[str]]:
    """Return a query for words passed as one JSON value."""
    found = _Elements(literal(json.dumps(sorted(words)))).table_valued(column("value", Text))
    return select(found.c.value)


def places_in(array: ColumnElement[Any], name: str) -> TableValuedAlias:
    """Return rows with the places in a stored JSON array, as `key`, from 0."""
    return _Places(array).table_valued(column("key", Integer), name=name)


def is_choice(
    document: ColumnElement[Any], question: ColumnElement[str], answer: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return whether a stored campaign file offers an answer to a question with choices."""
    return _IsChoice(document, question, answer)


def days_since_1970(moment: ColumnElement[Any]) -> ColumnElement[float]:
    """Return a stored time in days, with fractions."""
    return _Days(moment)


class _Elements(FunctionElement[Any]):
    inherit_cache = True
    name = "elements"


class _Places(FunctionElement[Any]):
    inherit_cache = True
    name = "places"


class _IsChoice(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()


class _Days(FunctionElement[float]):
    inherit_cache = True
    type = Float()


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> list[str]:
    return [compiler.process(clause, **how) for clause in element.clauses]


@compiles(_Elements, "sqlite")
@compiles(_Places, "sqlite")
def _each(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    (array,) = _arguments(element, compiler, **how)
    return f"json_each({array})"


@compiles(_Elements, "postgresql")
def _server_elements(element: _Elements, compiler: SQLCompiler, **how: Any) -> str:
    (array,) = _arguments(element, compiler, **how)
    return f"json_array_elements_text(CAST({array} AS json))"


@compiles(_Places, "postgresql")
def _server_places(element: _Places, compiler: SQLCompiler, **how: Any) -> str:
    (array,) = _arguments(element, compiler, **how)
    return f"LATERAL (SELECT generate_series(0, json_array_length({array}) - 1) AS key)"


@compiles(_IsChoice, "sqlite")
def _choice(element: _IsChoice, compiler: SQLCompiler, **how: Any) -> str:
    document, question, answer = _arguments(element, compiler, **how)
    return (
        f"EXISTS (SELECT 1 FROM json_each({document}, '$.questions') AS question"
        " JOIN json_each(question.value, '$.choices') AS choice"
        " WHERE json_extract(question.value, '$.kind') = 'choice'"
        f" AND json_extract(question.value, '$.name') = {question}"
        f" AND choice.key = {answer})"
    )


@compiles(_IsChoice, "postgresql")
def _server_choice(element: _IsChoice, compiler: SQLCompiler, **how: Any) -> str:
    document, question, answer = _arguments(element, compiler, **how)
    return (
        f"EXISTS (SELECT 1 FROM json_array_elements({document} -> 'questions') AS question"
        " WHERE question.value ->> 'kind' = 'choice'"
        f" AND question.value ->> 'name' = {question}"
        f" AND question.value -> 'choices' -> {answer} IS NOT NULL)"
    )


@compiles(_Days, "sqlite")
def _days(element: _Days, compiler: SQLCompiler, **how: Any) -> str:
    (moment,) = _arguments(element, compiler, **how)
    return f"(julianday({moment}) - julianday('1970-01-01'))"


@compiles(_Days, "postgresql")
def _server_days(element: _Days, compiler: SQLCompiler, **how: Any) -> str:
    (moment,) = _arguments(element, compiler, **how)
    return f"(CAST(EXTRACT(EPOCH FROM {moment}) AS double precision) / 86400)"
