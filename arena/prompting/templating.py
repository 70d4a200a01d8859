"""The Jinja environment of chat templates: transformers' dialect in a sandbox.

Templates come from model repositories, so they are code of strangers. What they may use is what
`transformers.utils.chat_template_utils` gives them.
"""

import functools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from arena.domain.conversation import Message


class PromptFormatError(ValueError):
    """A template that is broken, or a conversation that it cannot render."""


class _GenerationBlock(Extension):
    """Accepts `{% generation %}`, which only matters in training, and renders what is inside."""

    tags = {"generation"}  # noqa: RUF012  # declared so by jinja2

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the statements inside the block."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def apply_template(
    template: str,
    messages: Sequence[Message],
    *,
    bos: str,
    eos: str,
    generate: bool = True,
    now: datetime | None = None,
) -> str:
    """Render a conversation; with `generate`, up to where the model begins to speak.

    Raises PromptFormatError for a broken template and for a conversation that it refuses.
    """
    try:
        return _compiled(template).render(
            messages=[{"role": str(m.role), "content": m.content} for m in messages],
            bos_token=bos,
            eos_token=eos,
            add_generation_prompt=generate,
            tools=None,
            documents=None,
            strftime_now=_formatter(now or datetime.now(UTC)),
        )
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise PromptFormatError(f"the prompt template fails: {error}") from error


@functools.lru_cache(maxsize=64)
def _compiled(template: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # a prompt is not HTML
        extensions=[_GenerationBlock, loopcontrols],
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise_exception
    return environment.from_string(template)


def _formatter(moment: datetime) -> Callable[[str], str]:
    return moment.strftime


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _tojson(
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002  # the signature that templates call
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002
) -> str:
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )
