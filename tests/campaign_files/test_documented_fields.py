"""docs/campaigns.md and the example name every key and column that there is."""

import re
from pathlib import Path

import pytest

from arena.campaign_files.fields import BLOCKS, CampaignFields
from arena.campaign_files.prompt_rows import CheckRow

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "examples" / "wizardlm2" / "campaign.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", CampaignFields.model_fields)
def test_every_key_has_a_row_and_stands_in_the_example(key: str) -> None:
    assert f"| `{key}` |" in DOCUMENT
    assert re.search(rf"^(?:#: )?{key}:", EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_key_of_a_block_is_explained_and_stands_in_the_example(block: str) -> None:
    for key in BLOCKS[block]:
        assert re.search(rf"\b{key}\b[`:]", DOCUMENT), key
        assert re.search(rf"\b{key}:|`{key}:", EXAMPLE), key


@pytest.mark.parametrize("column", CheckRow.model_fields)
def test_every_column_of_a_prompt_set_is_explained(column: str) -> None:
    assert f"`{column}`" in DOCUMENT
