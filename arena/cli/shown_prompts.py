"""`arena check --show-prompt`: what a model reads, turn by turn, with its tokens."""

import json
import os
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer

from arena.catalog import ModelRow
from arena.domain.conversation import Role
from arena.inference.engine_questions import NoAnswer, ask_engine
from arena.inference.engines.environment import environment_of
from arena.prompting import AUTO, PLACEHOLDER_REPLY, choose_format, render, sample_turns


def show_prompts(
    row: ModelRow, file: Path, texts: Sequence[str], *, as_json: bool, engine: Sequence[str]
) -> None:
    """Print the prompt of each turn of a conversation, of which the user says `texts`.

    `engine` is the command that knows the tokenizers. Raises NoAnswer, after the prompts as
    far as they are known without it, and PromptFormatError.
    """
    if row.backend != "local" or row.engine == "vllm":
        _print_messages(row, texts, as_json=as_json)
        return
    try:
        description = _described(row, file, texts, engine)
    except NoAnswer:
        if not as_json:
            _print_without_tokens(row, texts)
        raise
    if as_json:
        print_json(description)
        return
    before: list[int] = []
    for number, turn in enumerate(description["turns"], start=1):
        _print_heading(number)
        typer.echo(turn["rendered"])
        _print_tokens(turn["tokens"], turn["token_texts"], before)
        before = turn["tokens"]


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document, indented."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_heading(number: int) -> None:
    if number > 1:
        typer.echo(f"\nTurn {number}, after the reply {PLACEHOLDER_REPLY!r}:\n")


def _print_tokens(tokens: Sequence[int], texts: Sequence[str], before: Sequence[int]) -> None:
    """Print tokens one a line; those that a turn shares with the turn before only as a number."""
    pairs = zip(tokens, before, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    known = f", the first {shared} as before, then" if shared else ""
    typer.echo(f"\n{len(tokens)} tokens{known}:")
    for token, shown in list(zip(tokens, texts, strict=True))[shared:]:
        typer.echo(f"{token:>8}  {shown!r}")


def _described(
    row: ModelRow, file: Path, texts: Sequence[str], engine: Sequence[str]
) -> dict[str, Any]:
    said = [part for text in texts for part in ("--text", text)]
    question = ["--describe", row.key, "--models", str(file), "--json", *said]
    return ask_engine(engine, question, environment=environment_of(row, os.environ))


def _print_without_tokens(row: ModelRow, texts: Sequence[str]) -> None:
    """Show the text as far as it is known without the tokenizer, which `auto` needs."""
    if row.prompt_format == AUTO:
        return
    prompt_format = choose_format(row.prompt_format, file=row.prompt_format_file())
    for number, said in enumerate(sample_turns(texts), start=1):
        prompt = render(prompt_format, said, system_prompt=row.system_prompt)
        _print_heading(number)
        typer.echo(prompt.text)
    typer.echo("\nThe tokens are not known, because the engine failed:", err=True)


def _print_messages(row: ModelRow, texts: Sequence[str], *, as_json: bool) -> None:
    *_, said = sample_turns(texts)
    messages = [{"role": str(message.role), "content": message.content} for message in said]
    if row.system_prompt:
        messages.insert(0, {"role": str(Role.SYSTEM), "content": row.system_prompt})
    if as_json:
        print_json({"messages": messages})
        return
    typer.echo("The model's server renders the prompt itself. It is sent these messages:")
    for message in messages:
        typer.echo(f"{message['role']}: {message['content']}")
