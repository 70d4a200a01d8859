"""Campaign files and prompt sets, checked before anything is stored or generated."""

from arena.campaign_files.campaign_file import KnownNames, load_campaign
from arena.campaign_files.prompt_set import texts_of

__all__ = ["KnownNames", "load_campaign", "texts_of"]
