"""A report as one HTML file: no scripts, no other files, readable on screen and on paper."""

from base64 import b64encode
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from arena.services.report.contents import ReportContents
from arena.services.report.sources import SOURCES


class _Picture(NamedTuple):
    """A drawing as the address of an image, in which no script runs and no style leaks out."""

    data: str
    caption: str


def report_page(report: ReportContents) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("arena.services.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pictures = [_Picture(b64encode(one.figure.svg()).decode(), one.caption) for one in report.shown]
    template = environment.get_template("report.html")
    return template.render(report=report, sources=SOURCES, pictures=pictures)
