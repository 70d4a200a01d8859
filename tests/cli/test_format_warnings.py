"""`arena check` says when a prompt format does not fit the checkpoint, and only then."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from arena.catalog import ModelCatalog, load_catalog
from arena.cli.check import check, warnings

CHATML = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant<|im_end|>\n{% endif %}<|im_start|>{{ m['role'] }}\n"
    "{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA_2 = (
    "{% for m in messages %}{% if m['role'] == 'user' %}"
    "{{ bos_token }}[INST] {{ m['content'].strip() }} [/INST]"
    "{% else %} {{ m['content'].strip() }} {{ eos_token }}{% endif %}{% endfor %}"
)
OPENCHAT = (
    "{{ bos_token }}{% for m in messages %}GPT4 Correct {{ m['role'].title() }}: "
    "{{ m['content'] }}<|end_of_turn|>{% endfor %}"
    "{% if add_generation_prompt %}GPT4 Correct Assistant:{% endif %}"
)
VICUNA = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ m['content'] }}\n\n"
    "{% elif m['role'] == 'user' %}USER: {{ m['content'] }}\nASSISTANT:"
    "{% else %} {{ m['content'] }}</s>\n{% endif %}{% endfor %}"
)
COMMAND_R = (
    "{{ bos_token }}{% for m in messages %}<|START_OF_TURN_TOKEN|><|{{ m['role'] }}|>"
    "{{ m['content'] }}<|END_OF_TURN_TOKEN|>{% endfor %}<|START_OF_TURN_TOKEN|><|assistant|>"
)
GEMMA = "{% for m in messages %}<start_of_turn>{{ m['role'] }}\n{{ m['content'] }}{% endfor %}"

SAVED_BY_TRANSFORMERS: dict[str, Any] = {
    "tokenizer_class": "LlamaTokenizer",
    "bos_token": {"content": "<s>"},
    "eos_token": "</s>",
    "legacy": True,
}


def written(folder: Path, *lines: str) -> Path:
    """Write a catalog with one local row, whose checkpoint is in `checkpoint`."""
    row = ["name: One", "backend: local", "source: ./checkpoint", *lines]
    text = "\n".join(["models:", "  one:", *(f"    {line}" for line in row)])
    path = folder / "models.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def checkpoint(folder: Path, template: object = None, **changes: object) -> Path:
    """Save what is read of a checkpoint; None takes a key out. The tokenizer has only pieces."""
    place = folder / "checkpoint"
    place.mkdir()
    (place / "tokenizer.model").write_bytes(b"\n\x0e\n\x05<unk>")
    settings = {**SAVED_BY_TRANSFORMERS, "chat_template": template, **changes}
    kept = {key: value for key, value in settings.items() if value is not None}
    (place / "tokenizer_config.json").write_text(json.dumps(kept), encoding="utf-8")
    return place


def said(folder: Path, *lines: str) -> list[str]:
    """Return the warnings about the row's format."""
    found = warnings(load_catalog(written(folder, *lines)), {})
    return [warning for warning in found if warning.startswith("models.one.")]


def run(path: Path, *options: str) -> Result:
    app = typer.Typer()
    app.command("check")(check)
    return CliRunner().invoke(app, [str(path), *options])


def test_a_named_format_on_a_checkpoint_that_speaks_another_is_a_warning(tmp_path: Path) -> None:
    checkpoint(tmp_path, CHATML)
    (warning,) = said(tmp_path, "prompt_format: llama-2")
    assert warning == (
        "models.one.prompt_format: after a user's text llama-2 writes '[/INST]' and the "
        "checkpoint's own chat template '<|im_end|>\\n<|im_start|>assistant': write auto, unless "
        "the model's maker says llama-2"
    )


def test_raw_on_a_chat_model_is_a_warning(tmp_path: Path) -> None:
    checkpoint(tmp_path, LLAMA_2)
    (warning,) = said(tmp_path, "prompt_format: raw")
    assert warning.startswith("models.one.prompt_format: raw sends the bare text, and the check")
    assert "write auto, unless it is a base model" in warning


def test_auto_without_a_template_is_a_warning(tmp_path: Path) -> None:
    checkpoint(tmp_path)
    (warning,) = said(tmp_path)
    assert warning.startswith("models.one.prompt_format: auto needs a chat template")


def test_a_chat_format_on_a_checkpoint_without_a_template_is_only_a_hint(tmp_path: Path) -> None:
    checkpoint(tmp_path)
    assert said(tmp_path, "prompt_format: llama-2") == []
    path = written(tmp_path, "prompt_format: llama-2")
    hint = "models.one.prompt_format: the checkpoint has no chat template"
    assert f"hint: {hint}" in run(path).stderr
    (found,) = json.loads(run(path, "--json").stdout)["hints"]
    assert found.startswith(hint)


