"""Which stored model a name in a file is: never silently one that was there under the same key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.domain.conversation import ModelKey
from arena.services.importing.formats import VoteFormat
from arena.services.importing.identity import fingerprint_of, free_key, model_key
from arena.services.importing.rows import ImportedModel
from arena.services.importing.twins import Twins, probable_twins
from arena.storage.imports import EXTERNAL, KnownModel
from arena.storage.models import ModelSnapshot


@dataclass(frozen=True, slots=True)
class Naming:
    """A snapshot for every model of a file; `renamed` has the names whose own key was taken.

    `twins` may be names of one model, though they are of several here.
    """

    snapshots: Mapping[ImportedModel, ModelSnapshot]
    renamed: Mapping[str, ModelKey]
    twins: tuple[Twins, ...]


def named(
    wanted: Iterable[ImportedModel],
    known: Iterable[KnownModel],
    source: VoteFormat,
    *,
    merge: bool,
) -> Naming:
    """Return keys and snapshots for the models of a file.

    A name that came in the same format before keeps its key. Any other name gets a key that no
    model has yet; with `merge` it gets the key that it says, whoever has it.
    """
    models = tuple(dict.fromkeys(wanted))
    stored = [row.snapshot for row in known]
    keys = _keys([model.name for model in models], stored, source, merge=merge)
    shown = {snapshot.key: snapshot.name for snapshot in stored} if merge else {}
    return Naming(
        snapshots={
            model: _snapshot(model, keys[model.name], source, shown.get(keys[model.name]))
            for model in models
        },
        renamed={name: key for name, key in keys.items() if key != model_key(name)},
        twins=probable_twins(keys, stored),
    )


def _keys(
    names: Iterable[str], stored: Iterable[ModelSnapshot], source: VoteFormat, *, merge: bool
) -> dict[str, ModelKey]:
    earlier = {} if merge else _keys_of_earlier_imports(stored, source)
    taken = set() if merge else {snapshot.key for snapshot in stored}
    keys: dict[str, ModelKey] = {}
    for name in dict.fromkeys(names):
        key = earlier.get(name) or ModelKey(free_key(model_key(name), source, taken))
        keys[name] = key
        taken.add(key)
    return keys


def _keys_of_earlier_imports(
    stored: Iterable[ModelSnapshot], source: VoteFormat
) -> dict[str, ModelKey]:
    return {
        snapshot.configuration["name"]: snapshot.key
        for snapshot in stored
        if snapshot.origin == EXTERNAL
        and snapshot.configuration.get("imported_from") == source.value
    }


def _snapshot(
    model: ImportedModel, key: ModelKey, source: VoteFormat, shown: str | None
) -> ModelSnapshot:
    return ModelSnapshot(
        key=key,
        fingerprint=model.fingerprint or fingerprint_of(source, model.name),
        name=shown or model.name,
        configuration={"imported_from": source.value, "name": model.name},
        origin=EXTERNAL,
    )
