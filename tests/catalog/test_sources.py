"""Where the weights of a row are: the hub, a folder, a file, or an installed package."""

from pathlib import Path

import pytest

from tests.catalog.catalog_files import fault_of, loaded

ROW = "models:\n  x: {{name: X, backend: local, source: '{}'}}\n"


def fault_of_source(folder: Path, source: str) -> str:
    fault = fault_of(folder, ROW.format(source))
    assert fault.key == "models.x.source"
    return fault.message


def resolved(folder: Path, source: str) -> str:
    return loaded(folder, ROW.format(source)).get("x").resolved_source()


def test_a_gguf_file_lies_beside_the_catalog(tmp_path: Path) -> None:
    assert resolved(tmp_path, "./models/x.Q4_1.gguf") == str(tmp_path / "models" / "x.Q4_1.gguf")


def test_a_file_of_a_package_is_found_without_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "packages" / "weights_of_a_test"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    found = resolved(tmp_path, "package:weights_of_a_test/x.gguf")
    assert found == str(package / "x.gguf")


def test_a_package_that_is_not_installed_is_a_place_without_a_file(tmp_path: Path) -> None:
    found = Path(resolved(tmp_path, "package:no_such_package_here/x.gguf"))
    assert found.is_absolute()
    assert found.parts[-2:] == ("no_such_package_here", "x.gguf")
    assert not found.exists()


@pytest.mark.parametrize("name", ["x.gguf", "Qwen/Qwen3-0.6B-GGUF/x.GGUF"])
def test_a_gguf_file_of_the_hub_is_to_be_downloaded_first(tmp_path: Path, name: str) -> None:
    fault = fault_of_source(tmp_path, name)
    assert "download it and write its path, such as ./x." in fault


@pytest.mark.parametrize("name", ["package:", "package:one", "package:one/../x", "package:a.b/x"])
def test_a_misspelled_package_is_a_fault(tmp_path: Path, name: str) -> None:
    assert "write package:PACKAGE/FILE" in fault_of_source(tmp_path, name)
