"""What a row of the table of models unfolds: how sure its rate is, and a bar for each opponent."""

from markupsafe import Markup

from arena.statistics.win_rate import ModelResult
from arena.web.leaderboard.parts.bars import bars
from arena.web.leaderboard.parts.numbers import amount, caveats
from arena.web.leaderboard.parts.records import method
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView


def unfolded(view: BoardView, result: ModelResult) -> Markup:
    """Return the opponents of a model, weakest result first, and in words what else is known."""
    pairs = view.board.pairs_of(result.model)
    return rendered(
        "unfolded",
        said=_said(view, result),
        bars=bars(view, pairs) if pairs else None,
        address=view.query.seen_as(Tab.HEAD_TO_HEAD).address,
        texts=view.texts,
    )


def _said(view: BoardView, result: ModelResult) -> list[str]:
    """Return state, method and caveats: what pointing at the row says, for keys and touch."""
    texts, found = view.texts, view.pooled(result.model)
    said = []
    state = view.state(result.pooled, found)
    if state is not None:
        name = state.name.lower()
        words = (texts[f"leaderboard.{part}.{name}"] for part in ("state", "state_help"))
        said.append(": ".join(words))
    if found is not None:
        people, prompts = (
            amount(of, number, texts)
            for of, number in (("annotators", found.annotators), ("prompts", found.prompts))
        )
        known = [people, prompts, *([method(found, view)] if found.interval else [])]
        said.append(" · ".join(known))
        said.append(caveats(found, texts))
    return [line for line in said if line]
