"""Comparisons for tests: real ones, and strategies that make up small ones."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.outcomes import SCORE
from arena.statistics.pair_votes import PairVotes
from arena.statistics.win_rate import Pair

A, B, C, D = (ModelKey(name) for name in "abcd")

LLMFAO = Path(__file__).parents[1] / "data" / "llmfao" / "crowd-comparisons.csv"
UNEQUAL_ITEMS = Path(__file__).parents[1] / "data" / "agreement" / "unequal-items.csv"
VERDICTS = {"left": Verdict.A_BETTER, "right": Verdict.B_BETTER, "tie": Verdict.TIE}

Rows = list[Comparison]


@cache
def llmfao() -> Comparisons:
    """The real votes in tests/data/llmfao."""
    with LLMFAO.open(newline="", encoding="utf-8") as file:
        return from_rows(
            Comparison(
                ModelKey(row["left"]),
                ModelKey(row["right"]),
                VERDICTS[row["winner"]],
                int(row["worker"]),
                int(row["prompt"]),
            )
            for row in csv.DictReader(file)
        )


@cache
def unequal_items() -> Rows:
    """The made-up votes in tests/data/agreement."""
    with UNEQUAL_ITEMS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    prompts = sorted({row["prompt"] for row in rows})
    return [
        Comparison(
            ModelKey(row["model_a"]),
            ModelKey(row["model_b"]),
            row["verdict"],
            int(row["annotator"].removeprefix("ann")),
            prompts.index(row["prompt"]),
        )
        for row in rows
    ]


def mirrored(rows: Rows) -> Rows:
    """The same votes with all sides exchanged."""
    return [
        Comparison(
            row.model_b,
            row.model_a,
            Verdict(row.verdict).mirrored,
            row.annotator,
            row.prompt,
        )
        for row in rows
    ]


def on_both_sides(rows: Rows) -> Rows:
    """The same votes with every second one's sides exchanged."""
    exchanged = mirrored(rows)
    return [(exchanged if n % 2 else rows)[n] for n in range(len(rows))]


def row_lists(
    *, models: str = "abc", annotators: int = 5, max_size: int = 40
) -> st.SearchStrategy[Rows]:
    """Lists of comparisons with repeats, ties and few annotators and prompts."""
    pairs = st.permutations([ModelKey(name) for name in models])
    return st.lists(
        st.builds(
            lambda pair, verdict, annotator, prompt: Comparison(
                pair[0], pair[1], verdict.value, annotator, prompt
            ),
            pairs,
            st.sampled_from(Verdict),
            st.integers(0, annotators - 1),
            st.integers(0, 3),
        ),
        max_size=max_size,
    )


def from_counts(*, wins: int, losses: int, ties: int = 0) -> Comparisons:
    """Votes of one annotator on one prompt, a in the earlier slot."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses + [Verdict.TIE] * ties
    return from_rows(Comparison(A, B, verdict, 0, 0) for verdict in verdicts)


def pair_votes(comparisons: Comparisons, pair: Pair) -> PairVotes:
    """The votes on one pair, found without `votes_of_pairs`: one by one."""
    score = SCORE[comparisons.outcome]
    met = [
        (row, int(score[row]) if models[0] == pair.model else -int(score[row]))
        for row, (a, b) in enumerate(zip(comparisons.a, comparisons.b, strict=True))
        for models in [(comparisons.models[a], comparisons.models[b])]
        if set(models) == set(pair)
    ]
    position, scores = np.array(met, np.int64).reshape(-1, 2).T
    annotator, prompt = comparisons.annotator[position], comparisons.prompt[position]
    return PairVotes(pair, position, scores, annotator, prompt)
