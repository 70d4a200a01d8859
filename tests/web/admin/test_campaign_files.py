"""Campaign files in the admin's browser: checked without a trace, then created."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.storage.database import Database
from tests.web.admin.admin_pages import TOKEN, cells, said
from tests.web.admin.campaign_office import FILES, PLACE, PROMPTS, CampaignOffice, zipped

FAULTY = """\
name: pilot
prompts: prompts.jsonl
models: [one, tow]
protocol: {kind: pairwize}
overlap: 0
"""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> CampaignOffice:
    return CampaignOffice(database, tmp_path)


def test_files_without_faults_are_summed_up_and_nothing_is_stored(office: CampaignOffice) -> None:
    page = office.check()

    assert page.status_code == 200
    assert "pilot" in said(page)
    assert "Ballots: 1. Comparisons: 1." in said(page)
    assert "check_items: none, so nothing tells who votes without reading" in said(page)
    assert office.names() == ()


def test_a_checked_campaign_is_created_once(office: CampaignOffice) -> None:
    checked = office.check()
    first, second = office.create(checked), office.create(checked)

    assert first.headers["location"] == f"{PLACE}/pilot?done=created"
    assert second.headers["location"] == f"{PLACE}/pilot?done=unchanged"
    assert office.names() == ("pilot",)
    assert office.history() == [("created", "Grace")]
    assert "The campaign is stored." in said(office.client.get(first.headers["location"]))


def test_a_changed_file_becomes_a_version(office: CampaignOffice) -> None:
    office.create(office.check())
    changed = {**FILES, "campaign.yaml": FILES["campaign.yaml"] + "overlap: 2\n"}

    answer = office.create(office.check(changed))

    assert answer.headers["location"].endswith("done=version")
    assert office.history() == [("created", "Grace"), ("version", "Grace")]


def test_what_never_changes_is_refused_and_the_files_are_kept(office: CampaignOffice) -> None:
    office.create(office.check())

    answer = office.create(office.check({**FILES, "prompts.jsonl": '{"prompt": "Bye?"}\n'}))

    assert answer.status_code == 409
    assert "'pilot' is stored with other prompts" in said(answer)
    assert 'name="upload"' in answer.text


def test_every_fault_is_shown_at_once_as_the_command_says_it(
    office: CampaignOffice, tmp_path: Path
) -> None:
    files = {"campaign.yaml": FAULTY, "prompts.jsonl": '{"prompt": "Hi?"}\n{"promt": "Hi?"}\n'}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = ["campaign", "check", str(tmp_path / "campaign.yaml"), "--models", str(office.models)]
    printed = CliRunner().invoke(app, command).stderr

    page = office.check(files)

    assert page.status_code == 400
    rows = [tuple(row.values()) for row in cells(page)]
    lines = [f"{file}:{line}: {key}: {message}" for file, line, key, message in rows]
    assert lines == printed.replace(f"{tmp_path}/", "").splitlines()
    assert len(lines) == 4
    assert office.names() == ()


def test_a_faulty_catalog_is_among_the_faults(office: CampaignOffice) -> None:
    office.models.write_text("models: 3\n", encoding="utf-8")

    assert "models.yaml" in {row["File"] for row in cells(office.check())}


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../models.yaml", "~/.ssh/id_rsa", "nowhere.jsonl", "a\\0b"]
)
def test_a_campaign_file_reads_no_file_of_the_server(office: CampaignOffice, name: str) -> None:
    text = FILES["campaign.yaml"].replace("prompts.jsonl", f'"{name}"')

    page = office.check({**FILES, "campaign.yaml": text})

    assert page.status_code == 400
    assert "is not among the files that came with this one" in said(page)
    assert "root:" not in page.text


def test_an_archive_keeps_folders(office: CampaignOffice) -> None:
    text = FILES["campaign.yaml"].replace("prompts.jsonl", "data/prompts.jsonl")
    archive = zipped(
        {
            "pilot/campaign.yaml": text,
            "pilot/data/prompts.jsonl": PROMPTS,
            "__MACOSX/pilot/._campaign.yaml": b"\0",
            "pilot/data/notes.yaml": "[]",
        }
    )

    assert "The files have no faults." in said(office.check_zip(archive))


BOMB = zipped({"campaign.yaml": b"#" * (65 * 2**20)})


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"PK\x03\x04 not at all", "The archive campaign.zip cannot be read."),
        (b"", "The archive campaign.zip cannot be read."),
        (zipped({"prompts.jsonl": PROMPTS}), "There is no campaign file."),
        (zipped({"a.yaml": "", "b.yaml": ""}), "several campaign files"),
        (zipped({"campaign.yaml": "", "../../evil": ""}), "may not be called ../../evil"),
        (zipped({"campaign.yaml": "", "/etc/evil": ""}), "may not be called /etc/evil"),
        (zipped({"campaign.yaml": "", "a\\..\\b": ""}), "may not be called"),
        (zipped({f"{number}.csv": "" for number in range(101)}), "more than 100 files"),
        (BOMB, "too large for this page"),
    ],
)
def test_an_archive_that_cannot_be_taken_is_refused(
    office: CampaignOffice, archive: bytes, why: str
) -> None:
    page = office.check_zip(archive)

    assert page.status_code == 400
    assert why in said(page)


def test_no_file_at_all_is_refused(office: CampaignOffice) -> None:
    page = office.client.post(f"{PLACE}/check", data={"token": TOKEN})

    assert page.status_code == 400
    assert "Choose a campaign file." in said(page)


def test_archives_together_unpack_to_no_more_than_one_may(office: CampaignOffice) -> None:
    large = [zipped({f"{number}.csv": b"#" * (40 * 2**20)}) for number in range(2)]
    chosen = [
        ("campaign", ("campaign.yaml", FILES["campaign.yaml"].encode())),
        *(("files", (f"{number}.zip", archive)) for number, archive in enumerate(large)),
    ]
    page = office.client.post(f"{PLACE}/check", data={"token": TOKEN}, files=chosen)

    assert page.status_code == 400
    assert "too large for this page" in said(page)


def test_two_files_of_one_name_are_refused(office: CampaignOffice) -> None:
    chosen = [("campaign", ("campaign.yaml", "")), ("files", ("campaign.yaml", ""))]
    page = office.client.post(f"{PLACE}/check", data={"token": TOKEN}, files=chosen)

    assert "Two files are called campaign.yaml." in said(page)


@pytest.mark.parametrize("upload", ["", "!", "AAAA"])
def test_a_form_that_brings_no_files_is_refused(office: CampaignOffice, upload: str) -> None:
    answer = office.client.post(f"{PLACE}/create", data={"token": TOKEN, "upload": upload})

    assert answer.status_code == 400
    assert "cannot be read" in said(answer)


def test_names_in_files_are_text_on_the_page(office: CampaignOffice) -> None:
    script = "<script>alert(1)</script>"
    faulty = office.check({**FILES, "campaign.yaml": f"'{script}': 1\n"})
    sound = office.check(
        {
            "campaign.yaml": FILES["campaign.yaml"].replace("pilot", f"'{script}'"),
            "prompts.jsonl": PROMPTS,
        }
    )
    page = office.client.get(office.create(sound).headers["location"])

    for shown in (faulty, sound, page, office.client.get(PLACE)):
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;alert" in shown.text


def test_a_form_of_another_session_checks_and_creates_nothing(office: CampaignOffice) -> None:
    upload = re.search(r'name="upload" value="([^"]+)"', office.check().text)
    assert upload is not None
    fields = {"token": "another", "upload": upload[1]}

    answers = [
        office.check(token="another"),
        office.client.post(f"{PLACE}/create", data=fields),
    ]

    assert all("belongs to an earlier sign-in" in said(answer) for answer in answers)
    assert 'name="upload"' in answers[1].text
    assert office.names() == ()
