"""What a GGUF file says about itself: its metadata and the table of its tensors, never a weight.

The format is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
"""

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

GGUF_SUFFIX: Final = ".gguf"
TOKENS: Final = "tokenizer.ggml.tokens"
"""The only array of texts that is kept: it names the tokens that begin and end a reply."""

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_NUMBERS: Final = {**dict(enumerate("BbHhIif?")), 10: "Q", 11: "q", 12: "d"}
"""How `struct` calls GGUF's kinds of numbers."""

_TEXT: Final = 8
_ARRAY: Final = 9
_ALIGNMENT: Final = 32
_MOST_DIMENSIONS: Final = 4


class GgufFault(ValueError):
    """The file cannot be read as GGUF; the text says why, without the file's name."""


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor as the file stores it: `kind` is ggml's number, `offset` counts from the data."""

    name: str
    count: int
    is_matrix: bool
    kind: int
    offset: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """All that a file says before its weights. Arrays of texts other than `TOKENS` are counts."""

    metadata: Mapping[str, Any]
    tensors: tuple[GgufTensor, ...]
    data_begin: int
    file_bytes: int

    @property
    def architecture(self) -> str:
        """What llama.cpp calls this kind of model, such as llama or qwen2."""
        return str(self.metadata.get("general.architecture", ""))

    def field(self, name: str) -> Any:
        """Return a field of the architecture, such as `block_count`; None where it is not there."""
        return self.metadata.get(f"{self.architecture}.{name}")

    def token(self, role: str) -> str:
        """Return the text of the token with a role, `bos` or `eos`; empty where there is none."""
        number, tokens = (
            self.metadata.get(f"tokenizer.ggml.{role}_token_id"),
            self.metadata.get(TOKENS),
        )
        if not isinstance(tokens, list) or not isinstance(number, int) or number >= len(tokens):
            return ""
        return str(tokens[number])


def is_gguf(path: Path) -> bool:
    """Return whether a path names a GGUF file, by its ending."""
    return path.suffix.lower() == GGUF_SUFFIX


def read_gguf_header(file: Path) -> GgufHeader:
    """Read a file's header; a tenth of a second. Raises OSError and GgufFault."""
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise GgufFault("it does not begin as a GGUF file does")
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                return _Reader(content, len(_MAGIC)).header()
            except (struct.error, IndexError, OverflowError, MemoryError) as error:
                raise GgufFault("it is cut short, or damaged") from error
            except UnicodeDecodeError as error:
                raise GgufFault("it is damaged: a text in it is not UTF-8") from error


class _Reader:
    """Reads one value after the other; raises struct.error at the end of the file."""

    def __init__(self, content: mmap.mmap, place: int) -> None:
        self._content = content
        self._place = place

    def header(self) -> GgufHeader:
        version = self._number("I")
        if version not in _VERSIONS:
            raise GgufFault(f"its version is {version}, and 2 and 3 can be read")
        tensor_count, field_count = self._number("Q"), self._number("Q")
        metadata = dict(self._field() for _ in range(field_count))
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        alignment = int(metadata.get("general.alignment") or _ALIGNMENT)
        begin = math.ceil(self._place / alignment) * alignment
        return GgufHeader(metadata, tensors, begin, len(self._content))

    def _field(self) -> tuple[str, Any]:
        name = self._text()
        return name, self._value(self._number("I"), keep_texts=name == TOKENS)

    def _value(self, kind: int, *, keep_texts: bool) -> Any:
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _TEXT:
            return self._text()
        if kind != _ARRAY:
            raise GgufFault(f"it is damaged: there is no kind {kind} of values")
        return self._array(self._number("I"), self._number("Q"), keep_texts=keep_texts)

    def _array(self, kind: int, count: int, *, keep_texts: bool) -> Any:
        if kind in _NUMBERS:
            return list(self._numbers(f"{count}{_NUMBERS[kind]}"))
        if kind != _TEXT:
            raise GgufFault(f"it holds an array of kind {kind}, which cannot be read")
        if keep_texts:
            return [self._text() for _ in range(count)]
        for _ in range(count):
            self._skip(self._number("Q"))
        return count

    def _tensor(self) -> GgufTensor:
        name, dimensions = self._text(), self._number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise GgufFault(f"it is damaged: {name!r} has {dimensions} dimensions")
        shape = self._numbers(f"{dimensions}Q")
        kind, offset = self._number("I"), self._number("Q")
        return GgufTensor(name, math.prod(shape), dimensions > 1, kind, offset)

    def _number(self, code: str) -> Any:
        return self._numbers(code)[0]

    def _numbers(self, codes: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{codes}", self._content, self._place)
        self._place += struct.calcsize(f"<{codes}")
        return values

    def _text(self) -> str:
        length = self._number("Q")
        begin = self._place
        self._skip(length)
        return self._content[begin : self._place].decode("utf-8")

    def _skip(self, length: int) -> None:
        self._place += length
        if self._place > len(self._content):
            raise struct.error
