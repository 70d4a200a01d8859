"""Command line of the embedded models: train, evaluate, ask, sample, examples."""

import argparse
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from transformers.utils.logging import disable_progress_bar

from demo_models.answering import answers
from demo_models.checkpoint import CHECKPOINTS, load_checkpoint
from demo_models.evaluation import DIALOGUES, PER_FAMILY, Evaluation, evaluate, score
from demo_models.exchange import Split
from demo_models.making import make_checkpoint
from demo_models.recipes import RECIPES, recipe_named
from demo_models.sampling import Message, conversations


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    command = options.command
    if command == "train":
        names = [recipe.name for recipe in RECIPES] if options.all else [options.name]
        _train(names, options.output)
    elif command == "evaluate":
        _evaluate(options.name, per_family=options.per_family)
    elif command == "ask":
        _ask(options.name, options.prompts)
    else:
        _sample(seed=options.seed, count=options.count, split=Split(options.split))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo_models", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    known = [recipe.name for recipe in RECIPES]
    train = commands.add_parser("train", help="train, save, evaluate and record checkpoints")
    which = train.add_mutually_exclusive_group(required=True)
    which.add_argument("--name", choices=known)
    which.add_argument("--all", action="store_true")
    train.add_argument("--output", type=Path, default=CHECKPOINTS, help="directory to write into")
    examine = commands.add_parser("evaluate", help="score a shipped checkpoint, show mistakes")
    examine.add_argument("name", choices=known)
    examine.add_argument("--per-family", type=int, default=PER_FAMILY)
    ask = commands.add_parser("ask", help="greedy answers to prompts, each a new conversation")
    ask.add_argument("name", choices=known)
    ask.add_argument("prompts", nargs="+")
    sample = commands.add_parser("sample", help="print generated conversations")
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--count", type=int, default=10)
    sample.add_argument("--split", choices=list(Split), default=Split.TRAIN)
    return parser


def _train(names: Sequence[str], output: Path) -> None:
    for name in names:
        evaluation = make_checkpoint(recipe_named(name), output / name, report=_print_now)
        _print_scores(name, evaluation)


def _evaluate(name: str, *, per_family: int) -> None:
    checkpoint = load_checkpoint(CHECKPOINTS / name)
    evaluation = evaluate(checkpoint, per_family=per_family, dialogues=DIALOGUES)
    _print_mistakes(evaluation)
    _print_scores(name, evaluation)


def _ask(name: str, prompts: Sequence[str]) -> None:
    checkpoint = load_checkpoint(CHECKPOINTS / name)
    questions = [[Message("user", prompt)] for prompt in prompts]
    for prompt, answer in zip(prompts, answers(checkpoint, questions), strict=True):
        print(f"> {prompt}\n{answer}\n")


def _sample(*, seed: int, count: int, split: Split) -> None:
    for conversation in islice(conversations(seed, split), count):
        for message in conversation:
            print(f"{message.role}: {message.content}")
        print()


def _print_now(line: str) -> None:
    print(line, flush=True)


def _print_scores(name: str, evaluation: Evaluation) -> None:
    record = evaluation.as_record()
    for group in ("by_family", "by_category", "dialogues"):
        for label, percent in record[group].items():
            print(f"{label:24} {percent:5.1f} %")
        print()
    overall = score(evaluation.single)
    print(f"{name}: {overall.percent} % of {overall.asked} held-out prompts answered exactly")


def _print_mistakes(evaluation: Evaluation) -> None:
    """Print the first mistake of every family."""
    shown: set[str] = set()
    for marked in (*evaluation.single, *evaluation.dialogues):
        family = marked.question.family
        if not marked.correct and family not in shown:
            shown.add(family)
            exchange = marked.question.exchange
            print(f"[{family}] {exchange.prompt!r}\n  {marked.answer!r}\n  {exchange.reply!r}")


if __name__ == "__main__":
    sys.exit(main())
