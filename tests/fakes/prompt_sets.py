"""Prompt sets in files of every format, and what a reader makes of them."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from arena.campaign_files.prompt_set import PromptReader
from arena.domain.campaign import CampaignPrompt
from tests.fakes.campaign_files import french

CATEGORIES = ("writing", "math")


def read(*paths: Path, categories: Sequence[str] = CATEGORIES) -> tuple[CampaignPrompt, ...]:
    reader = PromptReader(categories, french)
    prompts = tuple(prompt for path in paths for prompt in reader.prompts(path))
    assert [str(error) for error in reader.errors] == []
    return prompts


def stored(folder: Path, content: bytes | str, name: str = "prompts.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_csv(rows: Sequence[Mapping[str, Any]], line_end: str = "\n") -> str:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_jsonl(rows: Sequence[Mapping[str, Any]], line_end: str = "\n") -> str:
    return line_end.join(json.dumps(row, ensure_ascii=False) for row in rows)


def as_yaml(rows: Sequence[Mapping[str, Any]]) -> str:
    text = StringIO()
    YAML(typ="safe").dump(list(rows), text)
    return text.getvalue()


def write_parquet(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / "prompts.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path
