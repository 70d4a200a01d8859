"""Pydantic's errors in words that tell an administrator what to change."""

import difflib
from collections.abc import Collection, Mapping
from typing import Final

from pydantic_core import ErrorDetails

_SENTENCES: Final[dict[str, str]] = {
    "missing": "is required: add it",
    "greater_than": "must be greater than {gt:g} (it is {input!r})",
    "greater_than_equal": "must be at least {ge:g} (it is {input!r})",
    "less_than": "must be less than {lt:g} (it is {input!r})",
    "less_than_equal": "must be at most {le:g} (it is {input!r})",
    "finite_number": "must be a finite number (it is {input!r})",
    "int_type": "must be a whole number (it is {input!r})",
    "int_from_float": "must be a whole number (it is {input!r})",
    "float_type": "must be a number (it is {input!r})",
    "bool_type": "write true or false (it is {input!r})",
    "bool_parsing": "write true or false (it is {input!r})",
    "string_type": "must be text: put it in quotes (it is {input!r})",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "invalid_key": "write the key as text: put it in quotes",
    "tuple_type": "must be a list, such as [one, two] (it is {input!r})",
    "dict_type": "must be a block of `key: value` lines (it is {input!r})",
    "model_type": "must be a block of `key: value` lines (it is {input!r})",
    "value_error": "{error}",
}


def suggestion(word: object, known: Collection[str]) -> str:
    """Return «, did you mean X?» for the nearest known word, or nothing."""
    near = difflib.get_close_matches(str(word), known, n=1)
    return f", did you mean '{near[0]}'?" if near else ""


def unknown_key(
    key: object, known: Collection[str], blocks: Mapping[str, Collection[str]] | None = None
) -> str:
    """Return the sentence for a key that means nothing here, but may in one of the `blocks`."""
    near = suggestion(key, known)
    for block, names in (blocks or {}).items():
        within = difflib.get_close_matches(str(key), names, n=1)
        if within and not near:
            near = f", did you mean '{within[0]}' inside `{block}:`?"
    return f"unknown key{near or '.'} Known here: {', '.join(known)}"


def explanation(error: ErrorDetails) -> str:
    """Return the sentence for any other error."""
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        choices = str(context["expected"])
        names = choices.replace("'", "").replace(" or ", ", ").split(", ")
        return f"choose {choices} (it is {error['input']!r}){suggestion(error['input'], names)}"
    sentence = _SENTENCES.get(error["type"])
    if sentence is None:
        return error["msg"]
    return sentence.format(input=error["input"], **context)
