"""Whether two formats speak one language: what they write around the same conversation."""

from dataclasses import dataclass

from arena.prompting.formats import PromptFormat
from arena.prompting.probes import ANY_DAY, FOLLOW_UP, QUESTION, REPLY
from arena.prompting.templating import apply_template


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two formats write other words: after what, and the words of each."""

    after: str
    first: str
    second: str


def first_difference(
    first: PromptFormat, second: PromptFormat, *, bos: str = "", eos: str = ""
) -> Difference | None:
    """Compare what two formats write after a user's text and after a reply.

    White space, and tokens that begin and end texts, are no difference, nor is a system prompt:
    formats of one family vary in these. Raises PromptFormatError for a template that fails.
    """
    bounds = {bos, eos, *(b for f in (first, second) for b in (f.bos, f.eos))} - {""}
    places = ("a user's text", "a reply", "a user's text")
    for after, one, other in zip(places, _marks(first), _marks(second), strict=True):
        if _bare(one, bounds) != _bare(other, bounds):
            return Difference(after, one.strip(), other.strip())
    return None


def _marks(prompt_format: PromptFormat) -> tuple[str, str, str]:
    """Return what stands after the first question, after the reply, and after the second."""
    text = apply_template(
        prompt_format.template,
        (QUESTION, REPLY, FOLLOW_UP),
        bos=prompt_format.bos,
        eos=prompt_format.eos,
        now=ANY_DAY,
    )
    _, _, text = text.partition(QUESTION.content)
    question, _, text = text.partition(REPLY.content)
    reply, _, follow_up = text.partition(FOLLOW_UP.content)
    return question, reply, follow_up


def _bare(mark: str, bounds: set[str]) -> str:
    for bound in bounds:
        mark = mark.replace(bound, "")
    return "".join(mark.split())
