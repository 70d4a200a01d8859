"""Pages of a few lines: sign-in, and what stands in the place of a page that cannot be shown."""

from collections.abc import Mapping

from markupsafe import Markup

from arena.web.common.texts import link_to


def small_page(words: Mapping[str, str], *, language: str, title: str, body: Markup) -> str:
    """Return a page under the arena's title; `title` is its own heading."""
    return _HTML.format(
        language=language,
        arena=words["app.title"],
        title=title,
        body=body,
        root=link_to(words, "/"),
    )


_HTML = Markup("""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title} · {arena}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{root}favicon.ico">
<link rel="stylesheet" href="{root}arena-static/login.css"></head>
<body><main><header><a href="{root}">{arena}</a></header><h1>{title}</h1>
{body}</main></body></html>
""")
