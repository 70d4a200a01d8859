"""The composition root: the only room that knows all concrete classes."""

from arena.application.building import Application, build_application

__all__ = ["Application", "build_application"]
