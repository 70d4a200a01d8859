"""What public vote sets say, counted with plain loops that share nothing with the importers."""

import csv
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

PUBLIC = Path(__file__).parents[2] / "data" / "public_votes"


class Told(NamedTuple):
    """One vote on two models: `a`, `b`, `tie` or `bad`."""

    annotator: str
    model_a: str
    model_b: str
    outcome: str


def table(name: str) -> list[dict[str, Any]]:
    """The rows of a file, by the library of its kind."""
    path = PUBLIC / name
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(json.loads(text))


def lmarena_55k(name: str) -> Iterator[Told]:
    for row in table(name):
        if None in json.loads(row["response_a"]) + json.loads(row["response_b"]):
            continue
        outcome = "a" if row["winner_model_a"] == "1" else "b"
        if row["winner_tie"] == "1":
            outcome = "tie"
        yield Told("unknown", row["model_a"], row["model_b"], outcome)


def lmarena(name: str) -> Iterator[Told]:
    words = {"model_a": "a", "model_b": "b", "tie": "tie"}
    for row in table(name):
        if row.get("anony", True):
            who = row.get("judge_hash") or row["evaluation_session_id"]
            yield Told(who, row["model_a"], row["model_b"], words.get(row["winner"], "bad"))


def comparia(name: str) -> Iterator[Told]:
    for row in table(name):
        a, b = row["model_a_name"], row["model_b_name"]
        chosen = {a: "a", b: "b", None: "tie"}[row["chosen_model_name"]]
        if row["both_equal"] or row["chosen_model_name"]:
            yield Told(row["visitor_id"] or row["session_hash"], a, b, chosen)


def open_webui(name: str) -> Iterator[Told]:
    for row in table(name):
        data = row["data"]
        for sibling in data["sibling_model_ids"] or []:
            outcome = "a" if data["rating"] == 1 else "b"
            yield Told(row["user_id"], data["model_id"], sibling, outcome)


def alpacaeval(name: str) -> Iterator[Told]:
    for row in table(name):
        liked = row["preference"]
        if liked is not None:
            outcome = "tie" if liked in (0, 1.5) else "a" if liked < 1.5 else "b"
            yield Told(row["annotator"], row["generator_1"], row["generator_2"], outcome)


def pandalm(name: str) -> Iterator[Told]:
    for row in table(name):
        a, _, b = row["cmp_key"].partition("_")
        for person in ("annotator1", "annotator2", "annotator3"):
            yield Told(person, a, b, {0: "tie", 1: "a", 2: "b"}[row[person]])


def mt_bench(name: str) -> Iterator[Told]:
    words = {"model_a": "a", "model_b": "b", "tie": "tie"}
    for row in table(name):
        yield Told(row["judge"], row["model_a"], row["model_b"], words[row["winner"]])


def wmt(name: str) -> Iterator[Told]:
    for row in table(name):
        many = range(1, 6) if "system5Id" in row else range(1, 3)
        ranked = [(row[f"system{n}Id"], int(row[f"system{n}rank"])) for n in many]
        judge = row.get("judgeId") or row["judgeID"]
        yield from in_pairs(judge, [one for one in ranked if one[1] > 0])


def label_studio(name: str) -> Iterator[Told]:
    for row in table(name):
        for note in row["annotations"]:
            value = note["result"][0]["value"]
            outcome = {"left": "a", "right": "b"}.get(value.get("selected"), "tie")
            person = note["completed_by"]
            who = person["id"] if isinstance(person, dict) else person
            if not note["was_cancelled"]:
                yield Told(str(who), row["data"]["model1"], row["data"]["model2"], outcome)


def argilla(name: str) -> Iterator[Told]:
    for row in table(name):
        for answer in row["responses"]["preference"]:
            outcome = {"response-1": "a", "response-2": "b"}[answer["value"][0]]
            models = row["metadata"]["model_1"], row["metadata"]["model_2"]
            yield Told(answer["user_id"], *models, outcome)


def argilla_flat(name: str) -> Iterator[Told]:
    words = {"response-1": "a", "response-2": "b", "tie": "tie", "both bad": "bad"}
    for row in table(name):
        answers = (row[f"better.responses{more}"] for more in ("", ".users", ".status"))
        for label, user, status in zip(*answers, strict=True):
            if status == "submitted":
                yield Told(user, row["model_1"], row["model_2"], words[label])


def argilla_1(name: str) -> Iterator[Told]:
    for row in table(name):
        models = json.loads(row["metadata"])
        for answer in row["ranking"]:
            ranks = {one["value"]: one["rank"] for one in answer["value"]}
            one, two = ranks["response_1"], ranks["response_2"]
            outcome = "tie" if one == two else "a" if one < two else "b"
            if answer["status"] == "submitted":
                yield Told(answer["user_id"], models["model_1"], models["model_2"], outcome)


def rankings(name: str) -> Iterator[Told]:
    for row in table(name):
        groups = [group.split(" = ") for group in row["ranking"].split(" > ")]
        ranked = [(model, rank) for rank, group in enumerate(groups) for model in group]
        yield from in_pairs(row["annotator"], ranked)


def in_pairs(annotator: str, ranked: list[tuple[str, int]]) -> Iterator[Told]:
    """Every pair of a ranking."""
    for (a, rank), (b, other) in combinations(ranked, 2):
        outcome = "tie" if rank == other else "a" if rank < other else "b"
        yield Told(annotator, a, b, outcome)


RECOUNTS: dict[str, Callable[[str], Iterator[Told]]] = {
    "lmarena-55k.csv": lmarena_55k,
    "lmarena-100k.jsonl": lmarena,
    "lmarena-140k.parquet": lmarena,
    "comparia.jsonl": comparia,
    "comparia.parquet": comparia,
    "open-webui.json": open_webui,
    "alpacaeval.json": alpacaeval,
    "pandalm.json": pandalm,
    "mt-bench.jsonl": mt_bench,
    "wmt11.csv": wmt,
    "wmt16.csv": wmt,
    "label-studio.json": label_studio,
    "argilla.json": argilla,
    "argilla-flat.jsonl": argilla_flat,
    "argilla-1.parquet": argilla_1,
    "rankings.csv": rankings,
}
