"""Two models that say the same, one ten times as fast as the other."""

from tests.e2e.scripts import catalog, prompt_for, scripted_model

_REPLIES = ("A short answer.", "slowly " * 100, "the same words from both " * 16)

QUICK = prompt_for(_REPLIES, _REPLIES[0])
SLOW = prompt_for(_REPLIES, _REPLIES[1])
STEADY = prompt_for(_REPLIES, _REPLIES[2])
SLOW_ANSWER = _REPLIES[1].strip()
STEADY_ANSWER = _REPLIES[2].strip()


def race() -> str:
    """Their catalog."""
    return catalog(
        hare=scripted_model("Hare", *_REPLIES, script={"tokens_per_second": 300.0}),
        tortoise=scripted_model("Tortoise", *_REPLIES, script={"tokens_per_second": 30.0}),
    )
