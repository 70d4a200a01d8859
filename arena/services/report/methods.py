"""The methods of a report in sentences, each of which follows from a number of the board."""

from collections.abc import Iterator, Mapping
from statistics import median

from arena.domain.assignment import AssignmentState
from arena.domain.board import NO_CATEGORY
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.reply import FlagKind
from arena.services.campaigns.quality.shares import BallotShare
from arena.services.report.facts import ReportFacts
from arena.services.report.intervals import certainty, multiplicity
from arena.services.report.limitations import limitations
from arena.services.report.prose import (
    Section,
    Sentence,
    counted,
    enumerated,
    numbered,
    percent,
    section,
)
from arena.services.report.protocol import counted_votes, protocol

FEWEST_OF_A_GROUP = 3
"""Voters of a group below which its size says too much of single people."""

_FLAGS: Mapping[FlagKind, str] = {
    FlagKind.RECOGNISED: "the annotator had recognised a model",
    FlagKind.IDENTITY_LEAK: "a reply named its model",
    FlagKind.TRUNCATED: "a reply was cut at its length limit",
    FlagKind.ANNOTATOR_EXCLUDED: "the annotator was excluded",
}


def methods(facts: ReportFacts) -> tuple[Section, ...]:
    """Return the sections on how the numbers came about."""
    return (
        section("Protocol", protocol(facts), counted_votes(facts)),
        section("Annotators", annotators(facts)),
        section("Prompts", prompts(facts)),
        section("What was left out", _exclusions(facts), _work_apart(facts)),
        section("Agreement", _agreement(facts), _self_checks(facts)),
        section("Rates, intervals and ratings", certainty(facts), multiplicity(facts)),
        section("Limitations", limitations(facts)),
        section("Software", _software(facts)),
    )


def annotators(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield who voted, and how much each."""
    each = facts.casting.votes_each
    if not each:
        yield Sentence("Nobody's vote is counted.")
    elif len(each) == 1:
        yield Sentence(f"One annotator cast all {counted(each[0], 'ballot')}.")
    else:
        yield Sentence(
            f"{counted(len(each), 'annotator')} cast a median of {median(each):g} ballots each "
            f"(range {min(each):,}–{max(each):,})."
        )
    groups = facts.casting.groups
    shown = {name: voters for name, voters in groups.items() if voters >= FEWEST_OF_A_GROUP}
    if shown:
        yield Sentence(f"Groups of annotators, with their voters: {numbered(shown)}.")
    if small := len(groups) - len(shown):
        yield Sentence(
            f"{counted(small, 'group')} of fewer than {FEWEST_OF_A_GROUP} voters "
            f"{'is' if small == 1 else 'are'} not named."
        )


def prompts(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield on which prompts votes were cast."""
    casting = facts.casting
    if facts.work is not None:
        given = counted(len(facts.work.campaign.prompts), "prompt")
        yield Sentence(f"Votes were cast on {casting.prompts:,} of {given} of the campaign.")
    else:
        yield Sentence(f"Votes were cast on {counted(casting.prompts, 'different prompt')}.")
    if set(casting.categories) <= {NO_CATEGORY}:
        yield Sentence("Prompts have no category.")
    else:
        named = {name or "none": number for name, number in casting.categories.items()}
        yield Sentence(f"Categories, with their prompts: {numbered(named)}.")
    if casting.languages:
        spoken = {"undetermined" if it == "und" else it: n for it, n in casting.languages.items()}
        yield Sentence(f"Languages by ISO 639-1 code, with their prompts: {numbered(spoken)}.")


def _exclusions(facts: ReportFacts) -> Iterator[Sentence]:
    flagged, kept = facts.board.board.flagged, facts.filter.include_flagged
    if not flagged.total:
        yield Sentence("No comparison carries a flag for which it would be left out.")
    else:
        reasons = [
            f"{why} ({flagged.by_reason[kind]:,})"
            for kind, why in _FLAGS.items()
            if flagged.by_reason.get(kind)
        ]
        done = "are counted although they are" if kept else "are left out because they are"
        yield Sentence(
            f"{counted(flagged.total, 'comparison')} {done} flagged: {'; '.join(reasons)}."
        )
    suspects = facts.board.board.suspect_votes
    if suspects.votes:
        known = "counted" if facts.board.board.counts_suspects else "left out"
        yield Sentence(
            f"{counted(suspects.votes, 'ballot')} of {counted(suspects.annotators, 'annotator')} "
            f"came from one address faster than people vote; they are {known}."
        )
    if void := sum(met.failed for met in facts.board.board.battles.values()):
        yield Sentence(f"{counted(void, 'battle')} could not be judged since a reply failed.")


def _work_apart(facts: ReportFacts) -> Iterator[Sentence]:
    """Say what else happened in a campaign: ballots without a vote, revisions, missing replies."""
    if facts.work is None:
        return
    tally = facts.work.tally
    ended = [
        f"{tally.ended[state]:,} {word}"
        for state, word in (
            (AssignmentState.SKIPPED, "skipped"),
            (AssignmentState.EXPIRED, "expired"),
        )
        if tally.ended[state]
    ]
    if ended:
        yield Sentence(f"Items given out without a vote: {enumerated(ended)}.")
    if tally.revised:
        yield Sentence(
            f"{counted(tally.revised, 'ballot')} were revised; the newest revision counts."
        )
    if missing := tally.replies[ReplyStatus.MISSING] + tally.replies[ReplyStatus.FAILED]:
        yield Sentence(f"Nobody judged {counted(missing, 'reply', 'replies')} missing or failed.")


def _agreement(facts: ReportFacts) -> Iterator[Sentence]:
    found = facts.board.agreement
    if facts.annotators <= 1 or not found.shared_items:
        alone = facts.annotators == 1
        why = "there is one annotator" if alone else "no two annotators judged the same item"
        yield Sentence(f"Agreement between annotators cannot be told: {why}.")
        return
    yield Sentence(
        f"{found.shared_items:,} of {counted(found.items, 'item')} were judged by two or more "
        "annotators."
    )
    if found.alpha is not None:
        alpha = found.alpha
        yield Sentence(
            f"Krippendorff's alpha (nominal) is {alpha.value:.2f} (95 % interval "
            f"{alpha.low:.2f} to {alpha.high:.2f}, {alpha.holds.value} and the annotators who "
            "voted).",
            ("krippendorff2018",),
        )
    else:
        yield Sentence(f"Krippendorff's alpha is not given: {found.reason}.")
    if found.raw.share is not None:
        yield Sentence(
            f"Two annotators of an item gave the same verdict in {percent(found.raw.share)} "
            "of cases."
        )


def _self_checks(facts: ReportFacts) -> Iterator[Sentence]:
    if facts.work is None:
        return
    yield from _share(
        facts.work.repeats,
        "Asked again with the sides exchanged, annotators agreed with themselves in",
        "No item was asked again with the sides exchanged.",
    )
    yield from _share(
        facts.work.checks,
        "On check items, of which one reply is known to be worse, they were right in",
        "There were no check items.",
    )


def _share(found: BallotShare, words: str, without: str) -> Iterator[Sentence]:
    if found.share is None:
        yield Sentence(without)
    else:
        yield Sentence(f"{words} {percent(found.share)} of {counted(found.ballots, 'ballot')}.")


def _software(facts: ReportFacts) -> Iterator[Sentence]:
    versions = enumerated([f"{name} {version}" for name, version in facts.software.items()])
    yield Sentence(f"This report was made on {facts.made_at.date()} (UTC) by {versions}.")
    yield Sentence("Every sentence in it follows from a number; no language model wrote it.")
