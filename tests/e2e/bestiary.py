"""The two models of the shared arena, and prompts that get a certain kind of answer from both."""

from tests.e2e.scripts import catalog, prompt_for, scripted_model

_SHORT, _LONG, _CUT, _CHINESE, _HOSTILE = range(5)
OUTSIDE = "http://127.0.0.1:9/outside"
"""Nothing of a page may go there."""

_MARKUP = (
    f"<script>document.title='owned'</script> <img src='{OUTSIDE}/a.png' "
    f"onerror=\"document.title='owned'\"> ![pixel]({OUTSIDE}/b.png) "
    f"<iframe src='{OUTSIDE}/c'></iframe> [go](javascript:document.title='owned') the end"
)
_GRYPHON = (
    "The gryphon answers with **seven** short words.",
    "gryphon " * 75,
    "one two three " * 30,
    "天空是蓝色的，因为空气会散射阳光。",
    _MARKUP,
)
_HYDRA = (
    "The hydra has nine heads and `code`.",
    "hydra " * 75,
    "four five six " * 28,
    "阳光被大气散射，所以天是蓝的。",
    _MARKUP,
)
_BUDGET = 80

QUICK = prompt_for(_GRYPHON, _GRYPHON[_SHORT])
SLOW = prompt_for(_GRYPHON, _GRYPHON[_LONG])
LENGTHY = prompt_for(_GRYPHON, _GRYPHON[_CUT])
IN_CHINESE = prompt_for(_GRYPHON, _GRYPHON[_CHINESE], "天空为什么是蓝色的？")
HOSTILE = prompt_for(_GRYPHON, _GRYPHON[_HOSTILE], "<b onclick=\"document.title='owned'\">Hi</b>")
CHINESE_REPLIES = {_GRYPHON[_CHINESE], _HYDRA[_CHINESE]}
PROMPT_LIMIT = 11_520
"""In characters: a context of 4,096 tokens without the room for a reply, times three."""


def bestiary() -> str:
    """Their catalog. One of the names is markup, and must never act as such."""
    pace = {"tokens_per_second": 40.0}
    budget = {"max_new_tokens": _BUDGET}
    return catalog(
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
