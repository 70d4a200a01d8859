"""What tests of a real engine run on: a demo model, and under `make endurance` SmolLM2 as well."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.endurance import FACTOR
from tests.fakes.catalogs import EMBEDDED, write_catalog
from tests.fakes.smollm import missing_smollm, smollm_row


@dataclass(frozen=True, slots=True, kw_only=True)
class RealModel:
    """A checkpoint, and what tests must know of it; all have a context of 1,024 tokens.

    `turn` and `reply_begins` are its chat template's, `control_ids` the number of control tokens,
    which have the first ids; `begins` is the token before all prompts. `long_reply` has tokens for
    seconds of work; tests may wait for it `patience` times as long as for a demo model.
    """

    name: str
    source: Path
    dtype: str
    turn: str
    reply_begins: str
    control_ids: int
    begins: int | None
    long_reply: int
    patience: int

    @property
    def is_demo(self) -> bool:
        """Whether it is the one that is trained by this project."""
        return self.name == "demo"

    @property
    def turn_ends(self) -> str:
        """The control token after each text."""
        return self.turn.partition("{}")[2]

    @property
    def settings(self) -> tuple[str, ...]:
        """Further lines of its rows."""
        return (f"dtype: {self.dtype}", "max_context: 1024")

    def rows(self, catalog: str) -> str:
        """Return a catalog in which this model answers for the demo models, under their names."""
        if self.is_demo:
            return catalog
        own = f"source: {self.source}\n    dtype: {self.dtype}"
        return re.sub(r"source: embedded:\S+", lambda _: own, catalog)

    def catalog(self, folder: Path) -> Path:
        """Write `models.yaml` with this model as `tiny`, greedy."""
        return write_catalog(folder, self.source, *self.settings)


def real_models() -> list[object] | None:
    """Return the parameters of the fixture `real_model`; None in `make test`, for the demo model.

    Where SmolLM2 is not installed, its tests are skipped with the command that installs it.
    """
    if FACTOR == 1:
        return None
    missing = missing_smollm()
    mark = pytest.mark.skipif(missing is not None, reason=f"NOT RUN: {missing}")
    return ["demo", pytest.param("smollm2", marks=mark)]


def real_model_of(name: str, folder: Path) -> RealModel:
    """Return a model by its parameter; what is converted or made anew is put into `folder`."""
    return _demo(folder) if name == "demo" else _smollm2()


def _demo(folder: Path) -> RealModel:
    """Return the better demo model; a random one where it has not been trained."""
    source = EMBEDDED
    if not source.is_dir():
        from tests.fakes.checkpoints import save_random_checkpoint

        source = save_random_checkpoint(folder / "random")
    return RealModel(
        name="demo",
        source=source,
        dtype="auto",
        turn="<|user|>{}<|end|>",
        reply_begins="<|assistant|>",
        control_ids=6,
        begins=1,
        long_reply=400,
        patience=1,
    )


def _smollm2() -> RealModel:
    """Return SmolLM2 out of its GGUF file, which is converted by its first test."""
    from arena.engine.loading.gguf import unpacked

    row = smollm_row().model_copy(update={"dtype": "float32"})
    converted = unpacked(row, lambda _: None, os.environ)
    return RealModel(
        name="smollm2",
        source=Path(converted.resolved_source()),
        dtype="float32",  # its texts are compared, alone and in batches
        turn="<|im_start|>user\n{}<|im_end|>",
        reply_begins="<|im_start|>assistant",
        control_ids=17,
        begins=None,
        long_reply=40,
        patience=4,
    )
