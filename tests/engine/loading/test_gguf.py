"""A GGUF file becomes a checkpoint with the same logits, once, whatever happens meanwhile."""

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from arena.catalog import ModelRow
from arena.checkpoints.gguf_header import read_gguf_header
from arena.domain.conversation import ModelKey
from arena.engine.loading import gguf
from arena.engine.loading.failures import LoadingFailed
from arena.engine.loading.gguf_conversion import configuration
from arena.engine.loading.loader import LoadedModel, ModelLoader
from tests.fakes.gguf_files import f32, q8_0
from tests.fakes.gguf_models import TOKENS, random_model, save_gguf

IDS = [[5, 60, 120, 7, 200, 33]]

needs_reader = pytest.mark.skipif(
    find_spec("gguf") is None, reason="the package gguf is not installed: pip install 'arena[gguf]'"
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A cache of this test alone."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def row_of(file: Path, **fields: Any) -> ModelRow:
    return ModelRow(key=ModelKey("x"), name="X", backend="local", source=str(file), **fields)


def loaded(file: Path, environment: Mapping[str, str], **fields: Any) -> LoadedModel:
    row = gguf.unpacked(row_of(file, **fields), lambda _: None, environment)
    return ModelLoader().load(row)


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(input_ids=torch.tensor(IDS)).logits
    return found


def converted(environment: Mapping[str, str]) -> list[Path]:
    """The checkpoints in the cache."""
    return sorted(Path(environment["XDG_CACHE_HOME"]).rglob("config.json"))


@needs_reader
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_the_model_that_was_saved(
    tmp_path: Path, environment: dict[str, str], architecture: str, tied: bool
) -> None:
    model = random_model(architecture, tied=tied)
    found = loaded(save_gguf(tmp_path / "tiny.gguf", model), environment)
    torch.testing.assert_close(logits(found.model), logits(model))
    assert sum(p.numel() for p in found.model.parameters()) == sum(
        p.numel() for p in model.parameters()
    )
    assert found.eos == {2}


@needs_reader
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_a_configuration_is_that_of_transformers_own_reader(
    tmp_path: Path, architecture: str
) -> None:
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    file = save_gguf(tmp_path / "tiny.gguf", random_model(architecture, tied=False))
    theirs: dict[str, Any] = load_gguf_checkpoint(str(file))["config"]  # type: ignore[no-untyped-call]
    assert theirs.pop("_model_name_or_path") == "Tiny"
    ours = configuration(read_gguf_header(file))
    assert ours == {**theirs, **({"head_dim": 16} if architecture == "qwen3" else {})}


@needs_reader
def test_quantised_weights_are_unpacked(tmp_path: Path, environment: dict[str, str]) -> None:
    model = random_model("llama")
    found = loaded(save_gguf(tmp_path / "tiny.gguf", model, q8_0), environment)
    far = (logits(found.model) - logits(model)).abs().max()
    assert 0 < far < 0.1 * logits(model).abs().max()


@needs_reader
def test_the_tokenizer_and_its_template_are_those_of_the_file(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"))
    tokenizer = loaded(file, environment).tokenizer
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "the  2"}], tokenize=False, add_generation_prompt=True
    )
    assert text == "<|im_start|>user\nthe  2<|im_end|>\n<|im_start|>assistant\n"
    pieces = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    assert pieces[:7] == ["<|im_start|>", "u", "s", "e", "r", "Ċ", "the"]
    assert pieces[7:9] == ["ĠĠ", "2"]  # SmolLM cuts before every digit, GPT-2 before its space
    assert len(tokenizer) == len(TOKENS)


@needs_reader
def test_a_file_is_converted_once_and_again_when_it_changes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"))
    told: list[str] = []
    for _ in range(2):
        gguf.unpacked(row_of(file), told.append, environment)
    assert told[0] == "converting tiny.gguf"
    assert told[1] == "converting the weights (0 % of 20)"
    assert told[-1] == "writing the converted model"
    assert len(set(told)) == len(told)
    (first,) = converted(environment)

    save_gguf(file, random_model("qwen2"))
    found = loaded(file, environment)
    assert found.model.config.model_type == "qwen2"
    assert [first] != converted(environment)
    assert len(converted(environment)) == 1


@needs_reader
def test_every_number_format_has_a_conversion_of_its_own(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"))
    assert loaded(file, environment).model.dtype is torch.float32
    assert loaded(file, environment, dtype="bfloat16").model.dtype is torch.bfloat16
    assert loaded(file, environment).model.dtype is torch.float32
    assert len(converted(environment)) == 2


@needs_reader
def test_what_a_killed_conversion_left_is_no_checkpoint(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"))

    def die(folder: Path) -> None:
        assert (folder / "model.safetensors").is_file()
        raise KeyboardInterrupt  # as late as can be, with everything written but the name

    with monkeypatch.context() as dying:
        dying.setattr(gguf, "_flush", die)
        with pytest.raises(KeyboardInterrupt):
            gguf.unpacked(row_of(file), lambda _: None, environment)
    (left,) = converted(environment)
    assert left.parent.name.endswith(".part")

    row = gguf.unpacked(row_of(file), lambda _: None, environment)
    (whole,) = converted(environment)
    assert row.resolved_source() == str(whole.parent)
    assert not whole.parent.name.endswith(".part")


@needs_reader
def test_weights_that_are_not_there_are_a_failure(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    model = random_model("llama")
    file = save_gguf(tmp_path / "tiny.gguf", model, said={"llama.block_count": 3})
    with pytest.raises(LoadingFailed, match=r"does not hold the weights.*layers\.2"):
        gguf.unpacked(row_of(file), lambda _: None, environment)
    assert converted(environment) == []


def other_row(folder: Path) -> ModelRow:
    return row_of(folder / "weights")


def test_other_rows_are_unchanged(tmp_path: Path, environment: dict[str, str]) -> None:
    row = other_row(tmp_path)
    assert gguf.unpacked(row, lambda _: None, environment) is row


@pytest.fixture
def refused(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[[Path], str]]:
    """Returns the sentence with which a file is refused."""

    def sentence(file: Path) -> str:
        with pytest.raises(LoadingFailed) as failed:
            gguf.unpacked(row_of(file), lambda _: None, environment)
        assert failed.value.permanent
        return str(failed.value)

    yield sentence
    assert converted(environment) == []


def test_a_file_that_is_missing_or_no_gguf_file_is_named(
    tmp_path: Path, refused: Callable[[Path], str]
) -> None:
    assert "No such file" in refused(tmp_path / "none.gguf")
    page = tmp_path / "page.gguf"
    page.write_text("<!DOCTYPE html>", encoding="utf-8")
    assert refused(page) == f"{page} cannot be loaded: it does not begin as a GGUF file does"


def test_a_missing_package_is_named_with_the_command(
    tmp_path: Path, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gguf, "GGUF_PACKAGE", "no_such_package_here")
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"), f32)
    assert "the Python package `gguf` is needed: pip install 'arena[gguf]'" in refused(file)


def test_a_full_disk_is_told_before_anything_is_read(
    tmp_path: Path, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gguf, "_refuse_missing_package", lambda _: None)
    monkeypatch.setattr(gguf, "SPARE_BYTES", 2**60)
    file = save_gguf(tmp_path / "tiny.gguf", random_model("llama"))
    assert "set XDG_CACHE_HOME to a folder on a larger disk" in refused(file)
