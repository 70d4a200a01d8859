"""Whatever keeps a model from being downloaded is told with what to do about it, and no secret."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.engine.hub import DownloadFailed, HubAccess, LocalCopy, download_size, obtain
from arena.engine.hub.faults import explained
from tests.fakes.catalogs import hub_row
from tests.fakes.hub import COMMIT, FakeHub, Repository, serving_hub, unheard

TOKEN = "hf_very_secret"
STRANGER = "hf_of_nobody"
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b"weights"}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with serving_hub() as served:
        served.accounts = frozenset({TOKEN})
        served.repositories["org/model"] = Repository(FILES)
        yield served


def access(hub: FakeHub, folder: Path, **fields: Any) -> HubAccess:
    return HubAccess(**{"endpoint": hub.endpoint, "cache": folder / "cache", **fields})


def tried(hub: HubAccess, source: str = "org/model", revision: str | None = None) -> LocalCopy:
    row = hub_row(source).model_copy(update={"revision": revision})
    return obtain(row, on_progress=unheard, hub=hub)


def failure(
    hub: HubAccess, source: str = "org/model", revision: str | None = None
) -> DownloadFailed:
    with pytest.raises(DownloadFailed) as caught:
        tried(hub, source, revision)
    assert TOKEN not in str(caught.value)
    assert STRANGER not in str(caught.value)
    return caught.value


def test_a_gated_model_without_a_token(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].readers = frozenset()
    failed = failure(access(hub, tmp_path))
    assert str(failed) == (
        f"org/model is gated: accept its licence at {hub.endpoint}/org/model, make a token at "
        f"{hub.endpoint}/settings/tokens, set HF_TOKEN and start again"
    )
    assert failed.permanent


def test_a_private_or_missing_model_without_a_token(hub: FakeHub, tmp_path: Path) -> None:
    failed = failure(access(hub, tmp_path), "org/nothing")
    assert "org/nothing is gated or private, or does not exist: accept" in str(failed)
    assert "set HF_TOKEN and start again" in str(failed)
    assert failed.permanent


def test_a_licence_that_the_tokens_account_has_not_accepted(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].readers = frozenset()
    hub.says = f"{TOKEN}: let it read gated repositories."
    failed = failure(access(hub, tmp_path, token=TOKEN))
    assert "the token's account has no access to org/model" in str(failed)
    assert f"accept its licence at {hub.endpoint}/org/model" in str(failed)
    assert str(failed).endswith("The hub says: [HF_TOKEN]: let it read gated repositories")
    assert failed.permanent


def test_a_token_that_the_hub_does_not_know(hub: FakeHub, tmp_path: Path) -> None:
    failed = failure(access(hub, tmp_path, token=STRANGER))
    assert "the hub refuses the token, which is mistyped, expired or revoked" in str(failed)
    assert failed.permanent


def test_a_model_that_is_not_there_for_a_token(hub: FakeHub, tmp_path: Path) -> None:
    failed = failure(access(hub, tmp_path, token=TOKEN), "org/nothing")
    assert f"there is no model org/nothing at {hub.endpoint}" in str(failed)
    assert "check `source`" in str(failed)
    assert failed.permanent


def test_a_revision_that_is_not_there(hub: FakeHub, tmp_path: Path) -> None:
    failed = failure(access(hub, tmp_path), revision="v9")
    assert "org/model has no revision v9" in str(failed)
    assert f"{hub.endpoint}/org/model/commits" in str(failed)
    assert failed.permanent


def test_a_name_that_no_hub_model_has(hub: FakeHub, tmp_path: Path) -> None:
    failed = failure(access(hub, tmp_path), "a/b/c")
    assert "a/b/c is not the name of a hub model: write `source: owner/name`" in str(failed)
    assert failed.permanent
    assert hub.asked == []


@pytest.mark.parametrize(
    ("extra", "hint"),
    [
        ({}, "check `source` and `revision`"),
        ({"model-q4.gguf": b""}, "are for llama.cpp or Ollama"),
        ({"adapter_model.safetensors": b""}, "merge it into its base model first"),
    ],
)
def test_a_repository_without_weights(
    hub: FakeHub, tmp_path: Path, extra: dict[str, bytes], hint: str
) -> None:
    hub.repositories["org/model"].files = {"config.json": b"{}", **extra}
    failed = failure(access(hub, tmp_path))
    assert "org/model holds no weights that transformers reads (model.safetensors" in str(failed)
    assert hint in str(failed)
    assert failed.permanent


@pytest.mark.parametrize(("status", "why"), [(500, "a fault of its own"), (429, "fewer requests")])
def test_a_hub_in_trouble_is_asked_again_soon(
    hub: FakeHub, tmp_path: Path, status: int, why: str
) -> None:
    hub.fault = status
    failed = failure(access(hub, tmp_path))
    assert why in str(failed)
    assert f"(status {status})" in str(failed)
    assert not failed.permanent


def test_a_page_in_place_of_the_hub(hub: FakeHub, tmp_path: Path) -> None:
    """A hotel's login page, or HF_ENDPOINT with another server behind it."""
    hub.html = True
    failed = failure(access(hub, tmp_path))
    assert f"{hub.endpoint} does not answer as a model hub does" in str(failed)
    assert "check HF_ENDPOINT" in str(failed)


