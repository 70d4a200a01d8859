"""Parser of the chunks of a streamed reply, any of which may be malformed."""

from collections.abc import Iterator
from typing import Final

from arena.domain.characters import WholeCharacters
from arena.domain.conversation import FinishReason
from arena.domain.reasoning_tags import Tags, ending_opening
from arena.inference.backend import Delta, Finished, StreamEvent
from arena.inference.errors import BrokenReply
from arena.inference.remote.content import delta_content
from arena.inference.remote.fields import fields
from arena.inference.remote.finish_reasons import finish_reason, told_reason
from arena.inference.remote.reasoning import ReasoningSplitter
from arena.inference.remote.server_words import words_of

_MOST_TOKENS: Final = 2**31


class ReplyReader:
    """State of one reply while its chunks arrive.

    `declared` are the row's own tags; a rendered prompt that ends in an opening tag is looked
    through for them too.
    """

    def __init__(
        self, splitter: ReasoningSplitter | None = None, declared: Tags | None = None
    ) -> None:
        self._splitter = splitter
        self._declared = declared
        self._text = WholeCharacters()
        self._reasoning = WholeCharacters()
        self._reason: object = None
        self._prompt_tokens: int | None = None
        self._reply_tokens: int | None = None
        self._rendered_prompt: str | None = None
        self.has_text = False
        self.has_news = False
        self.has_chunks = False
        self.served_model: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether a finish reason has come; only the usage may still follow."""
        return self._reason is not None

    def read(self, chunk: object) -> Iterator[Delta]:
        """Take one chunk and yield its non-empty delta, if any.

        Afterwards `has_news` says whether it held text or the finish reason: an empty chunk is as
        good as none.
        """
        self.has_chunks, self.has_news = True, False
        _refuse_error(chunk)
        self._read_usage(fields(chunk).get("usage"))
        self._read_names(chunk)
        for choice in (fields(chunk).get("choices") or ())[:1]:
            yield from self._read_choice(choice, chunk)

    def finish(self) -> Iterator[StreamEvent]:
        """Yield what was held back and the final event.

        Raises `BrokenReply` when the stream gave no finish reason: it looks like success, but
        the answer was cut by a lost connection or a proxy.
        """
        reason = finish_reason(self._reason)
        rest = self._rest(cut=reason is FinishReason.LENGTH)
        if rest.text or rest.reasoning:
            yield rest
        yield Finished(reason, self._prompt_tokens, self._reply_tokens, self._rendered_prompt)

    def _read_choice(self, choice: object, chunk: object) -> Iterator[Delta]:
        said = fields(choice).get("delta")
        if self._reason is None:
            self._reason = told_reason(choice, said, chunk)
            self.has_news = self._reason is not None
        content = delta_content(said)
        if not content.text and not content.reasoning:
            return
        self.has_text = self.has_news = True
        split = self._split(self._text.feed(content.text))
        reasoning = self._reasoning.feed(content.reasoning) + split.reasoning
        if split.text or reasoning:
            yield Delta(split.text, reasoning)

    def _rest(self, *, cut: bool) -> Delta:
        """Return what was held back: half a character, the beginning of a tag."""
        last = self._split(self._text.finish())
        held = self._splitter.finish(cut=cut) if self._splitter else Delta()
        reasoning = self._reasoning.finish() + last.reasoning + held.reasoning
        return Delta(last.text + held.text, reasoning)

    def _split(self, text: str) -> Delta:
        return self._splitter.feed(text) if self._splitter and text else Delta(text)

    def _read_usage(self, usage: object) -> None:
        if usage is not None:
            self._prompt_tokens = _count(fields(usage).get("prompt_tokens"))
            self._reply_tokens = _count(fields(usage).get("completion_tokens"))

    def _read_names(self, chunk: object) -> None:
        """Note which model answers, and the prompt that our own engine rendered."""
        name, prompt = (fields(chunk).get(field) for field in ("model", "rendered_prompt"))
        if isinstance(name, str):
            self.served_model = name or self.served_model
        if isinstance(prompt, str) and prompt and self._rendered_prompt is None:
            self._rendered_prompt = prompt
            tags = ending_opening(prompt, self._declared)
            if tags is not None and self._splitter is not None and not self.has_text:
                self._splitter.begin_inside(tags)


def _refuse_error(chunk: object) -> None:
    """Raise `BrokenReply` for an error that comes as a chunk, in the server's own words."""
    said = fields(chunk)
    is_error = said.get("object") == "error" or said.get("error")
    if is_error or (not said.get("choices") and {"message", "detail"} & said.keys()):
        raise BrokenReply(f"the server reported an error ({words_of(said) or 'without words'})")


def _count(number: object) -> int | None:
    """Return a number of tokens; None for what can be none."""
    known = isinstance(number, int) and not isinstance(number, bool)
    return number if known and 0 <= number < _MOST_TOKENS else None  # type: ignore[operator,return-value]
