"""Architectures of the WizardLM-2 line-up play battles in a served arena, to their votes.

Real engine processes on tiny random checkpoints, behind rows of the shipped models.yaml: all six
architectures under `make endurance`; in `make test` one that is batched continuously, and one
with code of its own that is batched dynamically (`tests/engine/loading/` has all of them alone).
"""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.driver import HttpAnnotator, Outcome
from tests.e2e.serving import ServedArena
from tests.endurance import FACTOR
from tests.fakes.line_up import FAMILIES, save_line_up_checkpoint, shipped_row

pytestmark = pytest.mark.timeout(300)

_FEW = ("llama", "chatglm2")
_ALL = (*_FEW, "cohere", "mistral", "mixtral", "qwen2")
ARCHITECTURES = _FEW if FACTOR == 1 else _ALL
KEYS = {family: FAMILIES[family].rows[0] for family in ARCHITECTURES}
WAYS = {KEYS[family]: FAMILIES[family].way for family in ARCHITECTURES}
ANNOTATORS, ROUNDS = 4, 12
"""Each battle has two of at most six: that one is in none of so many has a chance of 1 in 10^7."""

_LOADING_S = 240.0
_LOOK_EVERY_S = 0.2


def row_document(family: str, checkpoint: Path) -> dict[str, Any]:
    """A family's first row as the catalog file has it, with short answers.

    Greedy: a random model that draws its end token first has no answer, which voids the battle.
    """
    row = shipped_row(KEYS[family], checkpoint)
    document: dict[str, Any] = {
        "name": row.name,
        "backend": "local",
        "source": row.source,
        "dtype": row.dtype,
        "prompt_format": row.prompt_format,
        "system_prompt": row.system_prompt,
        "sampling": {"temperature": 0, "max_new_tokens": 24, "stop": list(row.sampling.stop)},
        "identity_words": list(row.identity_words),
    }
    if row.trust_remote_code:
        document |= {"trust_remote_code": True, "revision": row.revision}
    return {name: value for name, value in document.items() if value is not None}


def ways(arena: ServedArena) -> dict[str, str]:
    """How each engine that is ready batches, by its own word."""
    return dict(re.findall(r"engine (\S+) is ready \(\w+, (\w+) batching\)", arena.output))


@pytest.fixture(scope="module")
def line_up(
    serve: Callable[..., ServedArena], tmp_path_factory: pytest.TempPathFactory
) -> ServedArena:
    """All engines, ready."""
    folder = tmp_path_factory.mktemp("checkpoints")
    rows = {
        key: row_document(family, save_line_up_checkpoint(folder / family, family))
        for family, key in KEYS.items()
    }
    arena = serve("line-up", json.dumps({"models": rows}, ensure_ascii=False))
    deadline = time.monotonic() + _LOADING_S
    while ways(arena).keys() < set(KEYS.values()):
        assert time.monotonic() < deadline, arena.output
        time.sleep(_LOOK_EVERY_S)
    return arena


def battle_of_two_turns(address: str) -> Outcome:
    """One person asks twice and votes."""
    with HttpAnnotator(address) as annotator:
        annotator.load()
        annotator.fire("send", prompt="你好, count: one, two 👍")
        annotator.fire("send", prompt="And three?")
        return annotator.fire("vote-tie")


def test_architectures_play_battles_to_their_votes(line_up: ServedArena) -> None:
    assert ways(line_up) == WAYS
    voted: set[str] = set()
    with ThreadPoolExecutor(ANNOTATORS) as people:
        for _ in range(ROUNDS):
            outcomes = people.map(battle_of_two_turns, [line_up.address] * ANNOTATORS)
            for outcome in outcomes:
                assert outcome.revealed, (outcome.refusal, outcome.text("view"), outcome.outputs)
            found = line_up.rows(
                "SELECT DISTINCT model_key FROM slots JOIN votes USING (battle_id)"
            )
            voted = {key for (key,) in found}
            if voted == set(WAYS):
                break
    assert voted == set(WAYS)
    assert line_up.value("SELECT count(*) FROM replies WHERE error IS NOT NULL") == 0
