"""Rules find what may be personal data, and leave ordinary text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.services.report.personal_data import PersonalKind, context, listed, screened


def _found(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.found) for one in screened(text)]


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Write to ada.l+x@mail.example.org.", "email", "ada.l+x@mail.example.org"),
        ("请联系 li@example.cn。", "email", "li@example.cn"),
        ("call +49 30 1234567 now", "phone", "+49 30 1234567"),
        ("call (030) 123-4567", "phone", "(030) 123-4567"),
        ("555-123-4567", "phone", "555-123-4567"),
        ("我的电话是13812345678，谢谢", "phone", None),
        ("电话 138 1234 5678", "phone", "138 1234 5678"),
        ("key sk-abcdefghijklmnop1234", "key", "sk-abcdefghijklmnop1234"),
        ("hf_abcdefghijklmnopqrstuv", "key", "hf_abcdefghijklmnopqrstuv"),
        ("AKIAABCDEFGHIJKLMNOP", "key", "AKIAABCDEFGHIJKLMNOP"),
        ("-----BEGIN RSA PRIVATE KEY-----", "key", "-----BEGIN RSA PRIVATE KEY-----"),
        ("I saw Dr. Ada Lovelace there", "name", "Dr. Ada Lovelace"),
        ("hello, My name is Émile Zola", "name", "My name is Émile Zola"),
        ("你好，我叫王小明", "name", "我叫王小明"),
    ],
)
def test_what_may_be_personal_is_found(text: str, kind: str, found: str | None) -> None:
    told = dict(_found(text))
    assert kind in told
    assert found is None or told[kind] == found


@pytest.mark.parametrize(
    "text",
    [
        "In 2024-01-15 there were 1,234,567 votes and 3.14159265358979 radians.",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "192.168.100.200 is an address of a machine",
        "a @ b, user@localhost",
        "task-skipping and risk-averse-decisions-are-fine",
        "my name is not important; dr who",
        "12345678901234567890",
    ],
)
def test_ordinary_text_has_nothing(text: str) -> None:
    assert _found(text) == []


def test_a_line_of_the_list_says_where_and_what() -> None:
    text = "First line\nand then\twrite to ada@example.org, please. " + "x" * 100

    (one,) = listed([("prompts", "b1/1", text)])

    assert (one.table, one.id, one.kind) == ("prompts", "b1/1", PersonalKind.EMAIL)
    assert one.found == "ada@example.org"
    assert one.context.startswith("First line and then write to ada@example.org, please.")


@given(st.text())
def test_a_finding_is_a_part_of_its_text(text: str) -> None:
    for one in screened(text):
        assert text[one.start : one.end] == one.found
        assert " ".join(one.found.split()) in context(text, one)
