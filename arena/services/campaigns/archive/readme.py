"""The README of an archive: what was asked of whom, what counts, and how to check it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.board import EXCLUDING_FLAGS
from arena.domain.campaign import Campaign, ProtocolKind
from arena.domain.campaign_replies import ReplyStatus
from arena.services.campaigns.archive.files import (
    ADDRESS_HOURS,
    ANNOTATORS,
    BALLOTS,
    BOARD,
    BOARD_TABLE,
    CAMPAIGN,
    CHECKSUMS,
    COMPARISONS,
    ITEMS,
    MODELS,
    PROMPTS,
    REPLIES,
    VERSIONS,
    figure_file,
)
from arena.services.campaigns.archive.tallies import Tally

_FILES = {
    CAMPAIGN: "name, state, every version of the campaign file, and what happened when",
    PROMPTS: "prompts and check items with their two replies",
    MODELS: "the configurations that answered, with their fingerprints",
    REPLIES: "every place for a reply with what stands there: text, tokens, times, prompt as sent",
    ANNOTATORS: "pseudonyms, groups, times, answers to the campaign's questions",
    ADDRESS_HOURS: "hours in which one address cast more votes than people can; usually empty",
    ITEMS: "what was to be judged: prompts with positions of models",
    BALLOTS: "what each annotator was shown in which order, and the vote with its revisions",
    COMPARISONS: "the pairwise outcomes that count, recounted from the ballots by `verify`",
    BOARD: "rates, intervals, ratings, agreement, as `arena leaderboard --json` prints them",
    BOARD_TABLE: "the models of the leaderboard as a table",
    "figures/N.svg": "the Nth model of the campaign file against each opponent",
    "figures/N.csv": "the numbers of that figure, and the sentences under it",
    VERSIONS: "what wrote this archive: format, software, schema; the head of its chain of votes",
    CHECKSUMS: "the SHA-256 of every other file; `sha256sum -c SHA256SUMS` checks them",
}


def readme(
    campaign: Campaign, tally: Tally, board: Mapping[str, Any], *, exported_at: datetime
) -> Iterator[bytes]:
    """Yield the README in parts; `board` is the document of the leaderboard."""
    parts = (
        _head(campaign, tally, exported_at),
        _section("Protocol", protocol_lines(campaign)),
        _section("Models", _models(campaign)),
        _section("What was collected", _collected(campaign, tally)),
        _section("What does not count", excluded_lines(tally, board)),
        _section("Intervals", _intervals(board)),
        _section("Files", [f"`{name}`: {what}" for name, what in _FILES.items()]),
        _section("Checking it", _checking(campaign)),
    )
    for part in parts:
        yield part.encode()


def _head(campaign: Campaign, tally: Tally, exported_at: datetime) -> str:
    when = f"{_day(tally.first_at)} to {_day(tally.last_at)}" if tally.first_at else "none yet"
    return (
        f"# {campaign.name}\n\n"
        "A blind evaluation of language models by people, archived by Arena.\n\n"
        f"- Votes cast: {when} (UTC)\n- Archived: {_day(exported_at)}\n"
    )


def _section(title: str, lines: Iterable[str]) -> str:
    return f"\n## {title}\n\n" + "".join(f"- {line}\n" for line in lines)


def protocol_lines(campaign: Campaign) -> Iterator[str]:
    """Yield what annotators saw and were asked, a line each."""
    protocol = campaign.protocol
    if protocol.kind is ProtocolKind.PAIRWISE:
        pairs = protocol.pairs_per_prompt
        which = f"{pairs} pairs of each prompt, a balanced sample" if pairs else "every pair"
        yield f"`pairwise`: two replies and a verdict; {which}"
    else:
        yield "`all_at_once`: the replies of all models on one page, ranked, ties allowed"
    yield f"Each item is judged by {campaign.overlap} annotators; replies are in shuffled order"
    yield "Strength of preference: " + ("asked" if protocol.strength else "not asked")
    if protocol.criteria:
        yield f"Scores from 1 to 5 of each reply: {', '.join(protocol.criteria)}"
    yield f"Asked again with the sides exchanged: {campaign.repeats:.1%} of ballots"
    yield f"Models are revealed to annotators: `{campaign.reveal.value}`"


def _models(campaign: Campaign) -> Iterator[str]:
    for position, model in enumerate(campaign.models):
        made = "replies made elsewhere" if model.imported else "replies generated here"
        yield f"{model.name} (`{model.key}`), {made}; figure: `{figure_file(position, 'svg')}`"


def _collected(campaign: Campaign, tally: Tally) -> Iterator[str]:
    yield (
        f"{len(tally.voters)} annotators voted on {len(tally.judged_prompts)} of "
        f"{len(campaign.prompts)} prompts"
    )
    yield f"Ballots that count unless they are flagged: {tally.votes[BattlePurpose.JUDGED]}"
    kinds = (f"{number} {kind.value}" for kind, number in sorted(tally.replies.items()))
    yield f"Replies: {', '.join(kinds)}"
    yield f"Ballots that were revised, of which the newest revision counts: {tally.revised}"


def excluded_lines(tally: Tally, board: Mapping[str, Any]) -> Iterator[str]:
    """Yield what does not count and why, a line each; `board` is the document."""
    repeats, checks = (tally.votes[one] for one in (BattlePurpose.REPEAT, BattlePurpose.CHECK))
    yield f"Repeats, which tell whether annotators agree with themselves: {repeats}"
    yield f"Votes on check items, which tell whether annotators read: {checks}"
    for state in (AssignmentState.SKIPPED, AssignmentState.EXPIRED, AssignmentState.RESERVED):
        yield f"Items {state.value}, without a vote: {tally.ended[state]}"
    for kind in EXCLUDING_FLAGS:
        yield f"Comparisons flagged `{kind.value}`: {board['excluded'][kind.value]}"
    for kind, number in sorted(tally.flagged.items()):
        yield f"Votes with the flag `{kind.value}`, whatever their purpose: {number}"
    missing = tally.replies[ReplyStatus.MISSING] + tally.replies[ReplyStatus.FAILED]
    yield f"Replies missing or failed, which nobody judged: {missing}"
    if votes := board["one_address"]["votes"]:
        yield f"Cast from one address faster than people vote, and nevertheless counted: {votes}"


def _intervals(board: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Rates are wins / (wins + losses), without ties, with 95 % intervals that allow for one "
        "annotator casting many votes and one prompt being judged by many"
    )
    yield "Ratings are a Bradley-Terry model on the Elo scale, with intervals clustered likewise"
    methods = sorted({row["interval"] for row in board["pairs"] if row["interval"]})
    yield f"Methods in this board: {', '.join(methods) or 'none, for lack of votes'}"
    holds = sorted({row["holds"] for row in board["pairs"] if row["holds"]})
    yield f"They hold {', others '.join(holds) or 'for nothing yet'}"


def _checking(campaign: Campaign) -> Iterator[str]:
    yield "`arena campaign verify FILE` checks every checksum, recounts the ballots, recomputes \
leaderboard and figures, and compares them to the last digit"
    yield "`arena import campaign FILE` reads it into a database, where `arena leaderboard \
--campaign` shows the same board"
    yield "Annotators appear under pseudonyms that only the exporting arena can trace; names, \
ids of crowd platforms, addresses and links are left out. Comments and answers are as they were \
written. Fingerprints of the campaign file are those of the file with pseudonyms"
    if campaign.crowd:
        yield "The completion code and the return address of the crowd are left out"


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
