"""Campaigns with everything that an archive holds, judged through the services."""

from datetime import date
from itertools import product
from pathlib import Path
from random import Random

from sqlalchemy import text

from arena.domain.accounts import Caller
from arena.domain.campaign import CampaignAnnotator, ProtocolKind, Question, QuestionKind
from arena.domain.conversation import ModelKey
from arena.domain.evaluation import Attention, CampaignBallot, ItemView
from arena.domain.localized import LocalizedText
from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.services.board.details import DetailedBoard
from arena.services.campaigns.archive.exporting import ArchiveExports
from arena.services.campaigns.archive.figures import ArchiveFigure
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database
from arena.storage.replies import Flag, flag_reply
from tests.fakes.campaigns import MORNING, NAME, CampaignDesk, planned

PEOPLE = ("Ada Lovelace", "Bob Newhart", "Cem Karaca", "Dora Maar")
SOFTWARE = {"arena": "0", "python": "3"}
_CRITERIA = ("relevance", "accuracy")


def judged_campaign(database: Database, kind: ProtocolKind, *, judged: int = 9) -> CampaignDesk:
    """Judge a campaign: repeats, checks, revisions, strength, scores, reasons, flags, a skip."""
    desk = CampaignDesk(database)
    desk.open(
        planned(
            models=3,
            judged=judged,
            turns=2,
            kind=kind,
            repeats=0.2,
            check_items=2,
            strength=kind is ProtocolKind.PAIRWISE,
            criteria=dict.fromkeys(_CRITERIA),
            questions=(
                Question(name="age", text=LocalizedText({"en": "Age?"}), kind=QuestionKind.NUMBER),
            ),
            annotators=tuple(CampaignAnnotator(name) for name in (*PEOPLE, "Eve Nobody")),
        )
    )
    people = [desk.person(name) for name in PEOPLE]
    for age, person in enumerate(people, start=30):
        desk.membership.begin(person, NAME, {"age": str(age)})
    _skip(desk, people[0])
    _judge_all(desk, people, kind)
    _flag(database)
    return desk


def ballot_on(item: ItemView, kind: ProtocolKind, random: Random) -> CampaignBallot:
    """Say anything that fits the protocol."""
    slots = len(item.battle.turns[-1].replies)
    scores = {place: random.randint(1, 5) for place in product(range(slots), _CRITERIA)}
    reasons = ((0, Reason.USEFUL), (1, Reason.INCORRECT)) if random.random() < 0.3 else ()
    comment = random.choice(["", "Ça va, 很好 «ok»", "=1+1"])
    if kind is ProtocolKind.ALL_AT_ONCE:
        ranks = [1, *(random.randint(1, slots) for _ in range(slots - 1))]
        random.shuffle(ranks)
        return CampaignBallot(ranks=tuple(ranks), scores=scores, reasons=reasons, comment=comment)
    verdict = random.choice(list(Verdict))
    much = random.random() < 0.5 if verdict.decisive else None
    return CampaignBallot(
        verdict=verdict, much=much, scores=scores, reasons=reasons, comment=comment
    )


def _skip(desk: CampaignDesk, person: Caller) -> None:
    item = desk.next(person)
    assert item is not None
    desk.assigning.skip(person, item.assignment_id, "unclear")


def _judge_all(desk: CampaignDesk, people: list[Caller], kind: ProtocolKind) -> None:
    """Judge everything, every fifth item twice: the second ballot is a revision."""
    random, busy, number = Random(5), list(people), 0
    while busy:
        person = busy[number % len(busy)]
        item = desk.next(person)
        if item is None:
            busy.remove(person)
            continue
        number += 1
        for _ in range(2 if number % 5 == 0 else 1):
            seconds, depth = random.random() * 100, random.random()
            attention = Attention(seconds, (depth,) * item.battle.slots)
            given = ballot_on(item, kind, random)
            desk.judging.judge(person, item.assignment_id, item.battle.shown, given, attention)
            desk.clock.pass_by(seconds=random.random() * 60)


def _flag(database: Database) -> None:
    """Flag a reply, a vote, and give a person a group."""
    with database.writing() as connection:
        first = "SELECT min(reply_id) FROM campaign_replies"
        reply = int(connection.execute(text(first)).scalar_one())
        flag_reply(connection, reply, Flag(FlagKind.IDENTITY_LEAK, "a name"), MORNING)
        connection.execute(
            text(
                "INSERT INTO flags (kind, vote_id, detail, created_at) "
                "SELECT 'recognised', max(id), '', max(created_at) FROM votes"
            )
        )
        connection.execute(
            text("UPDATE annotators SET group_name = 'linguists' WHERE name LIKE 'Ada%'")
        )


def plain_figure(board: DetailedBoard, model: ModelKey, day: date) -> ArchiveFigure | None:
    """Return a figure that is a line of text, as quick as tests need."""
    if model not in board.board.names:
        return None
    rates = [pair.record.rate for pair in board.board.pairs_of(model)]
    return ArchiveFigure(f"day,rates\n{day},{rates!r}\n".encode(), lambda: b"<svg/>")


def exporting(desk: CampaignDesk) -> ArchiveExports:
    """Return the service that writes archives of the desk's database."""
    return ArchiveExports(
        desk.database,
        desk.clock,
        pseudonyms=Pseudonyms(b"key"),
        figure_of=plain_figure,
        software=SOFTWARE,
    )


def archive_of(desk: CampaignDesk, path: Path) -> Path:
    """Write the archive of the desk's campaign."""
    with path.open("w+b") as file:
        exporting(desk).write(NAME, file)
    return path
