"""A campaign file is refused with everything that is wrong with it."""

from pathlib import Path

import pytest

from arena.campaign_files import KnownNames
from tests.fakes.campaign_files import MINIMAL, errors_of, faults_of, write_prompts


@pytest.fixture(autouse=True)
def prompts(tmp_path: Path) -> Path:
    """A prompt set beside every campaign file."""
    return write_prompts(tmp_path)


def test_all_faults_are_reported_at_once_with_line_and_key(tmp_path: Path) -> None:
    write_prompts(tmp_path, {"prompt": "x", "difficulty": 11})
    own, of_prompts = errors_of(
        tmp_path,
        """\
        nam: pilot
        prompts: [prompts.jsonl, nowhere.csv]
        models: [one, tow]
        imported_models: {Big Model: Big}
        protocol:
          kind: pairwize
          creteria: [a]
        overlap: 3
        overlap: 4
        questions:
          Age: {text: Age?, kind: number, choices: [a]}
        guidelines: {english: x}
        annotators: [Ada, {name: Bob, grup: x}, Ada]
        crowd: {people: 3, parameters: {annotater: x}}
        """,
    )

    assert [(fault.line, fault.key) for fault in own.faults] == [
        (1, "nam"),
        (1, "name"),
        (2, "prompts.1"),
        (3, "models.1"),
        (4, "imported_models.Big Model"),
        (6, "protocol.kind"),
        (7, "protocol.creteria"),
        (9, "overlap"),
        (11, "questions.Age"),
        (11, "questions.Age.choices"),
        (12, "guidelines.english"),
        (13, "annotators.1.grup"),
        (13, "annotators.2"),
        (14, "crowd"),
        (14, "crowd"),
        (14, "crowd.parameters.annotater"),
        (14, "crowd.parameters.annotator"),
    ]
    messages = [fault.message for fault in own.faults]
    assert "did you mean 'name'?" in messages[0]
    assert "did you mean 'two'?" in messages[3]
    assert "did you mean 'pairwise'?" in messages[5]
    assert "did you mean 'criteria'?" in messages[6]
    assert "did you mean 'group'?" in messages[11]
    assert "did you mean 'annotator'?" in messages[15]
    assert of_prompts.path == tmp_path / "prompts.jsonl"
    assert [fault.key for fault in of_prompts.faults] == ["row 1: difficulty"]


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ("name: ''", "name", "one line of at most 80 characters"),
        ("prompts: []", "prompts", "must not be empty"),
        ("prompts: 5", "prompts", "must be a list"),
        ("prompts: nowhere.jsonl", "prompts", "there is no file"),
        ("models: [one]", "models", "2 to 8 models, and this one has 1"),
        ("models: one", "models", "must be a list"),
        ("models: [one, one]", "models.1", "stands twice"),
        ("models: [one, {a: b}]", "models.1", "must be text"),
        ("imported_models: {two: Two}", "imported_models.two", "is in models.yaml"),
        ("imported_models: {new: ''}", "imported_models.new", "must be one line"),
        ("protocol: pairwise", "protocol", "must be a block"),
        ("protocol: {}", "protocol.kind", "is required"),
        (
            "protocol: {kind: all_at_once, pairs_per_prompt: 1}",
            "protocol.pairs_per_prompt",
            "means something for `kind: pairwise` only",
        ),
        (
            "protocol: {kind: pairwise, pairs_per_prompt: 2}",
            "protocol.pairs_per_prompt",
            "must be at most 1, the number of pairs (it is 2)",
        ),
        (
            "protocol: {kind: pairwise, strength: yes}",
            "protocol.strength",
            "write true or false",
        ),
        ("protocol: {kind: pairwise, criteria: [a, a]}", "protocol.criteria", "names a twice"),
        ("overlap: 0", "overlap", "must be at least 1"),
        ("overlap: 2.5", "overlap", "must be a whole number"),
        ("overlap: 2\nannotators: [Ada]", "overlap", "needs 2 annotators, and there are 1"),
        ("repeats: 5", "repeats", "must be at most 0.5"),
        ("check_items: nowhere.csv", "check_items", "there is no file"),
        ("questions: {a: {text: A?, kind: choice}}", "questions.a.choices", "add a list"),
        (
            "questions: {a: {text: A?, kind: text, least: 1}}",
            "questions.a.least",
            "means nothing for `kind: text`",
        ),
        (
            "questions: {a: {text: A?, kind: number, least: 2, most: 1}}",
            "questions.a.most",
            "must be at least 2 (it is 1)",
        ),
        ("questions: [a]", "questions", "must be a block"),
        ("consent: ''", "consent", "must not be empty"),
        ("reveal: after", "reveal", "did you mean 'after_vote'?"),
        ("stop: {half_width: 60}", "stop.half_width", "must be less than 50"),
        ("stop: {halfwidth: 5}", "stop.halfwidth", "did you mean 'half_width'?"),
        ("half_width: 5", "half_width", "did you mean 'half_width' inside `stop:`?"),
        ("time_limits: {last_day: soon}", "time_limits.last_day", "YYYY-MM-DD"),
        ("time_limits: {last_day: 2027-01-31T10:00:00}", "time_limits.last_day", "YYYY-MM-DD"),
        ("time_limits: {minutes_per_item: 0}", "time_limits.minutes_per_item", "at least 1"),
        ("annotators: [{group: a}]", "annotators.0.name", "is required"),
        ("annotators: [{name: Ada}, Ada]", "annotators.1", "stands twice"),
        (
            "crowd: {people: 0, parameters: {annotator: P}, completion_code: C}",
            "crowd.people",
            "must be at least 1",
        ),
        ("crowd: {people: 9, parameters: {annotator: P}}", "crowd", "add a `completion_code`"),
        (
            "crowd: {people: 9, parameters: {annotator: '{{P}}'}, completion_code: C}",
            "crowd.parameters.annotator",
            "the parameter's name alone",
        ),
        (
            "crowd: {people: 9, parameters: {annotator: P, study: why}, completion_code: C}",
            "crowd.parameters.study",
            "choose another name",
        ),
        (
            "crowd: {people: 9, parameters: {annotator: P}, return_address: prolific.com}",
            "crowd.return_address",
            "http",
        ),
    ],
)
def test_a_fault_names_its_line_and_key_and_what_to_change(
    tmp_path: Path, change: str, key: str, message: str
) -> None:
    given = {line.partition(":")[0] for line in change.splitlines()}
    kept = [line for line in MINIMAL.splitlines() if line.partition(":")[0] not in given]
    text = "\n".join([*kept, change])

    (fault,) = faults_of(tmp_path, text)

    assert fault.key == key
    assert message in fault.message
    top = key.partition(".")[0]
    assert text.splitlines()[fault.line - 1].startswith(f"{top}:")


