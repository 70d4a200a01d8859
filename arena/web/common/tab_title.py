"""The tab title of Gradio's pages in the browser's language: Gradio has one title for all."""

import json
from collections.abc import Mapping

from markupsafe import Markup

from arena.web.common.texts import Texts

_HEAD = Markup(
    '<meta name="arena-titles" content="{}"><script src="{}/arena-static/tab-title.js"></script>'
)


def tab_titles(texts: Texts, page: str | None = None) -> dict[str, str]:
    """Return the title by language: the arena's, and the sentence `page` for a page of its own."""
    return {
        language: f"{words[page]} · {words['app.title']}" if page else words["app.title"]
        for language, words in texts.by_language.items()
    }


def tab_title_head(titles: Mapping[str, str], root_path: str = "") -> str:
    """Return what a page's head needs for its tab to have one of the titles."""
    return str(_HEAD.format(json.dumps(titles, ensure_ascii=False), root_path))
