"""`arena check` shows what a model reads."""

import json
from pathlib import Path

import pytest

from tests.cli.checks import LOCAL, TWO_MODELS, engine, run, written

ENGINE = """\
import json, sys
arguments = sys.argv[1:]
assert arguments[:2] == ["--describe", "local"], arguments
assert arguments[-5:] == ["--json", "--text", "hi <there>", "--text", "hi <there>"], arguments
first = {"rendered": "[INST] hi [/INST]", "tokens": [1, 22172], "token_texts": ["<s>", " hi\\n"]}
second = {"rendered": "[INST] hi [/INST] R </s><s>[INST] hi [/INST]",
          "tokens": [1, 22172, 2, 1], "token_texts": ["<s>", " hi\\n", "</s>", "<s>"]}
print(json.dumps({**first, "turns": [first, second], "context": 4096}))
"""


def test_the_prompt_of_a_local_model_is_shown_with_its_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, ENGINE)
    path = str(written(tmp_path, LOCAL))
    result = run(path, "--show-prompt", "local", "hi <there>")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "[INST] hi [/INST]",
        "",
        "2 tokens:",
        "       1  '<s>'",
        "   22172  ' hi\\n'",
        "",
        "Turn 2, after the reply 'This stands for a reply.':",
        "",
        "[INST] hi [/INST] R </s><s>[INST] hi [/INST]",
        "",
        "4 tokens, the first 2 as before, then:",
        "       2  '</s>'",
        "       1  '<s>'",
    ]
    as_json = json.loads(run(path, "--json", "--show-prompt", "local", "hi <there>").stdout)
    assert as_json["tokens"] == [1, 22172]
    assert [len(turn["tokens"]) for turn in as_json["turns"]] == [2, 4]


def test_what_a_failing_engine_says_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, "import sys; sys.exit('no such checkpoint')")
    path = str(written(tmp_path, LOCAL))
    result = run(path, "--show-prompt", "local", "hi")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "[INST] hi [/INST]",
        "",
        "Turn 2, after the reply 'This stands for a reply.':",
        "",
        "[INST] hi [/INST] This stands for a reply. </s><s>[INST] hi [/INST]",
    ]
    assert result.stderr.endswith("no such checkpoint\n")
    assert run(path, "--json", "--show-prompt", "local", "hi").stdout == ""


def test_an_engine_that_does_not_answer_in_json_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, "print('loading ...')")
    result = run(str(written(tmp_path, LOCAL)), "--show-prompt", "local", "hi")
    assert result.exit_code == 1
    assert "is not JSON" in result.stderr


def test_a_remote_model_is_shown_the_messages_that_its_server_gets(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--show-prompt", "two", "hi")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        "system: Be brief.",
        "user: hi",
        "assistant: This stands for a reply.",
        "user: hi",
    ]


def test_what_is_said_next_can_be_given_turn_by_turn(tmp_path: Path) -> None:
    said = ["--show-prompt", "two", "hi", "--follow-up", "and then", "--follow-up", "at last"]
    result = run(str(written(tmp_path, TWO_MODELS)), "--json", *said)
    messages = json.loads(result.stdout)["messages"]
    users = [message["content"] for message in messages if message["role"] == "user"]
    assert users == ["hi", "and then", "at last"]


def test_a_follow_up_without_a_prompt_is_refused(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--follow-up", "and then")
    assert result.exit_code == 2
    assert "--follow-up goes with --show-prompt" in result.stderr


def test_an_unknown_key_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--show-prompt", "three", "hi")
    assert result.exit_code == 2
    assert "it has: one, two" in result.stderr
