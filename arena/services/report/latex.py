"""A report as LaTeX: the document, its tables as files of their own, and its bibliography."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from arena.services.report.contents import ReportContents
from arena.services.report.figures import PlacedFigure
from arena.services.report.latex_text import fallbacks, latex
from arena.services.report.prose import Section
from arena.services.report.sources import SOURCES
from arena.services.report.tables import Table

_PREAMBLE = files("arena.services.report").joinpath("templates/preamble.tex")
_ACROSS = 2
"""Figures side by side: two columns of 84 mm fit on the page."""


def latex_files(report: ReportContents) -> Mapping[str, str]:
    """Return what the files of a report hold, by name: `report.tex`, `report.bib`, `tables/…`."""
    tables = {
        f"tables/{name}.tex": _tabular(table, rows)
        for table in report.tables
        if table.rows
        for name, rows in table.parts
    }
    return {"report.tex": _document(report), "report.bib": _bibliography(report), **tables}


def _document(report: ReportContents) -> str:
    return "\n".join(
        [
            _PREAMBLE.read_text(encoding="utf-8"),
            r"\AtBeginDocument{\normalfont",
            *fallbacks(_texts(report)),
            r"}",
            r"\begin{document}",
            rf"\title{{{latex(report.title)}\\\large {latex(report.subtitle)}}}",
            r"\author{}\date{}",
            r"\maketitle",
            *_section(report.results, "section"),
            *(line for table in report.tables if table.rows for line in _floats(table)),
            *_figures(report.shown),
            r"\section{Methods}",
            *(line for one in report.methods for line in _section(one, "subsection")),
            r"\bibliographystyle{plain}",
            r"\bibliography{report}",
            r"\end{document}",
            "",
        ]
    )


def _texts(report: ReportContents) -> Iterator[str]:
    """Yield every text that may have letters of any kind."""
    yield from (report.title, report.subtitle)
    for one in (report.results, *report.methods):
        yield from (sentence.text for paragraph in one.paragraphs for sentence in paragraph)
    for table in report.tables:
        yield from (cell for row in table.rows for cell in row)
    yield from (figure.caption for figure in report.shown)


def _section(one: Section, level: str) -> Iterator[str]:
    if not one.paragraphs:
        return
    yield rf"\{level}{{{latex(one.title)}}}"
    for paragraph in one.paragraphs:
        for sentence in paragraph:
            cites = rf"~\cite{{{','.join(sentence.cites)}}}" if sentence.cites else ""
            yield f"{latex(sentence.unended)}{cites}."
        yield ""


def _floats(table: Table) -> Iterator[str]:
    """Yield a table, in as many floats as it takes pages."""
    for number, (name, _) in enumerate(table.parts):
        caption = latex(table.caption) if number == 0 else f"{latex(table.name)}, continued."
        yield r"\begin{table}[htbp]"
        yield rf"\caption{{{caption}}}"
        yield rf"\label{{tab:{name}}}"
        yield r"\footnotesize"
        yield rf"\input{{tables/{name}}}"
        yield r"\end{table}"


def _figures(shown: Sequence[PlacedFigure]) -> Iterator[str]:
    for start in range(0, len(shown), _ACROSS):
        yield from _figure(shown[start : start + _ACROSS])


def _figure(row: Sequence[PlacedFigure]) -> Iterator[str]:
    yield r"\begin{figure}[htbp]"
    for one in row:
        yield r"\begin{minipage}[t]{84mm}\vspace{0pt}"
        yield (
            r"\includegraphics[width=84mm,height=.85\textheight,keepaspectratio]"
            rf"{{figures/{one.name}.pdf}}"
        )
        yield rf"\caption{{{latex(one.caption)}}}"
        yield r"\end{minipage}\hfill"
    yield r"\end{figure}"


def _tabular(table: Table, rows: Sequence[Sequence[str]]) -> str:
    short = range(table.words, len(table.heads))
    columns = "L" * table.words + "".join("l" if table.is_text(one) else "r" for one in short)
    return "\n".join(
        [
            rf"\begin{{tabularx}}{{\linewidth}}{{@{{}}{columns}@{{}}}}",
            r"\toprule",
            _row(table.heads),
            r"\midrule",
            *map(_row, rows),
            r"\bottomrule",
            r"\end{tabularx}",
            "",
        ]
    )


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex, cells)) + r" \\"


def _bibliography(report: ReportContents) -> str:
    return "\n".join(entry for key in report.sources for entry in _entry(key))


def _entry(key: str) -> Iterator[str]:
    source = SOURCES[key]
    told = {
        "author": " and ".join(map(_author, source.authors)),
        "title": f"{{{latex(source.title)}}}",
        "year": str(source.year),
    }
    yield f"@{source.kind}{{{key},"
    yield from (f"  {name} = {{{value}}}," for name, value in told.items())
    for name, value in source.fields.items():
        if name == "url":
            yield rf"  note = {{\url{{{value}}}}},"
        else:
            yield f"  {name} = {{{value if name == 'pages' else latex(value)}}},"
    yield "}\n"


def _author(name: str) -> str:
    """Return a name; one without a comma is that of a group, to be kept together."""
    return latex(name) if "," in name else f"{{{latex(name)}}}"
