"""A campaign file is read as a whole."""

from datetime import date
from pathlib import Path

import pytest

from arena.domain.campaign import (
    CampaignAnnotator,
    CampaignModel,
    CampaignReveal,
    Crowd,
    Protocol,
    ProtocolKind,
    Question,
    QuestionKind,
    StopRules,
    TimeLimits,
)
from arena.domain.conversation import ModelKey
from arena.domain.localized import LocalizedText
from tests.fakes.campaign_files import MINIMAL, loaded, write_prompts


@pytest.fixture(autouse=True)
def prompts(tmp_path: Path) -> Path:
    """A prompt set beside every campaign file."""
    return write_prompts(tmp_path)


def test_a_minimal_file_leaves_the_rest_to_defaults(tmp_path: Path) -> None:
    campaign = loaded(tmp_path)

    assert (campaign.name, campaign.overlap, campaign.repeats) == ("pilot", 1, 0.05)
    assert campaign.protocol == Protocol(kind=ProtocolKind.PAIRWISE)
    assert [model.name for model in campaign.models] == ["Model One", "Model Two"]
    assert [prompt.turns for prompt in campaign.prompts] == [("Hello?",)]
    assert campaign.reveal is CampaignReveal.NEVER
    assert (campaign.people, campaign.crowd, campaign.check_items) == (0, None, ())
    assert campaign.stop == StopRules()
    assert campaign.time_limits == TimeLimits()


def test_every_key_is_read(tmp_path: Path) -> None:
    write_prompts(tmp_path, {"prompt": "1 + 1?", "better": "2", "worse": "3"}, name="checks.jsonl")
    campaign = loaded(
        tmp_path,
        """\
        name: pilot
        prompts: [prompts.jsonl]
        categories: {law: {en: Law, zh: 法律}}
        models: [one]
        imported_models: {house-2: House Model 2}
        protocol:
          kind: all_at_once
          strength: true
          criteria: [relevance, accuracy]
          reasons: false
          comment: false
        overlap: 2
        repeats: 0.1
        check_items: checks.jsonl
        questions:
          tongue:
            text: {en: Your language?, zh: 母语？}
            kind: choice
            choices: [English, Chinese]
          age: {text: Your age?, kind: number, least: 18, most: 99.5, required: false}
        guidelines: Read everything.
        consent: {en: Yes.}
        reveal: at_end
        stop: {votes_per_pair: 100, half_width: 5, anytime_verdict: true}
        time_limits: {minutes_per_item: 30, last_day: 2027-01-31}
        annotators: [Ada, {name: Bob, group: experts}]
        """,
    )

    assert campaign.categories == {"law": LocalizedText({"en": "Law", "zh": "法律"})}
    assert campaign.models == (
        CampaignModel(ModelKey("one"), "Model One"),
        CampaignModel(ModelKey("house-2"), "House Model 2", imported=True),
    )
    assert campaign.protocol == Protocol(
        kind=ProtocolKind.ALL_AT_ONCE,
        strength=True,
        criteria={"relevance": None, "accuracy": None},
        reasons=False,
        comment=False,
    )
    assert campaign.questions == (
        Question(
            name="tongue",
            text=LocalizedText({"en": "Your language?", "zh": "母语？"}),
            kind=QuestionKind.CHOICE,
            choices={"English": None, "Chinese": None},
        ),
        Question(
            name="age",
            text=LocalizedText({"en": "Your age?"}),
            kind=QuestionKind.NUMBER,
            least=18,
            most=99.5,
            required=False,
        ),
    )
    (check,) = campaign.check_items
    assert (check.prompt.turns, check.better, check.worse) == (("1 + 1?",), "2", "3")
    assert campaign.guidelines == LocalizedText({"en": "Read everything."})
    assert campaign.consent == LocalizedText({"en": "Yes."})
    assert campaign.reveal is CampaignReveal.AT_END
    assert campaign.stop == StopRules(100, 5, anytime_verdict=True)
    assert campaign.time_limits == TimeLimits(30, date(2027, 1, 31))
    assert campaign.annotators == (CampaignAnnotator("Ada"), CampaignAnnotator("Bob", "experts"))
    assert (campaign.overlap, campaign.repeats, campaign.people) == (2, 0.1, 2)


def test_a_crowd_is_read(tmp_path: Path) -> None:
    crowd = "crowd: {people: 40, parameters: {annotator: PROLIFIC_PID}, completion_code: C1}"

    campaign = loaded(tmp_path, f"{MINIMAL}{crowd}\n")

    assert campaign.people == 40
    assert campaign.crowd == Crowd(
        people=40, parameters={"annotator": "PROLIFIC_PID"}, completion_code="C1"
    )
