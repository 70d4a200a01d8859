"""From what a catalog row says to the prompt format that it means."""

from pathlib import Path
from typing import Final

from arena.prompting.formats import NAMED_FORMATS, PromptFormat
from arena.prompting.templating import PromptFormatError

AUTO: Final = "auto"


def choose_format(
    name: str,
    *,
    file: Path | None = None,
    template: str | None = None,
    chat_template: str | None = None,
) -> PromptFormat:
    """Return the format that a row names.

    `file` is the row's Jinja file, if its format is one, and `template` what it held when the row
    was read, which wins; `chat_template` is the tokenizer's own, needed for `auto`. Raises
    PromptFormatError when it is missing.
    """
    if name in NAMED_FORMATS:
        return NAMED_FORMATS[name]
    if name == AUTO:
        if not chat_template:
            raise PromptFormatError(
                "the tokenizer has no chat template: name a prompt_format in models.yaml "
                f"({', '.join(NAMED_FORMATS)}), or the path of a Jinja file"
            )
        return template_format(AUTO, chat_template)
    if template is not None:
        return template_format(name, template)
    if file is None:
        raise PromptFormatError(f"unknown prompt format {name!r}")
    try:
        return template_format(name, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PromptFormatError(f"the prompt format {file} cannot be read: {error}") from error


def template_format(name: str, template: str) -> PromptFormat:
    """Return the format of a chat template that writes its own BOS, as transformers expects."""
    return PromptFormat(name, template)
