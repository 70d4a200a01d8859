"""`make endurance`: the reliability tests with ten times as many rounds."""

import os
import subprocess
import sys

TESTS = ("tests/reliability", "tests/e2e/test_kill.py")


def main() -> int:
    """Run them and return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-v", "--timeout=3600", "--durations=0", *TESTS]
    return subprocess.call(command, env=os.environ | {"ENDURANCE": "10"})


sys.exit(main())
