"""A model's files come from the hub whole, once, and in pieces where the network is bad."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import ModelRow
from arena.checkpoints.hub_cache import hub_copy, repository_folder
from arena.engine.hub import DownloadFailed, HubAccess, LocalCopy, download_size, obtain
from arena.engine.hub.snapshots import SPARE_BYTES
from tests.fakes.catalogs import hub_row
from tests.fakes.hub import COMMIT, FakeHub, Repository, serving_hub, unheard

MIB = 2**20
WEIGHTS = bytes(range(256)) * 4096 * 5
SMALL = {
    "config.json": b'{"model_type": "llama"}',
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b"{}",
    "README.md": b"# A model",
    ".gitattributes": b"",
}
USELESS = {
    "pytorch_model.bin": b"the same weights",
    "model.onnx": b"again",
    "model-Q4.gguf": b"and again",
    "flax_model.msgpack": b"and again",
    "tf_model.h5": b"and again",
    "consolidated.safetensors": b"and again",
    "original/consolidated.00.pth": b"and again",
    "onnx/config.json": b"{}",
    "modeling.py": b"print('not asked for')",
}
NEEDED = {"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with serving_hub() as served:
        served.repositories["org/model"] = Repository({**SMALL, "model.safetensors": WEIGHTS})
        yield served


def access(hub: FakeHub, folder: Path, **fields: Any) -> HubAccess:
    return HubAccess(endpoint=hub.endpoint, cache=folder / "cache", **fields)


def row(**fields: Any) -> ModelRow:
    return hub_row("org/model").model_copy(update=fields)


def obtained(hub: HubAccess, *, said: list[str] | None = None, **fields: Any) -> LocalCopy:
    heard: list[str] = [] if said is None else said
    return obtain(row(**fields), on_progress=heard.append, hub=hub)


def names(copy: LocalCopy) -> set[str]:
    folder = Path(copy.row.resolved_source())
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def weights_of(copy: LocalCopy) -> bytes:
    return (Path(copy.row.resolved_source()) / "model.safetensors").read_bytes()


def parts(folder: Path) -> list[Path]:
    return list((folder / "cache").rglob("*.incomplete"))


def test_only_the_files_that_run_the_model_are_downloaded(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].files |= USELESS
    copy = obtained(access(hub, tmp_path))
    assert names(copy) == NEEDED
    assert weights_of(copy) == WEIGHTS
    assert copy.commit == COMMIT
    assert copy.row.key == "tiny"


def test_a_row_of_this_machine_is_left_alone(hub: FakeHub, tmp_path: Path) -> None:
    local = row(source=str(tmp_path))
    copy = obtain(local, on_progress=unheard, hub=access(hub, tmp_path))
    assert copy == LocalCopy(local, None)
    assert hub.asked == []


def test_python_code_comes_only_with_rows_that_trust_it(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].files |= {"modeling.py": b"", "parts/rope.py": b"x = 1"}
    copy = obtained(access(hub, tmp_path), trust_remote_code=True, revision=COMMIT)
    assert names(copy) == NEEDED | {"modeling.py", "parts/rope.py"}


def test_pytorch_weights_come_where_there_are_no_safetensors(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].files = {**SMALL, "pytorch_model.bin": WEIGHTS}
    assert "pytorch_model.bin" in names(obtained(access(hub, tmp_path)))


def test_shards_are_those_that_the_index_names(hub: FakeHub, tmp_path: Path) -> None:
    index = (
        b'{"weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}}'
    )
    shards = {"one.safetensors": b"1" * MIB, "two.safetensors": b"2", "old.safetensors": b"3"}
    sharded = {**SMALL, **shards, "model.safetensors.index.json": index}
    hub.repositories["org/model"].files = sharded
    copy = obtained(access(hub, tmp_path))
    assert names(copy) >= {"one.safetensors", "two.safetensors", "model.safetensors.index.json"}
    assert "old.safetensors" not in names(copy)
    del hub.repositories["org/model"].files["two.safetensors"]
    with pytest.raises(DownloadFailed, match=r"lacks two\.safetensors"):
        obtained(access(hub, tmp_path / "another"))


def test_the_tokenizer_alone_is_fetched_where_no_weights_are_wanted(
    hub: FakeHub, tmp_path: Path
) -> None:
    copy = obtain(row(), on_progress=unheard, hub=access(hub, tmp_path), weights=False)
    assert names(copy) == NEEDED - {"model.safetensors"}


def test_what_is_here_is_not_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    obtained(access(hub, tmp_path))
    hub.asked.clear()
    said: list[str] = []
    obtained(access(hub, tmp_path), said=said)
    assert [one.path for one in hub.asked] == ["/api/models/org/model"]
    assert said == ["asking the hub"]


def test_a_branch_that_moves_brings_the_new_commit(hub: FakeHub, tmp_path: Path) -> None:
    obtained(access(hub, tmp_path))
    newer = "d" * 40
    hub.repositories["org/model"] = Repository(
        {**SMALL, "model.safetensors": b"newer"}, commit=newer
    )
    copy = obtained(access(hub, tmp_path))
    assert (copy.commit, weights_of(copy)) == (newer, b"newer")
    assert hub_copy(row(), tmp_path / "cache").commit == newer


def test_progress_is_told_in_bytes_up_to_the_end(hub: FakeHub, tmp_path: Path) -> None:
    said: list[str] = []
    obtained(access(hub, tmp_path), said=said)
    assert said[0] == "asking the hub"
    assert said[1].startswith("downloading 0.0 of 5.0 MiB (0 %), ")
    assert said[-1] == "downloading 5.0 of 5.0 MiB (100 %), checking"


@pytest.mark.parametrize("ranges", [True, False])
def test_a_cut_connection_is_taken_up_where_it_broke(
    hub: FakeHub, tmp_path: Path, ranges: bool
) -> None:
    hub.cuts, hub.cut_after, hub.ranges = 1, 3 * MIB + 5, ranges
    assert weights_of(obtained(access(hub, tmp_path))) == WEIGHTS
    first, second = hub.gets("model.safetensors")
    assert (first.range, second.range) == (None, f"bytes={3 * MIB}-")
    assert parts(tmp_path) == []


def test_a_download_that_was_broken_off_goes_on_in_the_next_process(
    hub: FakeHub, tmp_path: Path
) -> None:
    obtain(row(), on_progress=unheard, hub=access(hub, tmp_path), weights=False)
    blobs = repository_folder(tmp_path / "cache", "org/model") / "blobs"
    blob = blobs / hashlib.sha256(WEIGHTS).hexdigest()
    blob.with_name(f"{blob.name}.arena.incomplete").write_bytes(WEIGHTS[: 2 * MIB])
    assert not hub_copy(row(), tmp_path / "cache").complete
    assert download_size(row(), access(hub, tmp_path)).missing_bytes == 3 * MIB
    assert weights_of(obtained(access(hub, tmp_path))) == WEIGHTS
    assert [one.range for one in hub.gets("model.safetensors")] == [f"bytes={2 * MIB}-"]
    assert parts(tmp_path) == []


def test_engines_that_want_the_same_model_at_once_share_one_download(
    hub: FakeHub, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as engines:
        copies = list(engines.map(lambda _: obtained(access(hub, tmp_path)), range(4)))
    assert [weights_of(copy) for copy in copies] == [WEIGHTS] * 4
    assert len(hub.gets("model.safetensors")) == 1


def test_a_file_that_arrives_damaged_is_refused_and_fetched_anew(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.damaged = True
    with pytest.raises(DownloadFailed, match=r"model\.safetensors arrived damaged") as caught:
        obtained(access(hub, tmp_path))
    assert not caught.value.permanent
    assert parts(tmp_path) == []
    hub.damaged = False
    assert weights_of(obtained(access(hub, tmp_path))) == WEIGHTS


def test_one_failing_file_ends_the_others(hub: FakeHub, tmp_path: Path) -> None:
    """The slow file is waited for by nobody: its next piece ends it."""
    index = b'{"weight_map": {"a": "slow.safetensors", "b": "lost.safetensors"}}'
    hub.repositories["org/model"].files = {
        **SMALL,
        "model.safetensors.index.json": index,
        "slow.safetensors": WEIGHTS,
        "lost.safetensors": b"here when it is listed",
    }
    hub.gone, hub.pause = "lost.safetensors", threading.Event()
    with ThreadPoolExecutor(1) as engine:
        failing = engine.submit(obtained, access(hub, tmp_path))
        hub.met_gone.wait()
        hub.pause.set()
        with pytest.raises(DownloadFailed, match="is gone from the hub"):
            failing.result()


def test_a_disk_that_is_too_small_is_told_before_the_weights_are_fetched(
    hub: FakeHub, tmp_path: Path
) -> None:
    with pytest.raises(DownloadFailed) as caught:
        obtain(
            row(),
            on_progress=unheard,
            hub=access(hub, tmp_path),
            free=lambda _: SPARE_BYTES + 2 * MIB,
        )
    text = str(caught.value)
    assert f"org/model needs 5.0 MiB in {tmp_path / 'cache'} and 1.0 GiB to spare" in text
    assert "but only 1.0 GiB is free: free 3.0 MiB more, or set HF_HOME" in text
    assert caught.value.permanent
    assert hub.gets("model.safetensors") == []


def test_a_token_goes_to_the_hub_and_not_to_its_storage(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].readers = hub.accounts = frozenset({"hf_secret"})
    hub.elsewhere = True
    copy = obtained(access(hub, tmp_path, token="hf_secret"))
    assert weights_of(copy) == WEIGHTS
    told = {one.path.split("/")[1]: one.authorization for one in hub.asked}
    assert told == {"api": "Bearer hf_secret", "org": "Bearer hf_secret", "storage": None}


def test_what_a_model_needs_is_known_without_downloading_it(hub: FakeHub, tmp_path: Path) -> None:
    needed = download_size(row(), access(hub, tmp_path))
    assert (needed.commit, needed.missing_bytes, needed.total_bytes) == (
        COMMIT,
        needed.total_bytes,
        needed.total_bytes,
    )
    assert needed.total_bytes == len(WEIGHTS) + sum(
        len(SMALL[name]) for name in SMALL if "json" in name
    )
    assert hub.gets("model.safetensors") == []
    obtained(access(hub, tmp_path))
    assert download_size(row(), access(hub, tmp_path)).missing_bytes == 0
