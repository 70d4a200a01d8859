"""Example prompts: a JSON list of objects with `prompt`, `language` and perhaps `category`."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from arena.catalog.arena_config import Example
from arena.catalog.explanations import explanation, suggestion, unknown_key


class ExamplesError(ValueError):
    """A file of examples was refused; `faults` has a sentence for each thing to change."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def read_examples(path: Path, categories: Collection[str]) -> tuple[Example, ...]:
    """Return the examples of a file, whose categories must be among those given.

    Raises:
        ExamplesError: With everything that is wrong, rows counted from 1.
    """
    rows = _rows(path)
    examples, faults = [], []
    for number, row in enumerate(rows, 1):
        try:
            example = Example.model_validate(row)
        except ValidationError as invalid:
            faults += [f"{path}: example {number}: {fault}" for fault in _sentences(invalid)]
            continue
        examples.append(example)
        if example.category is not None and example.category not in categories:
            hint = suggestion(example.category, categories)
            faults.append(
                f"{path}: example {number}: category: {example.category!r} is none of "
                f"{', '.join(categories)}{hint}"
            )
    if faults:
        raise ExamplesError(tuple(faults))
    return tuple(examples)


def _rows(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExamplesError((f"{path} cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise ExamplesError((f"{path} is not UTF-8 text",)) from error
    except json.JSONDecodeError as error:
        raise ExamplesError((f"{path}:{error.lineno}: not valid JSON: {error.msg}",)) from error
    if not isinstance(rows, list) or not rows:
        raise ExamplesError((f"{path}: write a list with at least one example",))
    return rows


def _sentences(invalid: ValidationError) -> Iterator[str]:
    for error in invalid.errors():
        key = ".".join(map(str, error["loc"]))
        if error["type"] == "extra_forbidden":
            yield f"{key}: {unknown_key(key, tuple(Example.model_fields))}"
        else:
            yield f"{key}: {explanation(error)}" if key else explanation(error)
