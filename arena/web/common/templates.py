"""Templates of plain pages: whatever is put in is escaped, unless it is Markup."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from arena.web.common.texts import link_to

_BETWEEN = re.compile(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])")


class _Joined(Extension):
    """Joins the lines of a template where they meet at a tag.

    Templates are indented to be read; a line break among the elements of a page would be a space.
    """

    def preprocess(
        self,
        source: str,
        name: str | None,  # noqa: ARG002 - Jinja's signature
        filename: str | None = None,  # noqa: ARG002
    ) -> str:
        """Return the source as Jinja reads it."""
        return _BETWEEN.sub("", source.strip())


class Templates:
    """The templates of a package, in its folder `templates`."""

    def __init__(self, package: str) -> None:
        self._environment = Environment(
            loader=PackageLoader(package),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=[_Joined],
            auto_reload=False,
        )
        self._environment.globals["link_to"] = link_to

    def rendered(self, template: str, **data: object) -> Markup:
        """Return a template, a name without its suffix, filled with data."""
        html = self._environment.get_template(f"{template}.html").render(data)
        return Markup(html)  # noqa: S704 - a template that has escaped what was put in
