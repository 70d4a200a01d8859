"""Limits of prompts and conversations: the arena's, whichever models are drawn."""

from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.services.battle.limits import REPLY_RESERVE_TOKENS, BattleLimits, battle_limits
from arena.settings import Settings, SettingsError


def catalog(*contexts: int | None, disabled: int | None = None) -> ModelCatalog:
    rows = [row(f"m{number}", max_context=context) for number, context in enumerate(contexts)]
    if disabled is not None:
        rows.append(row("off", max_context=disabled, enabled=False))
    return ModelCatalog(Path("models.yaml"), tuple(rows))


def row(key: str, **values: object) -> ModelRow:
    return ModelRow.model_validate(
        {"key": key, "name": key, "backend": "local", "source": f"maker/{key}"} | values
    )


@pytest.mark.parametrize(
    ("contexts", "tokens"),
    [
        ([8192, 4096, 2048], 2048),
        ([2048], 2048),
        ([None, 2048], 2048),
        ([None, 100_000], 4096),
        ([], 4096),
    ],
)
def test_both_limits_are_what_the_smallest_context_holds(
    contexts: list[int | None], tokens: int
) -> None:
    held = (tokens - REPLY_RESERVE_TOKENS) * 3
    assert battle_limits(Settings(), catalog(*contexts)) == BattleLimits(held, held)


def test_disabled_models_change_no_limit() -> None:
    enabled = battle_limits(Settings(), catalog(1024, 1024))
    assert battle_limits(Settings(), catalog(1024, 1024, disabled=300)) == enabled


def test_a_limit_is_never_below_one_token() -> None:
    assert battle_limits(Settings(), catalog(1)) == BattleLimits(3, 3)


def test_settings_win() -> None:
    settings = Settings(prompt_limit=500, conversation_limit=2000)
    assert battle_limits(settings, catalog(1024, 100_000)) == BattleLimits(500, 2000)


def test_a_conversation_that_a_stated_context_cannot_hold_is_refused_with_the_models() -> None:
    with pytest.raises(SettingsError, match=r"=20000 .* m0 \(2304\)\. Lower it") as caught:
        battle_limits(Settings(conversation_limit=20_000), catalog(1024, 100_000, None))
    assert "m1" not in str(caught.value)


def test_a_conversation_may_be_as_long_as_the_contexts_are() -> None:
    assert battle_limits(Settings(conversation_limit=2304), catalog(1024)).conversation == 2304
    with pytest.raises(SettingsError, match=r"holds: m0 \(2304\), m1 \(2304\)\. Lower"):
        battle_limits(Settings(conversation_limit=2305), catalog(1024, 1024))


def test_a_prompt_may_not_be_longer_than_the_whole_conversation() -> None:
    with pytest.raises(SettingsError, match=r"2304 .*, which is what m0 holds.*raise ARENA"):
        battle_limits(Settings(prompt_limit=5000), catalog(1024, 8192))
    with pytest.raises(SettingsError, match=r"\(2000 characters\): lower it"):
        battle_limits(Settings(prompt_limit=5000, conversation_limit=2000), catalog(1024, 8192))
