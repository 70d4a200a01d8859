"""A model hub on this machine: real HTTP, the real addresses and headers, and any misfortune."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0ff"
_LARGE = (".safetensors", ".bin", ".gguf")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    authorization: str | None
    range: str | None
    host: str


@dataclass(slots=True)
class Repository:
    """One model of the hub. Files with the endings of weights are in LFS, as on the real hub.

    `readers` None lets everybody read; a set of tokens makes it gated, as the real hub does: the
    listing is public, the files are not. `private` hides it from all who are not readers.
    """

    files: dict[str, bytes]
    commit: str = COMMIT
    branches: tuple[str, ...] = ("main",)
    readers: frozenset[str] | None = None
    private: bool = False

    def knows(self, revision: str) -> bool:
        """Whether a branch or commit exists."""
        return revision in {*self.branches, self.commit}


@dataclass
class FakeHub:
    """What is served and how badly. `asked` are all requests so far.

    `cut_after` drops the connection after so many bytes of a large file, `cuts` times.
    `pause` is waited for after `pause_after` bytes of a large file.
    `fault` answers all with a status, `html` with a page, `damaged` with zeros for bytes.
    `says` is the message of refusals. Without `ranges` every download begins anew.
    `gone` is listed and then not found, which sets `met_gone`.
    `elsewhere` sends large files to another origin, as the hub does with its storage.
    """

    repositories: dict[str, Repository] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    asked: list[Asked] = field(default_factory=list)
    cuts: int = 0
    cut_after: int = 0
    fault: int | None = None
    says: str = ""
    damaged: bool = False
    html: bool = False
    elsewhere: bool = False
    ranges: bool = True
    pause: threading.Event | None = None
    pause_after: int = 0
    gone: str = ""
    met_gone: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT would be."""
        return f"http://127.0.0.1:{self.port}"

    def gets(self, name: str) -> list[Asked]:
        """The downloads of one file, redirects left out."""
        return [one for one in self.asked if one.method == "GET" and one.path.endswith(name)]


class _Refused(Exception):
    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", hub.port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _hub(self) -> FakeHub:
        assert isinstance(self.server, _Server)
        return self.server.hub

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self._answer()

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        headers = self.headers
        authorization, wanted = headers["Authorization"], headers["Range"]
        self._hub.asked.append(Asked(self.command, path, authorization, wanted, headers["Host"]))
        try:
            self._serve(path, (authorization or "").removeprefix("Bearer "))
        except _Refused as refused:
            named = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self._send(refused.status, b"{}", {k: v for k, v in named.items() if v})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _serve(self, path: str, token: str) -> None:
        if self._hub.fault:
            raise _Refused(self._hub.fault, message=self._hub.says)
        if self._hub.html:
            self._send(200, b"<html>Welcome to the hotel</html>", {})
        elif path.startswith("/storage/"):
            self._file(_stored(self._hub, path.removeprefix("/storage/")))
        elif path.startswith("/api/models/"):
            self._list(path.removeprefix("/api/models/"), token)
        elif "/resolve/" in path:
            self._resolve(path.lstrip("/"), token)
        else:
            raise _Refused(404)

    def _list(self, path: str, token: str) -> None:
        name, _, revision = path.partition("/revision/")
        repository = self._repository(name, revision or "main", token)
        body = {"id": name, "sha": repository.commit, "siblings": _siblings(repository)}
        self._send(200, json.dumps(body).encode(), {})

    def _resolve(self, path: str, token: str) -> None:
        name, _, rest = path.partition("/resolve/")
        revision, _, file = rest.partition("/")
        repository = self._repository(name, revision, token)
        if repository.readers is not None and token not in repository.readers:
            status = 403 if token else 401
            raise _Refused(status, "GatedRepo", self._hub.says or "Access is restricted.")
        if file == self._hub.gone:
            self._hub.met_gone.set()
        if file not in repository.files or file == self._hub.gone:
            raise _Refused(404, "EntryNotFound", "Entry not found")
        content = repository.files[file]
        known = {"X-Repo-Commit": repository.commit, "ETag": f'"{_etag(file, content)}"'}
        if not file.endswith(_LARGE):
            self._send(200, content, known)
        elif self._hub.elsewhere:
            linked = {
                "X-Linked-Etag": known["ETag"],
                "X-Linked-Size": str(len(content)),
                "Location": f"http://localhost:{self._hub.port}/storage/{_etag(file, content)}",
            }
            self._send(302, b"", known | linked)
        else:
            self._file(content, known)

    def _repository(self, name: str, revision: str, token: str) -> Repository:
        if token and token not in self._hub.accounts:
            raise _Refused(401, message=f"Invalid credentials: {token}")
        repository = self._hub.repositories.get(name)
        hidden = repository is None or (
            repository.private and token not in (repository.readers or ())
        )
        if repository is None or hidden:
            raise _Refused(404 if token else 401, "RepoNotFound", "Repository not found")
        if not repository.knows(revision):
            raise _Refused(404, "RevisionNotFound", "Invalid rev id")
        return repository

    def _file(self, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        begin = 0
        wanted = self.headers["Range"]
        if wanted and self._hub.ranges:
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = bytes(len(content) - begin) if self._hub.damaged else content[begin:]
        self.send_response(206 if begin else 200)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if begin:
            total = len(content)
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self._pour(body)

    def _pour(self, body: bytes) -> None:
        end = len(body)
        if self._hub.cuts and self._hub.cut_after < end:
            self._hub.cuts -= 1
            end = self._hub.cut_after
            self.close_connection = True
        if self._hub.pause is None:
            self.wfile.write(body[:end])
            return
        self.wfile.write(body[: self._hub.pause_after])
        self._hub.pause.wait()
        self.wfile.write(body[self._hub.pause_after : end])

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _stored(hub: FakeHub, etag: str) -> bytes:
    for repository in hub.repositories.values():
        for file, content in repository.files.items():
            if _etag(file, content) == etag:
                return content
    raise _Refused(404)


def _etag(file: str, content: bytes) -> str:
    if file.endswith(_LARGE):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _siblings(repository: Repository) -> list[dict[str, Any]]:
    listed = []
    for file, content in repository.files.items():
        one: dict[str, Any] = {"rfilename": file, "size": len(content)}
        one["blobId"] = (
            hashlib.sha1(content).hexdigest() if file.endswith(_LARGE) else _etag(file, content)
        )
        if file.endswith(_LARGE):
            sha = _etag(file, content)
            one["lfs"] = {"sha256": sha, "size": len(content), "pointerSize": 134}
        listed.append(one)
    return listed


@contextmanager
def serving_hub(hub: FakeHub | None = None) -> Iterator[FakeHub]:
    """Serve a hub on a free port until the block ends."""
    hub = hub or FakeHub()
    server = _Server(hub)
    hub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hub
    finally:
        if hub.pause is not None:
            hub.pause.set()
        server.shutdown()
        server.server_close()
        thread.join()


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a checkpoint folder as a repository has them."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def unheard(progress: str) -> None:
    """Take a progress that nobody looks at."""
    del progress
