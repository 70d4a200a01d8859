"""Prompt formats: how a conversation becomes the one string that a model completes."""

from arena.prompting.choosing import AUTO, choose_format, template_format
from arena.prompting.formats import NAMED_FORMATS, PromptFormat
from arena.prompting.neutralising import neutralise
from arena.prompting.rendering import RenderedPrompt, render
from arena.prompting.templating import PromptFormatError
from arena.prompting.traits import TemplateTraits, validate_template

__all__ = [
    "AUTO",
    "NAMED_FORMATS",
    "PromptFormat",
    "PromptFormatError",
    "RenderedPrompt",
    "TemplateTraits",
    "choose_format",
    "neutralise",
    "render",
    "template_format",
    "validate_template",
]
