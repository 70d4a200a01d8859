"""Prints what a pyproject.toml needs, one requirement a line: `requirements.py FILE [EXTRA …]`."""

import sys
import tomllib
from pathlib import Path


def main(file: str, *extras: str) -> None:
    """Print the requirements of the project in `file`, and of its extras."""
    project = tomllib.loads(Path(file).read_text(encoding="utf-8"))["project"]
    needed = list(project["dependencies"])
    for extra in extras:
        needed += project["optional-dependencies"][extra]
    sys.stdout.write("".join(f"{one}\n" for one in needed))


if __name__ == "__main__":
    main(*sys.argv[1:])
