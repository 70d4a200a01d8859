"""What a repository holds at one commit: asked once, before anything is downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass

from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_url
from huggingface_hub.hf_api import RepoSibling

from arena.checkpoints.repository_files import CONFIGURATION, weights_entry
from arena.engine.hub.access import HubAccess
from arena.engine.hub.faults import DownloadFailed

PROGRAM = "arena"
ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of the hub. `blob` is its name in the cache: a SHA-256 if `hashed`, else git's id.

    `size_bytes` and `blob` are None where a mirror does not tell them.
    """

    name: str
    size_bytes: int | None
    blob: str | None
    hashed: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of one commit."""

    commit: str
    files: Mapping[str, RemoteFile]

    def weights_entry(self, source: str) -> str:
        """Return the file by which the weights are opened; raises DownloadFailed without any."""
        entry = weights_entry(self.files)
        if entry is None:
            raise DownloadFailed(_no_weights(source, self.files), permanent=True)
        return entry


def list_repository(source: str, revision: str | None, hub: HubAccess) -> Listing:
    """Ask the hub for the files of a revision; raises what huggingface_hub and httpx2 raise."""
    api = HfApi(endpoint=hub.endpoint, token=hub.credential, library_name=PROGRAM)
    info = api.model_info(source, revision=revision, files_metadata=True, timeout=ANSWER_S)
    if info.sha is None:
        raise ValueError("the listing names no commit")
    return Listing(info.sha, {one.rfilename: _file(one) for one in info.siblings or ()})


def refuse_unreadable(source: str, listing: Listing, hub: HubAccess) -> None:
    """Raise as a download would: a gated repository is listed for everybody, and read by few."""
    if CONFIGURATION in listing.files:
        url = hf_hub_url(source, CONFIGURATION, revision=listing.commit, endpoint=hub.endpoint)
        get_hf_file_metadata(url, token=hub.credential, timeout=ANSWER_S, library_name=PROGRAM)


def _file(sibling: RepoSibling) -> RemoteFile:
    if sibling.lfs is not None:
        return RemoteFile(sibling.rfilename, sibling.size, sibling.lfs.sha256, hashed=True)
    return RemoteFile(sibling.rfilename, sibling.size, sibling.blob_id, hashed=False)


def _no_weights(source: str, files: Mapping[str, RemoteFile]) -> str:
    text = f"{source} holds no weights that transformers reads (model.safetensors, "
    text += "pytorch_model.bin, or shards of them with an index)"
    if any(name.endswith(".gguf") for name in files):
        text += ". Its *.gguf are for llama.cpp or Ollama: serve it there, `backend: openai`"
        return f"{text}, or download one of a small model and write its path as `source`"
    if any(name.startswith("adapter_model.") for name in files):
        return f"{text}. It is an adapter: merge it into its base model first"
    return f"{text}: check `source` and `revision`"
