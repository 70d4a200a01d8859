"""What a campaign's commands refuse, in one sentence that says what to change."""


class CampaignRefused(Exception):
    """The request cannot be carried out as it stands."""
