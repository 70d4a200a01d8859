"""What `arena check` says of models that PyTorch cannot run on the devices of their plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from arena.catalog import ModelCatalog
from arena.child_environment import engine_environment, visible_gpus
from arena.engine.loading.gpu_support import GpuFacts, unquantisable, unusable
from arena.inference.engine_questions import NoAnswer, ask_engine
from arena.inference.placement import Placement, Plan

_ANSWER_S: Final = 120


def gpu_warnings(
    catalog: ModelCatalog,
    made: Plan | None,
    environment: Mapping[str, str],
    engine: Sequence[str],
) -> Iterator[str]:
    """Yield why models will be refused by their engines; asks PyTorch only where GPUs are planned.

    `engine` is the command that knows torch.
    """
    placed = [place for place in made.placements.values() if place.takes] if made else []
    placed = [place for place in placed if catalog.get(place.key).engine == "arena"]
    planned = sorted({gpu for place in placed for gpu in place.gpus})
    try:
        facts = _asked(planned, environment, engine) if planned else GpuFacts(torch="")
    except (NoAnswer, KeyError, TypeError) as error:
        yield f"PyTorch could not be asked for its GPUs: {error}"
        return
    for place in placed:
        own, count = _facts_of(place, planned, facts), len(place.gpus)
        quantization = catalog.get(place.key).quantization
        fault = unusable(own, count) or unquantisable(own, count, quantization)
        if fault is not None:
            yield f"models.{place.key}: {fault}"


def _facts_of(place: Placement, planned: Sequence[int], facts: GpuFacts) -> GpuFacts:
    """Return the facts as an engine sees them that has only the GPUs of its placement."""
    if len(facts.gpus) != len(planned):
        return facts
    return replace(facts, gpus=tuple(facts.gpus[planned.index(gpu)] for gpu in place.gpus))


def _asked(
    planned: Sequence[int], environment: Mapping[str, str], engine: Sequence[str]
) -> GpuFacts:
    """Ask for just the planned GPUs, in the order of their numbers in nvidia-smi."""
    known = {**engine_environment(environment, from_hub=False), **visible_gpus(planned)}
    answer = ask_engine(engine, ("--gpus",), environment=known, within_s=_ANSWER_S)
    return GpuFacts.of_document(answer)
