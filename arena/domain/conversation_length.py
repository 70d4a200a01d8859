"""How long a conversation is, in a measure that is the same for every pair of models."""

from collections.abc import Iterable, Sequence


def counted(text: str) -> int:
    """Return the size of a text that limits count: its bytes in UTF-8.

    A Chinese character counts as three, a Cyrillic one as two: about what they cost a model in
    tokens. Nobody's tokenizer takes part.
    """
    return len(text.encode("utf-8", "surrogatepass"))


def conversation_length(turns: Iterable[tuple[str, Sequence[str]]]) -> int:
    """Count the characters of a conversation: each prompt, and the longest reply to it.

    Every column is measured by the longest reply, whoever wrote it: so a limit on this length
    says nothing that the page does not show already.
    """
    return sum(counted(prompt) + max(map(counted, replies), default=0) for prompt, replies in turns)
