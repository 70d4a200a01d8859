"""Rules between the keys of a campaign file, checked on raw values so that no fault hides them."""

from collections.abc import Iterator, Mapping
from math import comb
from typing import Any, NamedTuple

from arena.catalog.document import YamlPath
from arena.catalog.explanations import suggestion
from arena.domain.campaign import FEWEST_MODELS, MOST_MODELS, ProtocolKind, QuestionKind

_OWN_PARAMETERS = ("campaign", "why")
"""What the addresses of the evaluation page say themselves."""


class BrokenRule(NamedTuple):
    """A broken rule at a key."""

    path: YamlPath
    message: str


def broken_rules(
    values: Mapping[str, Any], models: Mapping[str, str] | None
) -> Iterator[BrokenRule]:
    """Yield what is wrong between the keys of a file.

    `models` are the names of the catalog's models by key; None where the catalog is faulty itself.
    """
    yield from _model_rules(values, models)
    yield from _protocol_rules(values)
    for name, question in _block(values, "questions").items():
        if isinstance(question, Mapping):
            yield from _question_rules(("questions", str(name)), question)
    yield from _people_rules(values)


def _model_rules(
    values: Mapping[str, Any], known: Mapping[str, str] | None
) -> Iterator[BrokenRule]:
    keys, imported = _listed(values, "models"), _block(values, "imported_models")
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield BrokenRule(("models", place), f"{key!r} stands twice: remove one")
        elif known is not None and isinstance(key, str) and key not in known:
            hint = suggestion(key, known) or "."
            yield BrokenRule(
                ("models", place),
                f"{key!r} is not in models.yaml{hint} Add it there, or name it under "
                "`imported_models` if its replies were made elsewhere",
            )
    for key in imported:
        if key in (known or {}):
            taken = "is in models.yaml: list it under `models`, or choose another key"
            yield BrokenRule(("imported_models", str(key)), taken)
    countable = isinstance(values.get("models", []), list)
    number = len(keys) + len(imported)
    if countable and not FEWEST_MODELS <= number <= MOST_MODELS:
        limits = f"{FEWEST_MODELS} to {MOST_MODELS} models"
        yield BrokenRule(("models",), f"a campaign compares {limits}, and this one has {number}")


def _protocol_rules(values: Mapping[str, Any]) -> Iterator[BrokenRule]:
    protocol = _block(values, "protocol")
    sample, path = protocol.get("pairs_per_prompt"), ("protocol", "pairs_per_prompt")
    if sample is None:
        return
    if protocol.get("kind") == ProtocolKind.ALL_AT_ONCE:
        yield BrokenRule(
            path, f"means something for `kind: {ProtocolKind.PAIRWISE}` only: remove it"
        )
    pairs = comb(len(_listed(values, "models")) + len(_block(values, "imported_models")), 2)
    if isinstance(sample, int) and sample > pairs:
        yield BrokenRule(path, f"must be at most {pairs}, the number of pairs (it is {sample})")


def _question_rules(path: YamlPath, question: Mapping[str, Any]) -> Iterator[BrokenRule]:
    kind = question.get("kind")
    if kind == QuestionKind.CHOICE and question.get("choices") is None:
        yield BrokenRule((*path, "choices"), "a choice needs its choices: add a list")
    if kind in (QuestionKind.TEXT, QuestionKind.NUMBER) and question.get("choices") is not None:
        yield BrokenRule((*path, "choices"), f"means nothing for `kind: {kind}`: remove it")
    for limit in ("least", "most"):
        if kind in (QuestionKind.TEXT, QuestionKind.CHOICE) and question.get(limit) is not None:
            yield BrokenRule((*path, limit), f"means nothing for `kind: {kind}`: remove it")
    least, most = question.get("least"), question.get("most")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield BrokenRule((*path, "most"), f"must be at least {least:g} (it is {most:g})")


def _people_rules(values: Mapping[str, Any]) -> Iterator[BrokenRule]:
    names = [_name(one) for one in _listed(values, "annotators")]
    for place, name in enumerate(names):
        if name is not None and name in names[:place]:
            yield BrokenRule(("annotators", place), f"{name!r} stands twice: names must differ")
    crowd = _block(values, "crowd")
    if names and crowd:
        yield BrokenRule(("crowd",), "a campaign has annotators or a crowd: remove one of them")
    ends = (crowd.get("completion_code"), crowd.get("return_address"))
    if crowd and not any(ends):
        yield BrokenRule(("crowd",), "add a `completion_code` or a `return_address`")
    for ours, theirs in _block(crowd, "parameters").items():
        if theirs in _OWN_PARAMETERS:
            own = f"{theirs!r} is a parameter of the arena's own addresses: choose another name"
            yield BrokenRule(("crowd", "parameters", str(ours)), own)
    yield from _overlap_rules(values, crowd.get("people") if crowd else len(names))


def _overlap_rules(values: Mapping[str, Any], people: object) -> Iterator[BrokenRule]:
    key = "overlap_on_disagreement"
    overlap, most = values.get("overlap", 1), values.get(key)
    if isinstance(overlap, int) and isinstance(most, int):
        if overlap == 1:
            yield BrokenRule((key,), "one annotator cannot disagree: set `overlap` to 2 or more")
        elif most <= overlap:
            yield BrokenRule((key,), f"must be above the overlap, {overlap} (it is {most})")
    for name in ("overlap", key):
        wanted = values.get(name)
        if isinstance(wanted, int) and isinstance(people, int) and 0 < people < wanted:
            yield BrokenRule(
                (name,), f"needs {wanted} annotators, and there are {people}: nobody judges twice"
            )


def _name(annotator: object) -> str | None:
    name = annotator.get("name") if isinstance(annotator, Mapping) else annotator
    return name.strip() if isinstance(name, str) else None


def _block(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _listed(values: Mapping[str, Any], key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []
