"""Generation of a campaign on the embedded models, against their bare engine."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from arena.catalog import ModelCatalog, load_catalog
from arena.domain.conversation import Message, ModelKey, Role
from arena.inference.clock import SystemClock
from arena.services.campaigns.replies.generating import (
    Generation,
    GenerationOptions,
    ModelOutcome,
)
from arena.services.campaigns.replies.plans import CampaignReplies, opening_messages
from arena.services.campaigns.replies.serving import ENGINE_ROWS, OneModelAtATime
from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.benchmarks.bursts import ROUNDS
from tests.fakes.stored_campaigns import store_campaign

_PROMPTS = Path(__file__).parents[2] / "examples" / "wizardlm2" / "prompts.jsonl"
_MODELS = (ModelKey("arena-demo-a"), ModelKey("arena-demo-b"))
_TOKENS = 256
_TARGET = 0.85

_LEGEND = f"""\
The 60 prompts of examples/wizardlm2, greedy, at most {_TOKENS} new tokens, medians of {ROUNDS}
rounds. `campaign` is `Generation` with a new database each time, every reply committed as it ends;
the load of the model does not count. `bare engine` is the same engine, asked for the same replies
over bare sockets, {ENGINE_ROWS} at a time, with all turns of a conversation known beforehand; each
campaign runs between two of these, and the ratio is to the mean of both. Target: {_TARGET} of the
bare engine's tokens a second."""

_HEAD = (
    "| model | replies | tokens | bare engine | campaign | ratio |",
    "|---|---|---|---|---|---|",
)

Conversation = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Speed:
    """Tokens and the seconds in which they were written."""

    replies: int
    tokens: int
    seconds: float

    @property
    def per_s(self) -> float:
        return self.tokens / self.seconds


def campaign_replies_table() -> str:
    """The table, with ratios within the same rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalog = _catalog(folder)
        asked = _asked(folder / "asked", catalog)
        rounds = [
            {key: _round(folder / f"{number}-{key}", catalog, key, asked[key]) for key in _MODELS}
            for number in range(ROUNDS)
        ]
    rows = [_row(key, [one[key] for one in rounds]) for key in _MODELS]
    return "\n".join([_LEGEND, "", *_HEAD, *rows])


def _row(key: str, rounds: Sequence[tuple[_Speed, _Speed]]) -> str:
    bare, campaign = (median(one[way].per_s for one in rounds) for way in (0, 1))
    ratio = median(ours.per_s / theirs.per_s for theirs, ours in rounds)
    example = rounds[0][1]
    return (
        f"| {key} | {example.replies} | {example.tokens} | {bare:.0f} tokens/s "
        f"| {campaign:.0f} tokens/s | {ratio:.2f} |"
    )


def _round(
    folder: Path, catalog: ModelCatalog, key: ModelKey, asked: Sequence[Conversation]
) -> tuple[_Speed, _Speed]:
    """Ask the bare engine before and after the campaign: a shared machine changes its speed."""
    before = _bare(catalog, key, asked)
    with _generated(folder, catalog, key) as (_, outcomes):
        campaign = _of(outcomes[0])
    after = _bare(catalog, key, asked)
    seconds = (before.seconds + after.seconds) / 2
    return _Speed(before.replies, before.tokens, seconds), campaign


def _asked(folder: Path, catalog: ModelCatalog) -> dict[str, list[Conversation]]:
    """Return what each model is asked, learned from a campaign that is not measured."""
    with _generated(folder, catalog, *_MODELS) as (database, _):
        return {key: _conversations(database, key) for key in _MODELS}


@contextmanager
def _generated(
    folder: Path, catalog: ModelCatalog, *keys: ModelKey
) -> Iterator[tuple[Database, Sequence[ModelOutcome]]]:
    """Generate a campaign's replies of some models; yields its new database and what was done."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'arena.sqlite3'}")
    migrate(database)
    store_campaign(database, *_prompts(), models=_MODELS)
    server = OneModelAtATime(catalog, SystemClock(), os.environ)
    generation = Generation(database, catalog, server, SystemClock())
    options = GenerationOptions(only=frozenset(keys))
    try:
        yield database, asyncio.run(generation.run("pilot", options))
    finally:
        database.close()


def _of(outcome: ModelOutcome) -> _Speed:
    if outcome.given_up or not outcome.tokens:
        raise RuntimeError(f"{outcome.key}: {outcome.given_up or 'nothing was written'}")
    return _Speed(outcome.written, outcome.tokens, outcome.seconds)


def _prompts() -> Iterator[str | list[str]]:
    for line in _PROMPTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["prompt"] if "prompt" in row else [_text(one) for one in row["messages"]]


def _text(message: Any) -> str:
    return str(message["content"] if isinstance(message, dict) else message)


def _conversations(database: Database, key: str) -> list[Conversation]:
    """Return what a model was asked, each turn with the replies before it."""
    plan, places = CampaignReplies(database).places("pilot")
    texts = {
        (one.prompt_id, one.place.turn): one.reply.text
        for one in places
        if one.model == key and one.reply is not None
    }
    asked: list[Conversation] = []
    for prompt in plan.prompts:
        messages = opening_messages(prompt)
        for turn, said in enumerate(prompt.turns, start=1):
            messages.append(Message(Role.USER, said))
            asked.append([{"role": one.role.value, "content": one.content} for one in messages])
            messages.append(Message(Role.ASSISTANT, texts[prompt.id, turn]))
    return asked


def _bare(catalog: ModelCatalog, key: ModelKey, asked: Sequence[Conversation]) -> _Speed:
    """Ask an engine for all replies, as many at a time as its batch has rows."""
    with _engine(catalog.path, key) as port:
        asyncio.run(_all(port, asked[:2]))
        began = time.perf_counter()
        tokens = asyncio.run(_all(port, asked))
        return _Speed(len(asked), tokens, time.perf_counter() - began)


async def _all(port: int, asked: Sequence[Conversation]) -> int:
    rows = asyncio.Semaphore(ENGINE_ROWS)

    async def one(messages: Conversation) -> int:
        async with rows:
            return await _tokens(port, messages)

    return sum(await asyncio.gather(*map(one, asked)))


async def _tokens(port: int, messages: Conversation) -> int:
    async for event in _events(port, messages):
        if usage := event.get("usage"):
            return int(usage["completion_tokens"])
    raise RuntimeError("a reply without an end")


async def _events(port: int, messages: Conversation) -> AsyncGenerator[dict[str, Any], None]:
    """The events of a streamed reply, read from a bare socket: a client shares the cores here."""
    body = json.dumps(
        {
            "messages": messages,
            "max_tokens": _TOKENS,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        async for line in reader:
            if line.startswith(b"data: {"):
                yield json.loads(line.removeprefix(b"data: "))
    finally:
        writer.close()
        await writer.wait_closed()


@contextmanager
def _engine(catalog: Path, key: str) -> Iterator[int]:
    """An engine process with all cores, as a campaign starts it; yields its port."""
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog), "--key", key]
    threads = ["--threads", str(os.cpu_count() or 1)]
    process = subprocess.Popen(
        [*command, *threads], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        port = int(json.loads(process.stdout.readline())["port"])
        while httpx.get(f"http://127.0.0.1:{port}/health").status_code != httpx.codes.OK:
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _catalog(folder: Path) -> ModelCatalog:
    lines = [f"defaults: {{sampling: {{max_new_tokens: {_TOKENS}, temperature: 0}}}}", "models:"]
    lines += [
        f"  {key}: {{name: {key}, backend: local, source: 'embedded:{key}', max_context: 1024}}"
        for key in _MODELS
    ]
    path = folder / "models.yaml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return load_catalog(path)
