"""The two models of the shared arena, and prompts that get a certain kind of answer from both."""

from tests.e2e.scripts import catalogue, prompt_for, scripted_model

_SHORT, _LONG, _CUT, _CHINESE = range(4)
_GRYPHON = (
    "The gryphon answers with **seven** short words.",
    "gryphon " * 75,
    "one two three " * 30,
    "天空是蓝色的，因为空气会散射阳光。",
)
_HYDRA = (
    "The hydra has nine heads and `code`.",
    "hydra " * 75,
    "four five six " * 28,
    "阳光被大气散射，所以天是蓝的。",
)
_BUDGET = 80

QUICK = prompt_for(_GRYPHON, _GRYPHON[_SHORT])
SLOW = prompt_for(_GRYPHON, _GRYPHON[_LONG])
LENGTHY = prompt_for(_GRYPHON, _GRYPHON[_CUT])
IN_CHINESE = prompt_for(_GRYPHON, _GRYPHON[_CHINESE], "天空为什么是蓝色的？")
CHINESE_REPLIES = {_GRYPHON[_CHINESE], _HYDRA[_CHINESE]}
PROMPT_LIMIT = 11_520
"""In characters: a context of 4,096 tokens without the room for a reply, times three."""


def bestiary() -> str:
    """Their catalogue. One of the names is markup, and must never act as such."""
    pace = {"tokens_per_second": 40.0}
    budget = {"max_new_tokens": _BUDGET}
    return catalogue(
        gryphon=scripted_model(
            "Gryphon <script>document.title='owned'</script>",
            *_GRYPHON,
            script=pace,
            sampling=budget,
            license="MIT",
            description="Half eagle, half lion.",
            links={"hub": "https://example.org/gryphon"},
        ),
        hydra=scripted_model("Hydra 9B", *_HYDRA, script=pace, sampling=budget),
    )