def test_a_base_model_in_raw_has_nothing_to_be_said_about(tmp_path: Path) -> None:
    checkpoint(tmp_path)
    assert said(tmp_path, "prompt_format: raw") == []
    assert "hint:" not in run(written(tmp_path, "prompt_format: raw")).stderr


@pytest.mark.parametrize("place", ["chat_template.jinja", "by name"])
def test_a_template_is_found_wherever_transformers_keeps_it(tmp_path: Path, place: str) -> None:
    if place == "by name":
        checkpoint(tmp_path, [{"name": "default", "template": CHATML}])
    else:
        (checkpoint(tmp_path) / place).write_text(CHATML, encoding="utf-8")
    assert "<|im_start|>assistant" in said(tmp_path, "prompt_format: llama-2")[0]


def test_a_template_that_fails_says_nothing_about_a_named_format(tmp_path: Path) -> None:
    checkpoint(tmp_path, "{{ raise_exception('tools only') }}")
    assert said(tmp_path, "prompt_format: llama-2") == []


def test_a_checkpoint_without_the_key_legacy_is_a_warning_until_the_row_says_it(
    tmp_path: Path,
) -> None:
    checkpoint(tmp_path, legacy=None)
    (warning,) = said(tmp_path, "prompt_format: llama-2")
    assert warning.startswith("models.one.legacy_tokenizer: the checkpoint's tokenizer_config.json")
    assert said(tmp_path, "prompt_format: llama-2", "legacy_tokenizer: true") == []


@pytest.mark.parametrize("other", [{"tokenizer_class": "GemmaTokenizer"}, {"legacy": False}])
def test_legacy_is_not_asked_for_where_it_is_said_or_means_nothing(
    tmp_path: Path, other: dict[str, object]
) -> None:
    checkpoint(tmp_path, GEMMA, **{"legacy": None, **other})
    assert said(tmp_path) == []


def test_legacy_is_not_asked_for_where_a_tokenizer_json_shows_it(tmp_path: Path) -> None:
    place = checkpoint(tmp_path, GEMMA, legacy=None)
    whole = {"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "always"}}
    (place / "tokenizer.json").write_text(json.dumps(whole), encoding="utf-8")
    assert said(tmp_path) == []


OWN_TEMPLATES: dict[str, str | None] = {
    **dict.fromkeys(("wizardlm-2-7b", "wizardlm-2-70b", "wizardlm-2-8x22b"), VICUNA),
    "starling-lm-7b-beta": OPENCHAT,
    **dict.fromkeys(("qwen1.5-14b-chat", "qwen1.5-32b-chat", "qwen1.5-72b-chat"), CHATML),
    "command-r-plus": COMMAND_R,
    **dict.fromkeys((f"llama-2-{size}-chat" for size in ("7b", "13b", "70b")), LLAMA_2),
    **dict.fromkeys(f"llama-2-{size}" for size in ("7b", "13b", "70b")),
    **dict.fromkeys(("llama2-chinese-7b-chat", "llama2-chinese-13b-chat")),
    **dict.fromkeys(("chinese-alpaca-7b", "chinese-alpaca-2-7b", "chatglm2-6b")),
}
"""What the repositories of the line-up have, in their words; None for those without."""

SHIPPED = load_catalog(Path(__file__).parents[2] / "models.yaml")


@pytest.mark.parametrize("key", OWN_TEMPLATES)
def test_the_shipped_line_up_is_not_warned_about(tmp_path: Path, key: str) -> None:
    place = checkpoint(tmp_path, OWN_TEMPLATES[key], legacy=True if "wizard" in key else None)
    if key in {"qwen1.5-14b-chat", "qwen1.5-32b-chat", "qwen1.5-72b-chat", "command-r-plus"}:
        (place / "tokenizer.model").unlink()
    if key == "starling-lm-7b-beta":
        (place / "tokenizer.json").write_text('{"normalizer": {"type": "Prepend"}}')
    row = SHIPPED.get(key).model_copy(update={"source": str(place), "enabled": True})
    found = list(warnings(ModelCatalog(SHIPPED.path, (row, row)), {}))
    assert found == []


def test_every_local_row_of_the_line_up_is_in_that_test() -> None:
    local = {row.key for row in SHIPPED.models if row.backend == "local"}
    assert local - set(OWN_TEMPLATES) == {"arena-demo-a", "arena-demo-b"}
    assert list(warnings(SHIPPED, {})) == []
