"""Campaigns: from a checked file to items and states; replies and evaluation are rooms."""
