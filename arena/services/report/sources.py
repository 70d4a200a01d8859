"""The literature that a report cites: what docs/statistics.md names as sources of its methods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from arena.services.report.prose import Section


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of a bibliography. `kind` is BibTeX's; `fields` are its other fields, in order."""

    kind: str
    authors: tuple[str, ...]
    year: int
    title: str
    fields: Mapping[str, str]

    @property
    def label(self) -> str:
        """As a text cites it: `Bradley & Terry 1952`, `Cameron et al. 2011`."""
        names = [author.partition(",")[0] for author in self.authors]
        who = " & ".join(names) if len(names) < 3 else f"{names[0]} et al."
        return f"{who} {self.year}"

    @property
    def reference(self) -> str:
        """The whole entry as one line of text."""
        where = self.fields
        place = where.get("journal") or where.get("publisher") or where.get("howpublished", "")
        volume = f" {where['volume']}" if "volume" in where else ""
        pages = f", {where['pages'].replace('--', '–')}" if "pages" in where else ""
        address = f" {where['url']}" if "url" in where else ""
        authors = "; ".join(self.authors)
        return f"{authors} ({self.year}). {self.title}. {place}{volume}{pages}.{address}"


def _source(kind: str, authors: str, year: int, title: str, **fields: str) -> Source:
    return Source(kind, tuple(authors.split("; ")), year, title, MappingProxyType(fields))


SOURCES: Mapping[str, Source] = {
    "wizardlm2": _source(
        "misc",
        "WizardLM Team",
        2024,
        "WizardLM-2",
        howpublished="Release page of 16 April 2024",
        url="https://wizardlm.github.io/WizardLM2/",
    ),
    "bradley1952": _source(
        "article",
        "Bradley, Ralph Allan; Terry, Milton E.",
        1952,
        "Rank analysis of incomplete block designs: I. The method of paired comparisons",
        journal="Biometrika",
        volume="39",
        pages="324--345",
    ),
    "davidson1970": _source(
        "article",
        "Davidson, Roger R.",
        1970,
        "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments",
        journal="Journal of the American Statistical Association",
        volume="65",
        pages="317--328",
    ),
    "wilson1927": _source(
        "article",
        "Wilson, Edwin B.",
        1927,
        "Probable inference, the law of succession, and statistical inference",
        journal="Journal of the American Statistical Association",
        volume="22",
        pages="209--212",
    ),
    "korn1998": _source(
        "article",
        "Korn, Edward L.; Graubard, Barry I.",
        1998,
        "Confidence intervals for proportions with small expected number of positive counts "
        "estimated from survey data",
        journal="Survey Methodology",
        volume="24",
        pages="193--201",
    ),
    "liang1986": _source(
        "article",
        "Liang, Kung-Yee; Zeger, Scott L.",
        1986,
        "Longitudinal data analysis using generalized linear models",
        journal="Biometrika",
        volume="73",
        pages="13--22",
    ),
    "bell2002": _source(
        "article",
        "Bell, Robert M.; McCaffrey, Daniel F.",
        2002,
        "Bias reduction in standard errors for linear regression with multi-stage samples",
        journal="Survey Methodology",
        volume="28",
        pages="169--181",
    ),
    "cameron2011": _source(
        "article",
        "Cameron, A. Colin; Gelbach, Jonah B.; Miller, Douglas L.",
        2011,
        "Robust inference with multiway clustering",
        journal="Journal of Business & Economic Statistics",
        volume="29",
        pages="238--249",
    ),
    "holm1979": _source(
        "article",
        "Holm, Sture",
        1979,
        "A simple sequentially rejective multiple test procedure",
        journal="Scandinavian Journal of Statistics",
        volume="6",
        pages="65--70",
    ),
    "chiang2024": _source(
        "misc",
        "Chiang, Wei-Lin; Zheng, Lianmin; Sheng, Ying; Angelopoulos, Anastasios Nikolas; "
        "Li, Tianle; Li, Dacheng; Zhang, Hao; Zhu, Banghua; Jordan, Michael; Gonzalez, Joseph E.; "
        "Stoica, Ion",
        2024,
        "Chatbot Arena: an open platform for evaluating LLMs by human preference",
        howpublished="arXiv:2403.04132",
        url="https://arxiv.org/abs/2403.04132",
    ),
    "hajek1971": _source(
        "incollection",
        "Hájek, Jaroslav",
        1971,
        "Comment on an essay by D. Basu",
        booktitle="Foundations of Statistical Inference",
        publisher="Holt, Rinehart and Winston",
        pages="236",
    ),
    "krippendorff2018": _source(
        "book",
        "Krippendorff, Klaus",
        2018,
        "Content analysis: An introduction to its methodology",
        publisher="SAGE",
        edition="4th",
    ),
}
"""By the key of the citation."""


def cited(sections: Iterable[Section]) -> tuple[str, ...]:
    """Return the keys that sections cite, in the order of `SOURCES`."""
    found = {
        key
        for one in sections
        for paragraph in one.paragraphs
        for sentence in paragraph
        for key in sentence.cites
    }
    return tuple(key for key in SOURCES if key in found)
