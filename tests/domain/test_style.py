"""What is counted as style of a reply."""

import pytest

from arena.domain.style import StyleFeature, style_of

MARKDOWN = """# Plan

Some **bold words** and __more__, but not ** this ** or a_b__c__d.

1. first
2) second
- third
   * nested
+ fifth
-no item, *no item either*

####### seven signs are no heading
## Second ##

```python
# a comment, no heading
- **nothing** here
```

~~~~
```
still code
~~~~
`**code**` and **bold**
"""


def test_headings_items_bold_and_blocks_are_counted_outside_of_code() -> None:
    found = style_of(MARKDOWN)

    assert found[StyleFeature.HEADINGS] == 2
    assert found[StyleFeature.LISTS] == 5
    assert found[StyleFeature.BOLD] == 3
    assert found[StyleFeature.CODE] == 2


def test_a_block_that_is_never_closed_hides_the_rest() -> None:
    found = style_of("```\n# no heading\n**no**")

    assert (found[StyleFeature.CODE], found[StyleFeature.HEADINGS]) == (1, 0)
    assert found[StyleFeature.BOLD] == 0


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Two words.", 3),
        ("我喜欢猫。", 5),
        ("GPT-4 is 好", 5),
        ("カタカナ", 4),
        ("한국어 문장", 2),
    ],
)
def test_tokens_are_words_east_asian_characters_and_signs(text: str, tokens: int) -> None:
    assert style_of(text)[StyleFeature.TOKENS] == tokens


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("😀😀", 2),
        ("👍🏽", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("🤷‍♀️", 1),
        ("🇫🇷🇩🇪", 2),
        ("1️⃣", 1),
        ("❤️ and ❤", 1),
        ("✅ → ✓ © 1 #", 1),
        ("漢字 and \u2460", 0),
    ],
)
def test_emoji_are_counted_as_people_see_them(text: str, emoji: int) -> None:
    assert style_of(text)[StyleFeature.EMOJI] == emoji


def test_length_is_in_characters_with_code_and_spaces() -> None:
    assert style_of("a\n```\nb\n```")[StyleFeature.CHARACTERS] == 11


@pytest.mark.parametrize("piece", ["**a ", "__a ", "`", "*", "_", "- ", "**a__", "\u200d"])
def test_a_hostile_text_takes_as_long_as_its_length(piece: str) -> None:
    """A pattern that is quadratic would take an hour, and run into the timeout of all tests."""
    text = piece * (1_000_000 // len(piece))

    assert style_of(text)[StyleFeature.CHARACTERS] == len(text)
