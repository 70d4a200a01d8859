import pytest

from demo_models.__main__ import main


def test_sample_prints_conversations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--seed", "3", "--count", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("user: ") >= 2
    assert printed.count("assistant: ") >= 2


def test_ask_prints_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "arena-demo-a", "What is 7 + 5?"]) == 0
    assert capsys.readouterr().out == "> What is 7 + 5?\n7 + 5 = 12\n\n"


@pytest.mark.parametrize("arguments", [[], ["train"], ["evaluate", "unknown"]])
def test_wrong_arguments_end_with_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
