"""A model's files from the Hugging Face hub, before anything is loaded. Imports no torch."""

from arena.engine.hub.access import HubAccess, hub_access
from arena.engine.hub.faults import DownloadFailed
from arena.engine.hub.snapshots import DownloadSize, LocalCopy, download_size, obtain

__all__ = [
    "DownloadFailed",
    "DownloadSize",
    "HubAccess",
    "LocalCopy",
    "download_size",
    "hub_access",
    "obtain",
]
