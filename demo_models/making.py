"""Makes a shipped checkpoint from its recipe: train, save, evaluate what was saved, record."""

import hashlib
import platform
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from demo_models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, write_record
from demo_models.evaluation import DIALOGUES, PER_FAMILY, Evaluation, evaluate
from demo_models.exchange import Split
from demo_models.recipes import Recipe
from demo_models.sampling import conversations
from demo_models.training import Report, Trained, train

DIGESTED_CONVERSATIONS = 1000
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy")


def make_checkpoint(
    recipe: Recipe,
    directory: Path,
    *,
    report: Report,
    per_family: int = PER_FAMILY,
    dialogues: int = DIALOGUES,
) -> Evaluation:
    """Leaves in `directory` what `from_pretrained` needs and a `recipe.json`."""
    trained = train(recipe, report)
    save_checkpoint(Checkpoint(trained.model, trained.tokenizer), directory)
    evaluation = evaluate(load_checkpoint(directory), per_family=per_family, dialogues=dialogues)
    write_record(_record(recipe, trained, evaluation), directory)
    return evaluation


def _record(recipe: Recipe, trained: Trained, evaluation: Evaluation) -> dict[str, Any]:
    libraries = {library: version(library) for library in LIBRARIES}
    return {
        "recipe": asdict(recipe),
        "data_digest": data_digest(recipe.seed),
        "parameters": trained.model.num_parameters(),
        "tokens": trained.tokens,
        "target_tokens": trained.target_tokens,
        "final_loss": round(trained.loss, 4),
        "cpu_minutes": round(trained.cpu_seconds / 60, 1),
        "libraries": {"python": platform.python_version(), **libraries},
        "held_out_percent": evaluation.as_record(),
    }


def data_digest(seed: int) -> str:
    """Of the first conversations of a seed: shows whether the generator has changed since."""
    digest = hashlib.sha256()
    for messages in islice(conversations(seed, Split.TRAIN), DIGESTED_CONVERSATIONS):
        for message in messages:
            digest.update(f"{message.role}\0{message.content}\0".encode())
    return digest.hexdigest()
