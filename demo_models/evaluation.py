"""Scores a checkpoint on held-out questions: the share of answers that are exactly right."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from demo_models.answering import answers
from demo_models.checkpoint import Checkpoint
from demo_models.questions import Question, follow_ups, long_conversations, single_questions

SEED = 4242
PER_FAMILY = 40
DIALOGUES = 100


@dataclass(frozen=True)
class Marked:
    question: Question
    answer: str
    correct: bool


@dataclass(frozen=True)
class Score:
    correct: int
    asked: int

    @property
    def percent(self) -> float:
        return round(100 * self.correct / self.asked, 1)


@dataclass(frozen=True)
class Evaluation:
    """`single` are single held-out questions, `dialogues` the last turns of dialogues."""

    single: tuple[Marked, ...]
    dialogues: tuple[Marked, ...]

    def as_record(self) -> dict[str, Any]:
        """Percentages, as kept in `recipe.json`."""
        return {
            "seed": SEED,
            "questions": len(self.single),
            "overall": score(self.single).percent,
            "by_category": percent_by(self.single, lambda marked: marked.question.category),
            "dialogues": percent_by(self.dialogues, lambda marked: marked.question.category),
            "by_family": percent_by(self.single, lambda marked: marked.question.family),
        }


def evaluate(checkpoint: Checkpoint, *, per_family: int, dialogues: int) -> Evaluation:
    single = single_questions(seed=SEED, per_family=per_family)
    last_turns = follow_ups(seed=SEED, count=dialogues)
    last_turns += long_conversations(seed=SEED, count=dialogues)
    marked = mark(checkpoint, [*single, *last_turns])
    return Evaluation(single=marked[: len(single)], dialogues=marked[len(single) :])


def mark(checkpoint: Checkpoint, questions: list[Question]) -> tuple[Marked, ...]:
    given = answers(checkpoint, [question.messages() for question in questions])
    return tuple(
        Marked(question, answer, question.exchange.accepts(answer))
        for question, answer in zip(questions, given, strict=True)
    )


def score(marked: Iterable[Marked]) -> Score:
    results = [item.correct for item in marked]
    return Score(correct=sum(results), asked=len(results))


def percent_by(marked: tuple[Marked, ...], key: Callable[[Marked], str]) -> dict[str, float]:
    """Percentages by key, in the order of first appearance."""
    names = dict.fromkeys(key(item) for item in marked)
    return {name: score(item for item in marked if key(item) == name).percent for name in names}
