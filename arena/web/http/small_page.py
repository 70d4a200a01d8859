"""Pages of a few lines: sign-in, and what stands in the place of a page that cannot be shown."""

from collections.abc import Mapping

from markupsafe import Markup


def small_page(words: Mapping[str, str], *, language: str, title: str, body: Markup) -> str:
    """Return a page under the arena's title; `title` is its own heading."""
    return _HTML.format(language=language, arena=words["app.title"], title=title, body=body)


_HTML = Markup("""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title} · {arena}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/arena-static/login.css"></head>
<body><main><header><a href="/">{arena}</a></header><h1>{title}</h1>
{body}</main></body></html>
""")
