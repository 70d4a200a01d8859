"""How long prompts and conversations may be: two numbers of the arena, the same for every pair."""

from dataclasses import dataclass

from arena.catalog import ModelCatalog
from arena.settings import Settings, SettingsError

REPLY_RESERVE_TOKENS = 256
"""Room that a conversation must leave in a model's context, in tokens."""

_CHARACTERS_PER_TOKEN = 3
_DEFAULT_CONTEXT_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class BattleLimits:
    """`prompt` in characters; `conversation` in counted ones (`domain.conversation_length`)."""

    prompt: int
    conversation: int


def battle_limits(settings: Settings, catalog: ModelCatalog) -> BattleLimits:
    """Return the settings' limits, otherwise what the smallest context holds.

    A limit of the drawn models or of one side's history would name them; this one is known before
    the first word. Raises `SettingsError` when a setting promises more than a model's stated
    context holds, or a longer prompt than the whole conversation.
    """
    conversation, holder = _smallest_capacity(catalog)
    if settings.conversation_limit is not None:
        conversation, holder = settings.conversation_limit, None
    _refuse_more_than_contexts_hold(settings.conversation_limit, catalog)
    prompt = settings.prompt_limit or conversation
    if prompt > conversation:
        raise SettingsError(
            f"ARENA_PROMPT_LIMIT={prompt} is more than a whole conversation may have "
            f"({conversation} characters{_held_by(holder)}): lower it, or raise "
            "ARENA_CONVERSATION_LIMIT"
        )
    return BattleLimits(prompt, conversation)


def _refuse_more_than_contexts_hold(limit: int | None, catalog: ModelCatalog) -> None:
    held = {row.key: _capacity(row.max_context) for row in catalog.enabled() if row.max_context}
    short = [f"{key} ({capacity})" for key, capacity in held.items() if capacity < (limit or 0)]
    if short:
        raise SettingsError(
            f"ARENA_CONVERSATION_LIMIT={limit} is more characters than the context of these models "
            f"holds: {', '.join(short)}. Lower it, or disable them in the catalog"
        )


def _smallest_capacity(catalog: ModelCatalog) -> tuple[int, str | None]:
    """In characters, and the model that holds no more."""
    contexts = [(row.max_context or _DEFAULT_CONTEXT_TOKENS, row.key) for row in catalog.enabled()]
    tokens, key = min(contexts, default=(_DEFAULT_CONTEXT_TOKENS, None))
    return _capacity(tokens), key


def _held_by(key: str | None) -> str:
    return f", which is what {key} holds" if key else ""


def _capacity(context_tokens: int) -> int:
    return max(1, context_tokens - REPLY_RESERVE_TOKENS) * _CHARACTERS_PER_TOKEN
