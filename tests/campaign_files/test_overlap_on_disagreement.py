"""How many judge an item on which annotators disagree: read, and checked against the overlap."""

from pathlib import Path

import pytest

from tests.fakes.campaign_files import MINIMAL, errors_of, loaded, write_prompts


@pytest.fixture(autouse=True)
def prompts(tmp_path: Path) -> Path:
    """A prompt set beside every campaign file."""
    return write_prompts(tmp_path)


def test_it_is_read(tmp_path: Path) -> None:
    campaign = loaded(tmp_path, MINIMAL + "overlap: 2\noverlap_on_disagreement: 4\n")
    assert (campaign.overlap, campaign.overlap_on_disagreement) == (2, 4)
    assert loaded(tmp_path).overlap_on_disagreement is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("overlap_on_disagreement: 3", "one annotator cannot disagree: set `overlap` to 2 or more"),
        ("overlap: 3\noverlap_on_disagreement: 3", "must be above the overlap, 3 (it is 3)"),
        (
            "overlap: 2\noverlap_on_disagreement: 4\nannotators: [Ada, Bob, Cem]",
            "needs 4 annotators, and there are 3: nobody judges twice",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, more: str, told: str) -> None:
    (error,) = errors_of(tmp_path, f"{MINIMAL}{more}\n")
    assert "overlap_on_disagreement" in str(error)
    assert told in str(error)
