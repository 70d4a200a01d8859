"""A YAML file as plain values, with the line of every key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from arena.catalog.faults import CatalogError, Fault
from arena.domain.characters import to_well_formed

YamlPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, where each key stands (from 1), and the keys that stand twice."""

    values: Any
    lines: dict[YamlPath, int]
    duplicates: tuple[Fault, ...]

    def line_of(self, path: YamlPath) -> int:
        """Return the line of a key, or of its nearest parent that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse_document(text: str) -> Document:
    """Read YAML 1.2; raises ruamel's YAMLError. Of keys that stand twice the first one counts."""
    reader = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = True
    values = _well_formed(reader.load(text))
    index = _Index()
    index.add(YAML(typ="safe", pure=True).compose(text), ())
    return Document(values, index.lines, tuple(index.duplicates))


def read_document(path: Path) -> Document:
    """Read a YAML file. Raises CatalogError where it cannot be read as one."""
    try:
        return parse_document(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise CatalogError(path, (Fault(0, "", f"cannot be read: {reason}"),)) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        message = f"not valid YAML: {error.problem or error.context}"
        raise CatalogError(path, (Fault(line, "", message),)) from error
    except YAMLError as error:
        raise CatalogError(path, (Fault(0, "", f"not valid YAML: {error}"),)) from error
    except RecursionError as error:
        message = "is nested too deeply, or an alias contains itself"
        raise CatalogError(path, (Fault(0, "", message),)) from error


def dotted(path: YamlPath) -> str:
    """Return a path as it is shown: `models.x.sampling.stop.0`."""
    return ".".join(str(step) for step in path)


def _well_formed(value: Any) -> Any:
    """Join or replace halves of characters, which escapes such as "\\ud83d" can write."""
    if isinstance(value, str):
        return to_well_formed(value)
    if isinstance(value, dict):
        return {_well_formed(key): _well_formed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_well_formed(one) for one in value]
    return value


@dataclass(slots=True)
class _Index:
    """Walks a tree of nodes and notes the line of every key."""

    lines: dict[YamlPath, int] = field(default_factory=dict)
    duplicates: list[Fault] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)

    def add(self, node: Node | None, path: YamlPath) -> None:
        """Note what is below a node; an alias that contains itself is entered once."""
        if node is None or id(node) in self._open:
            return
        self._open.add(id(node))
        for step, place, child in _children(node):
            self._add_key((*path, step), place.start_mark.line + 1, child)
        self._open.remove(id(node))

    def _add_key(self, path: YamlPath, line: int, value: Node) -> None:
        if path in self.lines:
            earlier = f"stands twice, first in line {self.lines[path]}: remove or rename one"
            self.duplicates.append(Fault(line, dotted(path), earlier))
            return
        self.lines[path] = line
        self.add(value, path)


def _children(node: Node) -> Iterator[tuple[str | int, Node, Node]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield str(key.value), key, value
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield index, item, item
