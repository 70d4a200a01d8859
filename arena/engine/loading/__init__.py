"""From a catalog row to a model in memory."""
