"""A model without files: every letter is a token, and it writes one letter alone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

from arena.engine.batching.coalescing_queue import Pause, no_pause
from arena.engine.batching.generator import (
    BatchStatus,
    GenerationFailed,
    Generator,
    SamplingParams,
)
from arena.engine.decoding import TokenDecoder
from arena.engine.prompts import PromptBuilder, TokenPrompt

END = 0


class LetterDecoder:
    """Ids are code points."""

    def step(self, token: int) -> str:
        """Return the letter."""
        return chr(token)


class LetterGenerator:
    """Yields a letter whenever it is told to; counts those who wait for one.

    With a `loss` it raises that after `letters_before_loss` letters.
    """

    name = "letters"

    def __init__(self) -> None:
        self.failure: str | None = None
        self.loss: GenerationFailed | None = None
        self.letters_before_loss = 0
        self.released = asyncio.Event()
        self.open = 0

    @property
    def status(self) -> BatchStatus:
        """All that were let in run."""
        return BatchStatus(running=self.open, waiting=0)

    async def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        """Wait, then say `a` up to the budget."""
        self.open += 1
        try:
            await self.released.wait()
            for number in range(sampling.max_new_tokens):
                if self.loss is not None and number == self.letters_before_loss:
                    raise self.loss
                yield [97]
        finally:
            self.open -= 1

    async def watch(self) -> None:
        """Nothing to look after."""

    def close(self) -> None:
        """Nothing to stop."""


class LetterPrompts:
    """Every letter is a token."""

    stops = ()

    def chat(self, messages: Sequence[Any], partial_reply: str = "") -> TokenPrompt:
        """Join all messages."""
        text = "".join(message.content for message in messages) + partial_reply
        return TokenPrompt(text, tuple(map(ord, text)), continues=False)

    def raw(self, text: str) -> TokenPrompt:
        """Take the text."""
        return TokenPrompt(text, tuple(map(ord, text)), continues=True)

    def decoder(self, prompt: TokenPrompt) -> TokenDecoder:
        """Return a decoder of letters."""
        return LetterDecoder()


class LetterModel:
    """A served model of letters with room for 100 tokens."""

    def __init__(self) -> None:
        self.letters = LetterGenerator()
        self.generator: Generator = self.letters
        self.prompts = cast("PromptBuilder", LetterPrompts())
        self.context = 100
        self.vocabulary = 128
        self.number_format = "float32"
        self.closed = False

    @property
    def end(self) -> frozenset[int]:
        """The end token."""
        return frozenset({END})

    @property
    def generators(self) -> tuple[Generator, ...]:
        """The one generator."""
        return (self.generator,)

    async def generator_for(self, sampling: SamplingParams) -> Generator:
        """Return the one generator."""
        return self.generator

    def close(self) -> None:
        """Note it."""
        self.closed = True
