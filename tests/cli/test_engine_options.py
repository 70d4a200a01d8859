"""`arena engine` takes its devices from the plan and refuses what cannot be devices."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from arena.catalog import load_catalog
from arena.cli import engine as engine_module
from tests.fakes.catalogs import EMBEDDED, write_catalog


def run(catalog: Path, devices: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command("engine")(engine_module.engine)
    arguments = ["--models", str(catalog), "--key", "tiny", "--devices", devices]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stderr


@pytest.mark.parametrize("devices", ["gpu", "0;1", "0,0", "-1", ""])
def test_what_are_no_devices_is_refused_with_what_to_write(tmp_path: Path, devices: str) -> None:
    code, message = run(write_catalog(tmp_path, EMBEDDED), devices)
    assert code == 2
    assert "write auto, cpu, or GPU numbers such as 0,1" in message


@pytest.mark.parametrize(
    ("devices", "expected"), [("cpu", "cpu"), ("auto", "auto"), ("0,1", (0, 1)), (None, "auto")]
)
def test_the_plan_s_devices_replace_those_of_the_row(
    tmp_path: Path, devices: str | None, expected: object
) -> None:
    row = load_catalog(write_catalog(tmp_path, EMBEDDED)).get("tiny")
    assert engine_module._on_devices(row, devices).devices == expected
