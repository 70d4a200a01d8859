"""On which kinds of database a test runs, where that is not what its folder says."""

import pytest

ON_BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
"""For what only a file can be or suffer: pragmas, a log beside it, a copy, a damaged page."""
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
