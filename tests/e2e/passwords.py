"""Annotators who sign in by password."""

from playwright.sync_api import Page
from typer.testing import CliRunner

from arena.cli import app
from tests.e2e.serving import ServedArena

PASSWORD = "spring tides at noon"


def with_password(arena: ServedArena, name: str) -> None:
    """Make an account as an operator does."""
    url = ("--database-url", f"sqlite:///{arena.database}")
    for command in (["add", name], ["set-password", name, "--password", PASSWORD]):
        result = CliRunner().invoke(app, ["annotator", *command, *url])
        assert result.exit_code == 0, result.output


def sign_in(page: Page, arena: ServedArena, name: str, password: str = PASSWORD) -> None:
    """Sign in by the form, up to the battle page."""
    page.goto(f"{arena.address}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{arena.address}/")
