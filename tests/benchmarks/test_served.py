"""Servers of benchmarks."""

from pathlib import Path

import pytest

from tests.benchmarks.served import arena_serving


def test_a_server_that_ends_is_noticed_at_once_with_what_it_said(tmp_path: Path) -> None:
    with (
        arena_serving(tmp_path, "models: none at all") as served,
        pytest.raises(RuntimeError, match=r"(?s)ended with code 2.*models\.yaml"),
    ):
        served.until("/readyz")
