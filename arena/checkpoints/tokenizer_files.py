"""What a checkpoint's folder says about its tokenizer, read without any model library."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arena.checkpoints.gguf_header import GgufFault, is_gguf, read_gguf_header

SENTENCEPIECE_MODEL: Final = "tokenizer.model"
TOKENIZER_JSON: Final = "tokenizer.json"
_SETTINGS_FILE: Final = "tokenizer_config.json"
_TEMPLATE_FILE: Final = "chat_template.jinja"

_LLAMA: Final = (None, "LlamaTokenizer", "LlamaTokenizerFast")
"""The classes whose `legacy` changes ids; a folder without a class is read as one of them."""


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """What was found.

    `sentencepiece_only`: a SentencePiece model and no `tokenizer.json`. `legacy`: what the folder
    says about it, None if nothing does. `chat_template`: the tokenizer's own, if it has one.
    `bos` and `eos` are empty where the settings do not name them.
    """

    sentencepiece_only: bool
    takes_legacy: bool
    legacy: bool | None
    chat_template: str | None
    bos: str
    eos: str


def tokenizer_files(folder: Path) -> TokenizerFiles | None:
    """Read a checkpoint's folder; None when it has no readable `tokenizer_config.json`.

    `folder` may be a file in the GGUF format.
    """
    if is_gguf(folder):
        return _of_gguf(folder)
    settings = _document(folder / _SETTINGS_FILE)
    if settings is None:
        return None
    whole = folder / TOKENIZER_JSON
    takes_legacy = settings.get("tokenizer_class") in _LLAMA
    legacy = settings.get("legacy")
    if takes_legacy and legacy is None:
        legacy = _built_legacy(_document(whole) or {})
    return TokenizerFiles(
        sentencepiece_only=not whole.is_file() and is_sentencepiece(folder / SENTENCEPIECE_MODEL),
        takes_legacy=takes_legacy,
        legacy=legacy if isinstance(legacy, bool) else None,
        chat_template=_chat_template(folder, settings),
        bos=_text_of(settings.get("bos_token")),
        eos=_text_of(settings.get("eos_token")),
    )


def _of_gguf(file: Path) -> TokenizerFiles | None:
    try:
        header = read_gguf_header(file)
    except (OSError, GgufFault):
        return None
    template = header.metadata.get("tokenizer.chat_template")
    return TokenizerFiles(
        sentencepiece_only=False,
        takes_legacy=False,
        legacy=None,
        chat_template=template if isinstance(template, str) else None,
        bos=header.token("bos"),
        eos=header.token("eos"),
    )


def is_sentencepiece(file: Path) -> bool:
    """Return whether a file holds a SentencePiece model: others (tiktoken's) have the same name."""
    try:
        with file.open("rb") as opened:
            return opened.read(1) == b"\n"  # the field of the first piece
    except OSError:
        return False


def _document(file: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _built_legacy(whole: dict[str, Any]) -> bool | None:
    """Return whether a `tokenizer.json` puts a space before every part of a text.

    transformers 5 does not save the key `legacy`, only this consequence of it.
    """
    steps = [whole.get("normalizer") or {}, whole.get("pre_tokenizer") or {}]
    steps += [inner for step in steps for inner in step.get("normalizers", ())]
    if any(step.get("type") == "Prepend" for step in steps):
        return True
    schemes = [step.get("prepend_scheme") for step in steps if step.get("type") == "Metaspace"]
    return schemes[0] == "always" if schemes else None


def _chat_template(folder: Path, settings: dict[str, Any]) -> str | None:
    try:
        return (folder / _TEMPLATE_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        template = settings.get("chat_template")
    if isinstance(template, list):  # several, by name
        named = {entry.get("name"): entry.get("template") for entry in template}
        template = named.get("default")
    return template if isinstance(template, str) else None


def _text_of(token: object) -> str:
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else ""
