"""Answers in a bare page: the renderer's HTML and its style sheet, without an arena."""

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, Page

from arena.web.rendering.answer import render_answer

_STYLES = Path(__file__).parents[2] / "arena" / "web" / "static" / "answers.css"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Answers</title><style>
:root {{ color-scheme: light dark; font: 16px system-ui, sans-serif;
  --ink: light-dark(#0f172a, #f1f5f9); --sub: light-dark(#475569, #a3b1c6);
  --line: light-dark(#e2e8f0, #334155); --soft: light-dark(#f8fafc, #0f172a);
  --paper: light-dark(#fff, #111827); --accent: light-dark(#4f46e5, #a5b4fc); }}
body {{ margin: 0 auto; padding: 16px; max-width: 1440px; background: light-dark(#eef1f6, #0b0f19);
  display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px;
  box-sizing: border-box; }}
section {{ background: var(--paper); border: 1px solid var(--line); border-radius: 12px;
  padding: 14px 18px; min-width: 0; }}
@media (max-width: 700px) {{ body {{ grid-template-columns: minmax(0, 1fr); padding: 10px; }} }}
</style><style>{styles}</style>{columns}</html>"""

_READ = """column => {
  const copy = column.cloneNode(true);
  column.replaceWith(copy);
  for (const formula of copy.querySelectorAll("math"))
    formula.replaceWith(formula.querySelector("annotation").textContent);
  for (const code of copy.querySelectorAll("[data-information]"))
    code.prepend(code.dataset.information + " ");
  const text = copy.innerText;
  copy.replaceWith(column);
  return text;
}"""
"""What one sees: formulas by their source, and the label that the style sheet draws over code."""


def show(browser: Browser, texts: Iterable[str], *, width: int = 1440) -> Page:
    """Open a page with a column for each text."""
    columns = (
        f'<section><div class="answer" translate="no">{"".join(render_answer(text, ended=True))}'
        "</div></section>"
        for text in texts
    )
    page = browser.new_page(viewport={"width": width, "height": 900})
    styles = _STYLES.read_text(encoding="utf-8")
    page.set_content(_PAGE.format(styles=styles, columns="".join(columns)))
    return page


def seen(page: Page) -> list[str]:
    """Return what one reads in each column, runs of white space as one space."""
    return [
        " ".join(text.split())
        for text in page.locator(".answer").evaluate_all(f"columns => columns.map({_READ})")
    ]
