"""The texts of a board that are screened for personal data."""

from dataclasses import replace

from arena.domain.board import BoardFilter
from arena.domain.campaign import CampaignAnnotator, Question, QuestionKind
from arena.domain.localized import LocalizedText
from arena.services.board.leaderboard import EVERYTHING
from arena.storage.database import Database
from arena.storage.reports.texts import texts_of
from tests.builders import seed_battle, seed_vote
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prompts


def _texts(database: Database, board_filter: BoardFilter = EVERYTHING) -> dict[str, list[str]]:
    with database.reading() as connection:
        found = list(texts_of(connection, board_filter))
    return {table: [one.text for one in found if one.table == table] for table, _, _ in found}


def test_each_different_text_of_a_vote_comes_once(database: Database) -> None:
    for person in ("ada", "bob"):
        seed_vote(database, annotator=person, prompts=("One", "Two"), comment="Fine")
    seed_battle(database, prompts=("Without a vote",))

    assert _texts(database) == {
        "prompts": ["One", "Two"],
        "replies": [f"Reply {turn} of {model}" for turn in (1, 2) for model in ("alpha", "beta")],
        "comments": ["Fine"],
    }


def test_only_what_the_filter_chooses_is_read(database: Database) -> None:
    seed_vote(database, prompts=("Sum",), category="math")
    seed_vote(database, prompts=("Poem",), category="writing")

    assert _texts(database, BoardFilter(category="math"))["prompts"] == ["Sum"]


def test_a_campaign_has_what_nobody_judged_and_answers_to_questions(database: Database) -> None:
    desk = CampaignDesk(database)
    first, second = prompts(2)
    question = Question(name="home", text=LocalizedText({"en": "Where?"}), kind=QuestionKind.TEXT)
    desk.open(
        planned(
            prompts=(replace(first, notes="Ask Ada"), second),
            questions=(question,),
            annotators=(CampaignAnnotator("Ada"), CampaignAnnotator("Bob")),
        )
    )
    desk.membership.begin(desk.person("Ada"), NAME, {"home": "Elm Street 1"})

    found = _texts(database, BoardFilter(campaign=NAME))

    assert found["prompts"] == [*first.turns, "Ask Ada", *second.turns, second.notes]
    assert len(found["replies"]) == 4
    assert found["answers"] == ["Elm Street 1"]
