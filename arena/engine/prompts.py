"""Conversations to token ids, exactly as the model was trained to read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arena.catalog import ModelRow
from arena.domain.conversation import Message, Role
from arena.domain.reasoning_tags import CHANNEL_TOKENS, is_tag
from arena.engine.decoding import FastDecoder, SlowDecoder, TagDecoder, TokenDecoder
from arena.engine.loading.tokenizing import begins_with_bos, text_encoder
from arena.prompting import PromptFormatError, RenderedPrompt, choose_format, render

_JOINING_IDS = 8
_SPACE = "▁"
"""SentencePiece's sign for it; decoders leave it out where a text begins."""
_TRIAL = (Message(Role.USER, "Hello"),)


class PromptTooLong(ValueError):
    """The prompt leaves no room for a reply. Both numbers are tokens.

    `counted` False: so long that it was not tokenised, and `length` is the least it can have.
    """

    def __init__(self, *, length: int, limit: int, counted: bool = True) -> None:
        tokens = f"{length} tokens" if counted else f"more than {length} tokens"
        super().__init__(
            f"the prompt has {tokens}, and this model's context holds {limit}, "
            "which the reply has to share"
        )
        self.length = length
        self.limit = limit


@dataclass(frozen=True, slots=True)
class TokenPrompt:
    """A prompt ready for the model. `text` is what was rendered, before tokenising."""

    text: str
    ids: tuple[int, ...]
    continues: bool


class PromptBuilder:
    """Renders and tokenises for one model.

    Not safe for threads: a fast tokenizer is not. The engine uses it on its event loop only.
    Raises PromptFormatError, also from the constructor when the format does not suit the model.
    """

    def __init__(self, row: ModelRow, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._system_prompt = row.system_prompt
        self._format = choose_format(
            row.prompt_format,
            file=row.prompt_format_file(),
            template=row.prompt_template,
            chat_template=_chat_template(tokenizer),
        )
        self._encode = text_encoder(tokenizer, row)
        self._special_texts = _special_texts(tokenizer)
        self._adds_bos = begins_with_bos(tokenizer)
        dividers = CHANNEL_TOKENS if self._special_texts >= CHANNEL_TOKENS else frozenset()
        stops = [stop for stop in self._render(_TRIAL, "").stop if stop not in dividers]
        ends = {stop: self._special_id(stop) for stop in stops}
        self.end_tokens = frozenset(token for token in ends.values() if token is not None)
        written = {text for text in self._special_texts if is_tag(text)} | dividers
        tags = {self._special_id(text): text for text in written}
        self._tags = {token: text for token, text in tags.items() if token is not None}
        self.stops = (*(s for s, token in ends.items() if token is None), *row.sampling.stop)

    def chat(self, messages: Sequence[Message], partial_reply: str = "") -> TokenPrompt:
        """Render a conversation that ends with a user message, and a reply to be continued."""
        rendered = self._render(messages, partial_reply)
        ids = self._beginning(rendered) + self._encode(
            rendered.text, plain=not rendered.special_tokens_in_text
        )
        return TokenPrompt(rendered.text, tuple(ids), continues=bool(partial_reply))

    def raw(self, text: str) -> TokenPrompt:
        """Tokenise text as it is; its control tokens count, and BOS is added where it is due."""
        bos = self._tokenizer.bos_token
        begins = self._adds_bos and not text.startswith(bos)
        ids = [self._tokenizer.bos_token_id] * begins + self._encode(text, plain=False)
        return TokenPrompt(text, tuple(ids), continues=True)

    def decoder(self, prompt: TokenPrompt) -> TokenDecoder:
        """Return a decoder for one reply to `prompt`."""
        decoder = self._plain_decoder(prompt)
        return TagDecoder(decoder, self._tags) if self._tags else decoder

    def _plain_decoder(self, prompt: TokenPrompt) -> TokenDecoder:
        before = prompt.ids[-_JOINING_IDS:] if prompt.continues else ()
        backend = getattr(self._tokenizer, "_tokenizer", None)
        if backend is None:
            vocabulary = max(len(self._tokenizer), self._tokenizer.vocab_size)
            return SlowDecoder(self._tokenizer, vocabulary, before)
        return FastDecoder(backend, len(self._tokenizer), before)

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """Return each token's own text, control tokens and the space before a word included."""
        names = self._tokenizer.convert_ids_to_tokens(list(ids))
        return [
            name.replace(_SPACE, " ") if _SPACE in name else str(self._tokenizer.decode([token]))
            for token, name in zip(ids, names, strict=True)
        ]

    def _render(self, messages: Sequence[Message], partial_reply: str) -> RenderedPrompt:
        return render(
            self._format,
            messages,
            system_prompt=self._system_prompt,
            partial_reply=partial_reply,
            bos=self._tokenizer.bos_token or "",
            eos=self._tokenizer.eos_token or "",
            special_tokens=self._special_texts,
        )

    def _beginning(self, rendered: RenderedPrompt) -> list[int]:
        bos = rendered.prepend_bos and self._adds_bos
        ids = [self._tokenizer.bos_token_id] if bos else []
        return ids + [self._prefix_id(token) for token in rendered.prefix_tokens]

    def _prefix_id(self, token: str) -> int:
        found = self._tokenizer.convert_tokens_to_ids(token)
        if found is None or found == self._tokenizer.unk_token_id:
            raise PromptFormatError(f"the tokenizer has no token {token!r}, which the format needs")
        return int(found)

    def _special_id(self, text: str) -> int | None:
        if text == self._tokenizer.eos_token:
            return int(self._tokenizer.eos_token_id)
        ids = self._encode(text, plain=False)
        single = len(ids) == 1 and self._tokenizer.decode(ids) == text
        return ids[0] if single and text in self._special_texts else None


def _chat_template(tokenizer: Any) -> str | None:
    """Return the default template; a tokenizer may have several under names."""
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template.get("default")
    return None if template is None else str(template)


def _special_texts(tokenizer: Any) -> frozenset[str]:
    """Return every control token: those in named roles and those only marked as special."""
    added = tokenizer.added_tokens_decoder.values()
    marked = {str(token) for token in added if getattr(token, "special", False)}
    return frozenset({*tokenizer.all_special_tokens, *marked})
