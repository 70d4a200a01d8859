"""An engine process without the command line, whose other commands need packages that are not here.

`python -m tests.gpu.engine FILE KEY [CACHE_BYTES]` serves as `arena engine` does.
"""

import logging
import os
import sys
from pathlib import Path

from arena.catalog import load_catalog
from arena.engine.process import EngineOptions, run_engine


def main(file: str, key: str, cache_bytes: str | None = None) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    options = EngineOptions(
        row=load_catalog(Path(file)).get(key),
        threads=os.cpu_count() or 1,
        cache_bytes=int(cache_bytes) if cache_bytes else None,
    )
    run_engine(options)


if __name__ == "__main__":
    main(*sys.argv[1:])
