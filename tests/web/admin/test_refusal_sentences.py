"""What services refuse or warn of is said in the reader's language."""

import re
from pathlib import Path

import pytest

from arena.services.campaigns.examining import CampaignWarning, WarningKind
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.services.people import PersonFault, PersonFaultKind
from arena.storage.campaigns.campaigns import CampaignEvent, campaign_named, insert_event
from arena.storage.database import Database
from arena.web.admin.refusal_sentences import (
    campaign_sentence,
    person_sentence,
    warning_sentence,
)
from arena.web.common.texts import load_texts
from tests.fakes.campaigns import MORNING, NAME, planned
from tests.web.admin.admin_pages import said
from tests.web.admin.campaign_office import FILES, PLACE, CampaignOffice

TEXTS = load_texts().by_language
CHINESE = TEXTS["zh"]
FIGURES = dict.fromkeys(("name", "parts", "error", "file", "models", "one", "other"), "X")
FIGURES |= {"model": "X", "enough": "8", "replies": "4"}
WORDS_OF_FILES = r"kind: pairwise|annotators 或 crowd|arena campaign generate|[A-Za-z_]+："


@pytest.fixture
def office(database: Database, tmp_path: Path) -> CampaignOffice:
    return CampaignOffice(database, tmp_path, "zh")


@pytest.mark.parametrize("language", TEXTS)
def test_every_reason_has_a_sentence_that_takes_its_figures(language: str) -> None:
    texts = TEXTS[language]
    told = [
        *(
            campaign_sentence(texts, CampaignRefused("", why, **FIGURES, state="open"))
            for why in CampaignRefusal
        ),
        *(warning_sentence(texts, CampaignWarning(kind, "", FIGURES)) for kind in WarningKind),
        *(person_sentence(texts, PersonFault(kind, "X", "")) for kind in PersonFaultKind),
    ]

    assert all(told)
    assert not [sentence for sentence in told if "{" in sentence]
    if language == "zh":
        english = [re.sub(f"{WORDS_OF_FILES}|X", "", sentence) for sentence in told]
        assert [one for one in english if re.search("[A-Za-z]", one)] == []


def test_a_refusal_that_no_page_asks_for_keeps_its_words() -> None:
    assert campaign_sentence(CHINESE, CampaignRefused("use --only")) == "use --only"


def test_refusals_on_the_page_of_a_campaign_are_chinese(office: CampaignOffice) -> None:
    office.store(planned())

    assert "“spring”的状态是“尚未开放”，无法暂停。" in said(office.act("pause"))
    assert "没有名为“winter”的评测活动。" in said(office.client.get(f"{PLACE}/winter"))


def test_warnings_of_a_check_are_chinese(office: CampaignOffice) -> None:
    page = said(office.check(FILES))

    assert "guidelines：没有评判指南" in page
    assert "nothing tells" not in page


def test_the_history_is_chinese(office: CampaignOffice) -> None:
    office.store(planned())
    detail = '{"models": ["m0"], "new": 2, "replaced": 1, "already_there": 0}'
    with office.database.writing() as connection:
        stored = campaign_named(connection, NAME)
        assert stored is not None
        for kind, told in (("replies_imported", detail), ("imported", "5f3c")):
            insert_event(connection, stored.id, CampaignEvent(MORNING, kind, None, told))

    page = said(office.client.get(f"{PLACE}/{NAME}"))

    assert "已导入回答 命令行 m0：新增 2 个，替换 1 个，已存在 0 个" in page
    assert "从归档导入 命令行 5f3c" in page
