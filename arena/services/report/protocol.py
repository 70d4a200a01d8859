"""How the votes of a report were collected, and which of them it counts."""

from collections.abc import Iterator

from arena.domain.board import FILTER_FIELDS, FieldKind
from arena.domain.campaign import Campaign, CampaignReveal, ProtocolKind
from arena.services.report.facts import ReportFacts
from arena.services.report.prose import Sentence, counted, enumerated
from arena.storage.reports.casting import Origin

_ELSEWHERE = ("campaign", "flagged", "without")
"""Fields of a filter of which the title, or what was left out, says more."""


def protocol(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield what annotators saw and were asked, by where the votes come from."""
    if facts.work is not None:
        yield from _protocol_of(facts.work.campaign)
        return
    origins = facts.casting.origins
    if open_play := origins.get(Origin.OPEN_PLAY):
        yield Sentence(
            f"{counted(open_play, 'ballot')} were cast in open play: annotators wrote prompts of "
            "their own and compared the replies of two anonymous models that were drawn at random "
            "and stood side by side in random order."
        )
    if campaigns := origins.get(Origin.CAMPAIGN):
        yield Sentence(f"{counted(campaigns, 'ballot')} were cast in campaigns with given prompts.")
    if imported := origins.get(Origin.IMPORT):
        yield Sentence(
            f"{counted(imported, 'ballot')} were cast elsewhere and imported; how they were "
            "collected is for their source to say."
        )


def _protocol_of(campaign: Campaign) -> Iterator[Sentence]:
    protocol, models = campaign.protocol, len(campaign.models)
    if protocol.kind is ProtocolKind.ALL_AT_ONCE:
        yield Sentence(
            f"Annotators saw the replies of all {models} models to a prompt on one page, without "
            "names and in shuffled order, and ranked them; equal ranks were allowed.",
            ("wizardlm2",),
        )
        yield Sentence(
            f"A ranking gives {counted(models * (models - 1) // 2, 'comparison')} of two models."
        )
    else:
        yield Sentence(
            "Annotators saw two replies to a prompt side by side, without names and in random "
            "order, and said which is better, that they tie, or that both are bad."
        )
        pairs = protocol.pairs_per_prompt
        which = f"A balanced sample of {counted(pairs, 'pair')}" if pairs else "Every pair"
        yield Sentence(f"{which} of the {models} models was judged on each prompt.")
    yield from _asked(campaign)


def _asked(campaign: Campaign) -> Iterator[Sentence]:
    more = campaign.overlap_on_disagreement
    further = f", and by up to {more} where those disagreed" if more else ""
    yield Sentence(f"Each item was meant for {counted(campaign.overlap, 'annotator')}{further}.")
    if campaign.protocol.strength:
        yield Sentence("A preference was stated as much or slightly better.")
    if criteria := list(campaign.protocol.criteria):
        yield Sentence(f"Each reply was scored from 1 to 5 for {enumerated(criteria)}.")
    yield Sentence(
        {
            CampaignReveal.NEVER: "Annotators never learned which models answered.",
            CampaignReveal.AT_END: "Models were named to annotators after the campaign.",
            CampaignReveal.AFTER_VOTE: "Models were named to annotators after each ballot.",
        }[campaign.reveal]
    )


def counted_votes(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield how many votes are counted, of when, and what is left aside."""
    casting, board = facts.casting, facts.board.board
    if casting.first_at and casting.last_at:
        first, last = casting.first_at.date(), casting.last_at.date()
        when = f"{first}" if first == last else f"{first} to {last}"
        zone = "UTC"
        if Origin.IMPORT in casting.origins:
            zone += "; where the source of a ballot tells no time, that of the import"
        ballots = counted(board.votes, "ballot")
        comparisons = counted(board.comparisons, "comparison")
        yield Sentence(
            f"The {ballots} counted here give {comparisons} of "
            f"{counted(len(board.models), 'model')}; they are dated {when} ({zone})."
        )
    if limits := [*_limits(facts)]:
        yield Sentence(f"Only a part of the votes is counted: {'; '.join(limits)}.")


def _limits(facts: ReportFacts) -> Iterator[str]:
    for field in FILTER_FIELDS:
        if field.name in _ELSEWHERE or not field.is_set(facts.filter):
            continue
        value = field.of(facts.filter)
        match field.kind:
            case FieldKind.CHOICE:
                yield f"{field.name} {value or 'none'}"
            case FieldKind.FIRST_DAY:
                yield f"cast on {value.date()} or later"
            case FieldKind.LAST_DAY:
                yield f"cast before {value.date()}"
            case FieldKind.NUMBER:
                yield f"of addresses that cast at most {counted(value, 'vote')}"
            case FieldKind.MODELS:
                yield f"between {counted(len(value), 'chosen model')}"
