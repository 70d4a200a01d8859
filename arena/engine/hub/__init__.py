"""A model's files from the Hugging Face hub, before anything is loaded. Imports no torch."""

from arena.engine.hub.access import HubAccess, hub_access
from arena.engine.hub.faults import DownloadFailed
from arena.engine.hub.snapshots import LocalCopy, Need, need, obtain

__all__ = [
    "DownloadFailed",
    "HubAccess",
    "LocalCopy",
    "Need",
    "hub_access",
    "need",
    "obtain",
]
