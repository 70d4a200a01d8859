"""Names that may be those of one model: they differ by width, hyphens or letter case alone."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.domain.conversation import ModelKey
from arena.services.importing.identity import model_key
from arena.storage.models import ModelSnapshot

_JOINTS = re.compile(r"[\s_\u00ad\u2010-\u2015\u2212-]+")
"""Spaces, underscores, hyphens, dashes and minus signs."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Names that look like one model: those of a file, and those that were stored before."""

    names: tuple[str, ...]
    stored: tuple[str, ...]


def likeness(name: str) -> str:
    """Return what is left of a name without width, hyphens, spaces and letter case."""
    return _JOINTS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def probable_twins(
    keys: Mapping[str, ModelKey], stored: Iterable[ModelSnapshot]
) -> tuple[Twins, ...]:
    """Return the names of a file that are like another one of a model with another key.

    `keys` are those that the names get here. A stored model whose key or name gives the very key
    that a name of the file gives is none of them: `Naming.renamed` tells of it.
    """
    groups: dict[str, dict[ModelKey, str]] = defaultdict(dict)
    for name, key in sorted(keys.items()):
        groups[likeness(name)].setdefault(key, name)
    told = {*keys.values(), *map(model_key, keys)}
    known: dict[str, dict[ModelKey, str]] = defaultdict(dict)
    for snapshot in stored:
        if told.isdisjoint((snapshot.key, model_key(snapshot.name))):
            for alike in {likeness(snapshot.name), likeness(snapshot.key)} & groups.keys():
                known[alike][snapshot.key] = snapshot.name
    return tuple(
        Twins(tuple(named.values()), tuple(known[alike].values()))
        for alike, named in groups.items()
        if len(named) + len(known[alike]) > 1
    )
