"""How a checkpoint's own weights are quantised, by its config.json."""

import json
from pathlib import Path


def quantization_method(folder: Path) -> str | None:
    """Return the method as the checkpoint names it, such as gptq; None when it names none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        text = config.get("text_config") or {}
        stated = config.get("quantization_config") or text.get("quantization_config") or {}
        method = stated.get("quant_method")
    except (OSError, ValueError, AttributeError):
        return None
    return method if isinstance(method, str) else None
