"""Why an archive is not read."""


class BadArchive(Exception):
    """One sentence: what is wrong with a file that should be an archive of a campaign."""
