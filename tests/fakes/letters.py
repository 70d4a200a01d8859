"""A tokenizer without files: every letter is a token."""


class LetterDecoder:
    """Ids are code points."""

    def step(self, token: int) -> str:
        """Return the letter."""
        return chr(token)
