"""Lines of files to import, written by tests."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LLMFAO_HEADER = "id,prompt,model_x,model_y,worker,winner,left,right"


def as_lines(text: str) -> list[bytes]:
    """The text as a file gives it: lines with their ends."""
    return text.encode().splitlines(keepends=True)


def llmfao_lines(*rows: str) -> list[bytes]:
    """A file in LLMFAO's format."""
    return as_lines("\n".join((LLMFAO_HEADER, *rows)) + "\n")


def json_lines(rows: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """One JSON object a line."""
    return [json.dumps(row).encode() + b"\n" for row in rows]


def judgment(**changes: Any) -> dict[str, Any]:
    """A row of MT-bench's human judgments: two turns, of which the first was judged."""
    row = {
        "question_id": 81,
        "model_a": "alpaca-13b",
        "model_b": "gpt-3.5-turbo",
        "winner": "model_b",
        "judge": "author_2",
        "conversation_a": conversation("Write.", "I write.", "Again.", "I wrote."),
        "conversation_b": conversation("Write.", "Dear all,", "Again.", "Dear all, again,"),
        "turn": 1,
    }
    return row | changes


def conversation(*texts: str) -> list[dict[str, str]]:
    """Messages of user and assistant by turns."""
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]


def fastchat_vote(
    kind: str = "leftvote",
    *,
    conversations: tuple[str, str] = ("c1", "c2"),
    models: tuple[str, str] = ("vicuna-13b", "koala-13b"),
    labels: Sequence[str] = ("", ""),
    texts: tuple[Sequence[Any], Sequence[Any]] = (("Hi", "Yo"), ("Hi", "Hello")),
    **changes: Any,
) -> dict[str, Any]:
    """A vote event of FastChat's log; `texts` are the messages of either side."""
    sides = zip(conversations, models, texts, strict=True)
    event = {
        "tstamp": 1700000000.5,
        "type": kind,
        "models": list(labels),
        "states": [fastchat_state(*side) for side in sides],
        "ip": "203.0.113.7",
    }
    return event | changes


def fastchat_state(conversation_id: str, model: str, texts: Sequence[Any]) -> dict[str, Any]:
    """One side as FastChat writes it, with an example before the messages."""
    roles = ("USER", "ASSISTANT")
    example = [["USER", "an example"], ["ASSISTANT", "its answer"]]
    messages = [[roles[n % 2], text] for n, text in enumerate(texts)]
    return {
        "template_name": "vicuna_v1.1",
        "roles": list(roles),
        "messages": example + messages,
        "offset": 2,
        "conv_id": conversation_id,
        "model_name": model,
    }


def fastchat_chat(
    conversation_id: str, model: str, texts: Sequence[str], took: float
) -> dict[str, Any]:
    """The event that FastChat writes when one reply is complete."""
    return {
        "tstamp": 1699999990.0 + took,
        "type": "chat",
        "model": model,
        "gen_params": {"temperature": 0.7, "top_p": 1.0, "max_new_tokens": 1024},
        "start": 1699999990.0,
        "finish": 1699999990.0 + took,
        "state": fastchat_state(conversation_id, model, texts),
        "ip": "203.0.113.7",
    }
