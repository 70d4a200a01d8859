"""What the container is made of: its default must not mean the CPU on a machine with a GPU."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]


def service(file: str) -> dict[str, Any]:
    document = YAML(typ="safe").load((ROOT / file).read_text(encoding="utf-8"))
    arena: dict[str, Any] = document["services"]["arena"]
    return arena


def test_the_image_has_a_pytorch_for_gpus_unless_somebody_asks_for_another() -> None:
    assert service("compose.yaml")["build"]["args"]["TORCH_INDEX"] == "${TORCH_INDEX:-}"
    assert "\nARG TORCH_INDEX=\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_second_file_gives_the_container_its_gpus() -> None:
    (device,) = service("compose.gpu.yaml")["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
    guide = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert "docker compose -f compose.yaml -f compose.gpu.yaml up" in guide
