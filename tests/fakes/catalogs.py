"""A catalog file with one local model."""

from pathlib import Path

from arena.catalog import ModelRow
from arena.domain.conversation import ModelKey

_ROOT = Path(__file__).parent.parent.parent
EMBEDDED = _ROOT / "arena" / "embedded" / "checkpoints" / "arena-demo-a"
_CATALOG = """
models:
  tiny:
    name: Tiny
    backend: local
    source: {source}
    sampling: {{temperature: 0, max_new_tokens: 64}}
{settings}"""


def write_catalog(folder: Path, source: Path, *settings: str) -> Path:
    """Write `models.yaml` with the model `tiny`, greedy, whose weights are in `source`.

    `settings` are further lines of its row.
    """
    path = folder / "models.yaml"
    more = "".join(f"    {line}\n" for line in settings)
    path.write_text(_CATALOG.format(source=source, settings=more), encoding="utf-8")
    return path


def hub_row(source: str) -> ModelRow:
    """Return the row `tiny` of a model that comes from the hub."""
    return ModelRow(key=ModelKey("tiny"), name="Tiny", backend="local", source=source)
