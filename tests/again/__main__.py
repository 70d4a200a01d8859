"""`make again`, after a `make test` that failed: see CONTRIBUTING.md.

Ends with 0 where at most `MOST` tests had failed and each passes alone now. A test that does is
unsteady: a fault of it, or of the product, to be mended by whoever reads its name.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST = 5
LAST_FAILED = Path(__file__).parents[2] / ".pytest_cache/v/cache/lastfailed"


def failed(record: Path) -> list[str]:
    """The tests that failed in the last run, by pytest's own record; empty where it has none."""
    if not record.exists():
        return []
    return sorted(json.loads(record.read_text(encoding="utf-8")))


def refusal(tests: Sequence[str]) -> str | None:
    """Why these get no second run, if they get none."""
    if not tests:
        return "No test is recorded as failed: what went wrong is above."
    if len(tests) > MOST:
        return f"{len(tests)} tests failed; more than {MOST} get no second run."
    return None


def main() -> int:
    """Run what failed once more, each test by itself; 0 if all of them pass."""
    tests = failed(LAST_FAILED)
    if why := refusal(tests):
        print(why)
        return 1
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    codes = [subprocess.run([*pytest, test], check=False).returncode for test in tests]
    for test, code in zip(tests, codes, strict=True):
        print("FAILED TWICE:" if code else "UNSTEADY, to be mended:", test)
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