def test_a_key_that_is_a_number_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, f"{MINIMAL}1: one\n")

    assert (fault.key, fault.message) == ("1", "write the key as text: put it in quotes")


def test_a_catalog_that_cannot_be_read_hides_no_other_fault(tmp_path: Path) -> None:
    known = KnownNames(None, ("writing",))

    (fault,) = faults_of(tmp_path, MINIMAL.replace("[one, two]", "[any, other]") + "x: 1", known)

    assert (fault.line, fault.key) == (5, "x")


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_block_of_keys_is_refused(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of(tmp_path, text)

    assert (fault.line, fault.message) == (1, "must be a block of `key: value` lines")


def test_more_than_eight_models_are_refused(tmp_path: Path) -> None:
    imported = "\n".join(f"  m{number}: M" for number in range(7))

    (fault,) = faults_of(tmp_path, f"{MINIMAL}imported_models:\n{imported}\n")

    assert (fault.line, fault.key) == (3, "models")
    assert "this one has 9" in fault.message


def test_categories_that_the_file_declares_are_those_of_its_prompts(tmp_path: Path) -> None:
    write_prompts(tmp_path, {"prompt": "a", "category": "law"}, {"prompt": "b", "category": "math"})

    (fault,) = faults_of(tmp_path, f"{MINIMAL}categories: [law]\n")

    assert fault.key == "row 2: category"
    assert "Choose from law, or declare it" in fault.message