def test_a_hub_that_cannot_be_reached(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        failed = failure(HubAccess(endpoint=endpoint, cache=tmp_path / "cache"))
    assert f"{endpoint} cannot be reached" in str(failed)
    for remedy in ("HTTPS_PROXY", "HF_ENDPOINT", "HF_HUB_OFFLINE=1", str(tmp_path / "cache")):
        assert remedy in str(failed)
    assert not failed.permanent


@pytest.mark.parametrize(
    ("number", "text"),
    [(errno.ENOSPC, "is full"), (errno.EACCES, "cannot be used"), (errno.EROFS, "cannot be used")],
)
def test_a_disk_that_refuses(hub: FakeHub, tmp_path: Path, number: int, text: str) -> None:
    failed = explained(OSError(number, "why"), "org/model", None, access(hub, tmp_path))
    assert text in str(failed)
    assert "HF_HOME" in str(failed)
    assert failed.permanent


def test_a_cache_that_is_a_file(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    assert "cannot be used" in str(failure(access(hub, tmp_path)))


def test_offline_no_question_is_asked_and_the_remedy_is_named(hub: FakeHub, tmp_path: Path) -> None:
    offline = access(hub, tmp_path, offline=True)
    failed = failure(offline)
    assert f"org/model (revision main) is not in {tmp_path / 'cache'}" in str(failed)
    assert "unset HF_HUB_OFFLINE" in str(failed)
    assert "arena check --download" in str(failed)
    assert failed.permanent
    assert hub.asked == []


def test_offline_a_whole_copy_serves_and_a_part_of_one_does_not(
    hub: FakeHub, tmp_path: Path
) -> None:
    online, offline = access(hub, tmp_path), access(hub, tmp_path, offline=True)
    obtain(hub_row("org/model"), on_progress=unheard, hub=online, weights=False)
    assert "or only in part" in str(failure(offline))
    tried(online)
    hub.asked.clear()
    assert tried(offline).commit == COMMIT
    assert tried(offline, revision=COMMIT).commit == COMMIT
    assert hub.asked == []


@pytest.mark.parametrize("status", [401, 500])
def test_a_whole_copy_serves_while_the_hub_cannot_be_asked(
    hub: FakeHub, tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    tried(access(hub, tmp_path))
    hub.fault = status
    assert tried(access(hub, tmp_path)).commit == COMMIT
    assert "the files that are here serve, of commit c0ffee" in caplog.text


def test_offline_the_size_of_a_model_cannot_be_asked_for(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE forbids to ask the hub"):
        download_size(hub_row("org/model"), access(hub, tmp_path, offline=True))
    assert hub.asked == []


def test_a_gated_model_is_told_before_its_size(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["org/model"].readers = frozenset()
    with pytest.raises(DownloadFailed, match="is gated"):
        download_size(hub_row("org/model"), access(hub, tmp_path))


def test_a_token_is_in_no_description_of_the_access(hub: FakeHub, tmp_path: Path) -> None:
    assert TOKEN not in repr(access(hub, tmp_path, token=TOKEN))
