"""What a page says of what services refuse or warn of, in the reader's language."""

from arena.services.campaigns.examining import CampaignWarning
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.people import LONGEST_NAME, PersonFault
from arena.web.common.markup import Words


def campaign_sentence(texts: Words, refused: CampaignRefused) -> str:
    """Return why a request on a campaign was refused.

    What only commands ask for has its English sentence alone.
    """
    if refused.why is None:
        return str(refused)
    figures = dict(refused.figures)
    if "state" in figures:
        figures["state"] = texts[f"campaigns.state.{figures['state']}"]
    return texts[f"campaigns.refused.{refused.why.value}"].format_map(figures)


def warning_sentence(texts: Words, warning: CampaignWarning) -> str:
    """Return what may be wrong with a campaign file without faults."""
    return texts[f"campaigns.warning.{warning.kind.value}"].format_map(warning.figures)


def person_sentence(texts: Words, fault: PersonFault) -> str:
    """Return what is wrong with an annotator who was named."""
    return texts[f"people.refused.{fault.kind.value}"].format(name=fault.name, most=LONGEST_NAME)
