"""Passwords that everybody tries first."""

import pytest

from arena.domain.passwords import is_tried_first


@pytest.mark.parametrize(
    "password",
    [
        "admin",
        "Admin123",
        "password",
        "PASSWORD!",
        "password2026",
        "changeme",
        "change-me",
        "your-password",
        "arena",
        "12345678",
        "0123456789",
        "87654321",
        "aaaaaaaaaa",
        "",
        "   ",
    ],
)
def test_words_of_documentation_and_rows_of_keys_are_tried_first(password: str) -> None:
    assert is_tried_first(password)


@pytest.mark.parametrize(
    "password",
    ["correct-horse-battery", "long enough", "a good password", "13579135", "arenas of verona"],
)
def test_others_are_not(password: str) -> None:
    assert not is_tried_first(password)
