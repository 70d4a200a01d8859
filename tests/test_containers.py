"""What the images and services are made of, as far as that can be told without running them."""

import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from arena.settings import PREFIX, Settings
from tests.test_ignored_files import is_left_out

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"
UNIT = ROOT / "deploy" / "systemd" / "arena.service"
ENDING_S = Settings().shutdown_seconds + 8 + 5
"""Answers, what stores them, and open connections."""


@dataclass
class Stage:
    """A stage of the Dockerfile: what it begins with, and its instructions."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def arguments(self, instruction: str) -> list[str]:
        return [text for name, text in self.steps if name == instruction]


def stages() -> dict[str, Stage]:
    """Read the Dockerfile: lines that end in a backslash go on, comments say nothing."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text(encoding="utf-8"))
    found: dict[str, Stage] = {}
    here: Stage | None = None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(" ")
        if name == "FROM":
            base, _, called = rest.partition(" AS ")
            here = found[called] = Stage(called, base)
        elif here is not None:
            here.steps.append((name, rest))
    return found


def copies(stage: Stage) -> list[list[str]]:
    """What a stage copies out of the repository, without where to."""
    lines = [shlex.split(text) for text in stage.arguments("COPY")]
    return [parts[:-1] for parts in lines if not parts[0].startswith("--from=")]


def compose(file: str = "compose.yaml") -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load((ROOT / file).read_text(encoding="utf-8"))
    return document


class TestImage:
    def test_there_is_one_for_gpus_and_one_for_cpus_and_that_for_gpus_is_the_default(self) -> None:
        assert list(stages())[-2:] == ["cpu", "cuda"]
        assert "ARG TORCH_INDEX=" in DOCKERFILE.read_text(encoding="utf-8").splitlines()

    def test_every_stage_begins_with_one_before_it(self) -> None:
        known = {"${PYTHON}"}
        for stage in stages().values():
            assert stage.base in known
            for text in stage.arguments("COPY"):
                came = re.match(r"--from=(\S+)", text)
                assert came is None or came[1] in known, text
            known.add(stage.name)

    def test_packages_are_installed_before_the_source_is_there(self) -> None:
        found = stages()
        (known,) = copies(found["requirements"])
        assert known == ["pyproject.toml", "constraints.txt", "scripts/requirements.py"]
        for name in ("packages-cpu", "packages-cuda"):
            assert copies(found[name]) == []
            assert found[name].base == "requirements"

    def test_only_named_files_get_in_and_none_that_may_hold_a_secret(self) -> None:
        for stage in stages().values():
            for file in [file for files in copies(stage) for file in files]:
                assert (ROOT / file).exists(), file
                assert file != "."
                assert not is_left_out(file)
                assert not file.startswith("db")

    def test_it_runs_as_nobody_of_the_host_and_says_whether_it_is_well(self) -> None:
        found = stages()
        for name in ("cpu", "cuda"):
            assert found[name].base == "base"
            assert found[name].steps[-1] == ("USER", "10001")
        (health,) = found["base"].arguments("HEALTHCHECK")
        assert "/healthz" in health
        assert found["base"].arguments("VOLUME") == ["/arena/db"]

    def test_its_variables_are_settings(self) -> None:
        named = set(re.findall(r"ARENA_[A-Z_]+(?==)", DOCKERFILE.read_text(encoding="utf-8")))
        assert named <= {PREFIX + name.upper() for name in Settings.model_fields}

    def test_what_it_installs_is_what_the_project_needs(self) -> None:
        command = [sys.executable, "scripts/requirements.py", "pyproject.toml", "gguf"]
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        lines = printed.stdout.splitlines()
        assert "torch==2.13.0" in lines
        assert [line for line in lines if line.startswith("gguf")] != []

    def test_hadolint_finds_nothing(self) -> None:
        program = Path(sys.executable).with_name("hadolint")
        unpinned = ("--ignore", "DL3008")  # Debian's font, which has no version to depend on
        command = [str(program), *unpinned, str(DOCKERFILE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestServices:
    def test_the_arena_alone_is_started_unless_a_profile_is_asked_for(self) -> None:
        profiles = {name: one.get("profiles") for name, one in compose()["services"].items()}
        assert profiles == {
            "arena": None,
            "nginx": ["nginx"],
            "vllm": ["vllm"],
            "postgres": ["postgres"],
        }

    def test_settings_are_known_and_paths_are_there(self) -> None:
        arena = compose()["services"]["arena"]
        known = {PREFIX + name.upper() for name in Settings.model_fields}
        assert set(arena["environment"]) <= known
        assert arena["build"]["target"] == "${TARGET:-cuda}"
        for service in compose()["services"].values():
            for volume in service.get("volumes", ()):
                source = volume.split(":")[0]
                named = source in compose()["volumes"]
                assert named or (ROOT / source).is_file(), volume

    def test_the_arena_has_time_to_end(self) -> None:
        grace = compose()["services"]["arena"]["stop_grace_period"]
        assert int(grace.removesuffix("s")) > ENDING_S

    def test_it_may_write_its_votes_and_nothing_else(self) -> None:
        arena = compose()["services"]["arena"]
        assert arena["read_only"]
        assert arena["cap_drop"] == ["ALL"]
        assert "votes:/arena/db" in arena["volumes"]

    @pytest.mark.parametrize(
        ("file", "service"), [("compose.yaml", "vllm"), ("compose.gpu.yaml", "arena")]
    )
    def test_gpus_are_given_where_they_are_needed(self, file: str, service: str) -> None:
        deploy = compose(file)["services"][service]["deploy"]
        (device,) = deploy["resources"]["reservations"]["devices"]
        assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])

    def test_the_guide_says_how_to_start_them(self) -> None:
        guide = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
        assert "docker compose -f compose.yaml -f compose.gpu.yaml up" in guide
        for profile in ("nginx", "vllm", "postgres"):
            assert f"--profile {profile}" in guide


class TestUnit:
    def test_the_arena_has_time_to_end_and_its_settings_are_known(self) -> None:
        unit = UNIT.read_text(encoding="utf-8")
        stop = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
        assert stop is not None
        assert int(stop[1]) > ENDING_S
        named = set(re.findall(r"^Environment=(ARENA_\w+)=", unit, re.MULTILINE))
        assert named
        assert named <= {PREFIX + name.upper() for name in Settings.model_fields}

    def test_it_can_be_read(self) -> None:
        parser = ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        parser.read_string(UNIT.read_text(encoding="utf-8"))
        assert parser.sections() == ["Unit", "Service", "Install"]

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is missing")
    def test_systemd_finds_nothing_wrong(self, tmp_path: Path) -> None:
        unit = UNIT.read_text(encoding="utf-8").replace("/usr/local/bin/arena", "/bin/true")
        file = tmp_path / "arena.service"
        file.write_text(unit, encoding="utf-8")
        command = ["systemd-analyze", "verify", "--man=no", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = [line for line in done.stderr.splitlines() if "arena.service" in line]
        assert said == []
