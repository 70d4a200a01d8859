"""Logging on standard error: one line an event, a time first."""

import logging


def configure_logging(*, verbose: bool = False) -> None:
    """Set up the root logger for a command; libraries speak up only from warnings on."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    logging.getLogger("arena").setLevel(logging.DEBUG if verbose else logging.INFO)
