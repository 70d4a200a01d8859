"""How long it takes to open a large campaign, and to assign an item of it."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median, quantiles

from sqlalchemy import text

from arena.domain.accounts import Caller
from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import ItemView
from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers, put_replies

_PROMPTS, _MODELS, _OVERLAP = 1_000, 6, 3
_PEOPLE = 20
_EACH = 25
_FILLING = "INSERT INTO assignments (id, item_id, annotator_id, ordering, state, reserved_at, "
_FILL = text(
    _FILLING + "expires_at, judged_at) VALUES (:id, :item, :who, :ordering, 'judged', "
    "'2026-03-01', '2026-03-01', '2026-03-01')"
)


def assigning_table() -> str:
    """Seconds to open, and percentiles of assigning at several states of both protocols."""
    rows = [row for kind in ProtocolKind for row in _rows(kind)]
    return "\n".join(
        [
            f"{_PROMPTS:,} prompts, {_MODELS} models, overlap {_OVERLAP}, 20 check items, 5 % "
            f"repeats; {_PEOPLE} people with {_EACH} items each at every state. Targets: opening "
            "5 s, p99 of assigning 20 ms.",
            "",
            "| protocol | opening | state | median | p99 | p99 of CPU |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _rows(kind: ProtocolKind) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'campaign.sqlite3'}")
        with closing(database):
            migrate(database)
            yield from _measured(database, kind)


def _measured(database: Database, kind: ProtocolKind) -> Iterator[str]:
    desk = CampaignDesk(database)
    desk.campaigns.create(
        planned(
            models=_MODELS,
            judged=_PROMPTS,
            overlap=_OVERLAP,
            kind=kind,
            check_items=20,
            repeats=0.05,
        )
    )
    with database.writing() as connection:
        put_replies(connection)
    began = time.perf_counter()
    desk.openings.open(NAME)
    opening = time.perf_counter() - began
    people = desk.people(_PEOPLE)
    for state, share in (("nothing taken", 0.0), ("half taken", 0.5), ("99 % taken", 0.99)):
        _fill(desk, share)
        took, cpu = _assign(desk, people, kind)
        yield (
            f"| {kind} | {opening:.2f} s | {state} | {median(took) * 1e3:.1f} ms "
            f"| {_p99(took) * 1e3:.1f} ms | {_p99(cpu) * 1e3:.1f} ms |"
        )


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98]


def _assign(
    desk: CampaignDesk, people: list[Caller], kind: ProtocolKind
) -> tuple[list[float], list[float]]:
    """Return the seconds and CPU seconds of each assignment; ballots are given in between."""
    judge = prefers({}, Random(1), ranked=kind is ProtocolKind.ALL_AT_ONCE)
    took, cpu = [], []
    for _ in range(_EACH):
        for who in people:
            began, busy = time.perf_counter(), time.thread_time()
            item = desk.assigning.next(who, NAME)
            took.append(time.perf_counter() - began)
            cpu.append(time.thread_time() - busy)
            if isinstance(item, ItemView):
                desk.judge(who, item, judge(item, models_shown(item)))
    return took, cpu


def _fill(desk: CampaignDesk, share: float) -> None:
    """Let others judge until so large a share of all places is taken."""
    random = Random(2)
    others = [desk.person(f"other-{number}") for number in range(_OVERLAP)]
    with desk.database.writing() as connection:
        found = connection.execute(
            text("SELECT id, models, taken FROM items WHERE models <> ''")
        ).all()
        places = [row for row in found for _ in range(_OVERLAP - row.taken)]
        wanted = int(share * len(found) * _OVERLAP) - sum(row.taken for row in found)
        random.shuffle(places)
        rows: dict[tuple[int, int], dict[str, object]] = {}
        had = set(
            connection.execute(text("SELECT item_id, annotator_id FROM assignments")).tuples()
        )
        for place in places[: max(0, wanted)]:
            for who in others:
                if (place.id, who.id) not in rows and (place.id, who.id) not in had:
                    row = {"id": secrets.token_hex(8), "item": place.id, "who": who.id}
                    rows[place.id, who.id] = row | {"ordering": place.models}
                    break
        if rows:
            connection.execute(_FILL, list(rows.values()))
