"""The replies of a campaign: planned, generated or imported, reused and listed."""
