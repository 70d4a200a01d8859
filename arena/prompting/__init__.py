"""Prompt formats: how a conversation becomes the one string that a model completes."""

from arena.prompting.agreement import Difference, first_difference
from arena.prompting.choosing import AUTO, choose_format, template_format
from arena.prompting.formats import NAMED_FORMATS, PromptFormat
from arena.prompting.neutralising import neutralise
from arena.prompting.rendering import RenderedPrompt, render
from arena.prompting.sample_turns import PLACEHOLDER_REPLY, sample_turns
from arena.prompting.templating import PromptFormatError
from arena.prompting.traits import TemplateTraits, validate_template

__all__ = [
    "AUTO",
    "NAMED_FORMATS",
    "PLACEHOLDER_REPLY",
    "Difference",
    "PromptFormat",
    "PromptFormatError",
    "RenderedPrompt",
    "TemplateTraits",
    "choose_format",
    "first_difference",
    "neutralise",
    "render",
    "sample_turns",
    "template_format",
    "validate_template",
]
