"""`arena admin`: the admin account."""

from datetime import timedelta
from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop

admin = typer.Typer(help="The admin account.", no_args_is_help=True)


@admin.callback()
def _group() -> None:
    """Keep `set-password` a subcommand, although it is the only one."""


@admin.command("set-password")
def set_password(
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Give the admin a new password; every admin session ends."""
    from arena.domain.errors import ArenaError
    from arena.domain.passwords import SHORTEST_PASSWORD
    from arena.inference.clock import SystemClock
    from arena.services.accounts import Accounts

    with opened(database_url, create=True) as database:
        accounts = Accounts(database, SystemClock(), session_length=timedelta(hours=1))
        try:
            accounts.set_admin_password(password)
        except ArenaError:
            stop(f"a password needs at least {SHORTEST_PASSWORD} characters", BAD_INPUT)
    typer.echo("The admin password is set.")
