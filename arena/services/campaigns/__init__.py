"""Campaigns: from a checked file to items, assignments and ballots."""
