"""Queries on campaigns, a file for each aggregate."""

from arena.storage.campaigns.names import campaign_names, ensure_campaign

__all__ = ["campaign_names", "ensure_campaign"]
