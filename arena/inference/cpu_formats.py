"""`dtype: auto` on a CPU, settled before replies are stored: a snapshot names what answers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from arena.catalog import ModelCatalog, ModelRow
from arena.checkpoints.checkpoint_size import checkpoint_folder
from arena.checkpoints.remembered_formats import RememberedFormats
from arena.checkpoints.step_shape import StepShape, checkpoint_shape
from arena.child_environment import visible_gpus
from arena.inference.engine_questions import ENGINE_PROGRAM, NoAnswer, ask_engine
from arena.inference.engines.environment import environment_of
from arena.inference.placement.machine import this_machine
from arena.inference.placement.sizes import Machine

logger = logging.getLogger(__name__)

Measure = Callable[[ModelRow], str | None]
"""Returns the number format that an engine on a CPU takes for a row, if it can be told."""

NARROW: Final = "bfloat16"
_MEASURE_S = 120


def with_cpu_formats(
    catalog: ModelCatalog,
    environment: Mapping[str, str],
    *,
    measure: Measure | None = None,
    machine: Machine | None = None,
) -> ModelCatalog:
    """Return the catalog with `bfloat16` for `auto` where an engine on a CPU would take it.

    `auto` stays for float32, as in the snapshots of old, for GPUs, and for models that were never
    downloaded. `measure` asks for what is not remembered, by default an engine: seconds, but once
    for a shape on a machine.
    """
    shapes = {row.key: _open_shape(row, environment) for row in catalog.models}
    if not any(shapes.values()):
        return catalog
    machine = machine or this_machine(environment)
    measure = measure or partial(measured_by_engine, environment)

    def settled(row: ModelRow) -> ModelRow:
        shape = shapes[row.key]
        if shape is None or not _runs_on_cpu(row, machine):
            return row
        known = RememberedFormats.of_user(environment_of(row, environment)).known(shape)
        narrow = (known or measure(row)) == NARROW
        return row.model_copy(update={"dtype": NARROW}) if narrow else row

    return ModelCatalog(catalog.path, tuple(map(settled, catalog.models)))


def measured_by_engine(
    environment: Mapping[str, str], row: ModelRow, *, engine: Sequence[str] = ENGINE_PROGRAM
) -> str | None:
    """Let an engine without GPUs measure; None when it cannot. It remembers what it has found."""
    logger.info("measuring which number format is faster for %s on this CPU", row.key)
    known = environment_of(row, environment)
    try:
        description = ask_engine(
            engine,
            ("--describe", row.key, "--row-on-stdin", "--json"),
            environment={**known, "HF_HUB_OFFLINE": "1", **visible_gpus(())},
            row=row,
            within_s=_MEASURE_S,
        )
        return str(description["dtype"])
    except (NoAnswer, KeyError) as error:
        logger.info("the number format of %s is left to its engine: %r", row.key, error)
        return None


def _open_shape(row: ModelRow, environment: Mapping[str, str]) -> StepShape | None:
    """Return the shape of a row's model where its number format is still to be chosen."""
    if row.backend != "local" or row.dtype != "auto" or row.quantization is not None:
        return None
    folder = checkpoint_folder(row, environment)
    return None if folder is None else checkpoint_shape(folder)


def _runs_on_cpu(row: ModelRow, machine: Machine) -> bool:
    return row.devices == "cpu" or (
        row.devices == "auto" and not machine.gpus and not machine.unused
    )
