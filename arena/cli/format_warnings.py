"""`arena check`: does a row's prompt format fit what its checkpoint says about itself?"""

from collections.abc import Iterator, Mapping

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import checkpoint_folder
from arena.checkpoints.tokenizer_files import TokenizerFiles, tokenizer_files
from arena.prompting import (
    AUTO,
    NAMED_FORMATS,
    PromptFormatError,
    choose_format,
    first_difference,
    template_format,
    validate_template,
)

_RAW = "raw"


def format_warnings(row: ModelRow, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what will make a local model answer worse than it can, as `field: sentence`."""
    yield from _template_file_warnings(row)
    files = _files(row, environment)
    if files is None:
        return
    yield from _legacy_warnings(row, files)
    if files.chat_template is None:
        if row.prompt_format == AUTO and not row.trust_remote_code:
            yield "prompt_format: auto needs a chat template, and the checkpoint has none: name one"
    elif row.prompt_format == _RAW:
        yield (
            "prompt_format: raw sends the bare text, and the checkpoint has a chat template, as "
            "chat models do: write auto, unless it is a base model"
        )
    elif row.prompt_format in NAMED_FORMATS:
        yield from _difference_warnings(row.prompt_format, files)


def format_hints(row: ModelRow, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is worth a look and mostly right."""
    files = _files(row, environment)
    named = row.prompt_format in NAMED_FORMATS and row.prompt_format != _RAW
    if files is not None and named and files.chat_template is None:
        yield (
            "prompt_format: the checkpoint has no chat template, so nothing confirms "
            f"{row.prompt_format}; a base model needs raw"
        )


def _files(row: ModelRow, environment: Mapping[str, str]) -> TokenizerFiles | None:
    folder = checkpoint_folder(row, environment) if row.backend == "local" else None
    return None if folder is None else tokenizer_files(folder)


def _template_file_warnings(row: ModelRow) -> Iterator[str]:
    file = row.prompt_format_file()
    if file is None:
        return
    try:
        validate_template(choose_format(row.prompt_format, file=file), bos="<s>", eos="</s>")
    except PromptFormatError as error:
        yield f"prompt_format: {error}"


def _legacy_warnings(row: ModelRow, files: TokenizerFiles) -> Iterator[str]:
    unsaid = row.legacy_tokenizer is None and files.legacy is None
    if unsaid and files.sentencepiece_only and files.takes_legacy and not row.trust_remote_code:
        yield (
            "legacy_tokenizer: the checkpoint's tokenizer_config.json has no `legacy`, and true "
            "is assumed: write true for a model of 2023, or false, as its maker's code has it"
        )


def _difference_warnings(name: str, files: TokenizerFiles) -> Iterator[str]:
    own = template_format(AUTO, files.chat_template or "")
    try:
        found = first_difference(NAMED_FORMATS[name], own, bos=files.bos, eos=files.eos)
    except PromptFormatError:
        return  # a template that fails here says nothing about the named format
    if found is not None:
        yield (
            f"prompt_format: after {found.after} {name} writes {found.first!r} and the "
            f"checkpoint's own chat template {found.second!r}: write auto, unless the model's "
            f"maker says {name}"
        )
