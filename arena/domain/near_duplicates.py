"""Texts that are the same, or nearly, found in time about linear in their number.

Nearness is the Jaccard similarity of character shingles. Texts that are at least as similar as the
threshold share one of the rarest shingles of either, which an index of these alone finds: the
prefix filter of Chaudhuri, Ganti and Kaushik (2006), "A primitive operator for similarity joins".
Texts of one template share much that says little, so each is compared with so many at most, those
with the rarest common shingles first.
"""

import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import ceil

NEAR = 0.9
"""Texts of this similarity or more are near duplicates."""

_SHINGLE = 5
_MOST_SHINGLES = 2_500_000
"""Of longer texts in all, a sample of the shingles is compared, the same for every text."""

_MOST_HITS = 2000
_MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A text that repeats an earlier one; both by position, from 0."""

    position: int
    of: int
    exact: bool


def duplicates(texts: Sequence[str]) -> Iterator[Duplicate]:
    """Yield each text that repeats an earlier one that itself repeats none."""
    normalized = [_normalized(text) for text in texts]
    first: dict[str, int] = {}
    repeated = []
    for position, text in enumerate(normalized):
        of = first.setdefault(text, position)
        if of != position:
            repeated.append(Duplicate(position, of, exact=True))
    near = _near({position: text for text, position in first.items()})
    yield from sorted([*repeated, *near], key=lambda found: found.position)


def _normalized(text: str) -> str:
    """Fold case, width and white space. Punctuation stays: 3 + 4 is not 3 - 4."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _near(texts: dict[int, str]) -> Iterator[Duplicate]:
    sample = sum(map(len, texts.values())) // _MOST_SHINGLES + 1
    shingles = {position: _shingles(text, sample) for position, text in texts.items()}
    frequency = Counter(one for each in shingles.values() for one in each)
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for position, own in shingles.items():
        rarest = sorted(sorted(own), key=frequency.__getitem__)
        prefix = rarest[: len(own) - ceil(NEAR * len(own)) + 1]
        hits = chain.from_iterable(holders[one] for one in prefix)
        shared = Counter(islice(hits, _MOST_HITS))
        candidates = (other for other, _ in shared.most_common(_MOST_CANDIDATES))
        of = next((other for other in candidates if _similar(own, shingles[other])), None)
        if of is not None:
            yield Duplicate(position, of, exact=False)
            continue
        for one in prefix:
            holders[one].append(position)


def _shingles(text: str, sample: int) -> frozenset[int]:
    pieces = {text[start : start + _SHINGLE] for start in range(max(len(text) - _SHINGLE, 0) + 1)}
    hashes = (zlib.crc32(piece.encode("utf-8", "replace")) for piece in pieces)
    return frozenset(one for one in hashes if one % sample == 0)


def _similar(one: frozenset[int], other: frozenset[int]) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    if shorter < NEAR * longer:
        return False
    shared = len(one & other)
    return shared >= NEAR * (len(one) + len(other) - shared)
