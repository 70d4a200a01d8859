"""Stands for an engine process where the supervisor is tested: no torch, and any misfortune.

usage: python engine_program.py SCENARIO, of: healthy, mute, broken-start, failed, hangs, refused,
given-up; `mended:FILE` is refused until FILE is there; `row` tells the revision that it was handed,
and loads the newest commit of `main`, which is the one of its process
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar


class Health(BaseHTTPRequestHandler):
    """Answers /health: loading once, then as the scenario says."""

    scenario: ClassVar[str] = "healthy"
    questions: ClassVar[int] = 0
    revision: ClassVar[str | None] = None

    def do_GET(self) -> None:
        """Answer one question."""
        Health.questions += 1
        if self.headers["Authorization"] != f"Bearer {os.environ['ARENA_ENGINE_TOKEN']}":
            self.send_error(401)
            return
        if self.scenario == "hangs" and Health.questions > 2:
            self.close_connection = True
            return
        status = "loading" if Health.questions == 1 else "ready"
        if self.scenario in {"failed", "refused", "given-up"}:
            status = "failed"
        newest = f"commit of {os.getpid()}" if self.revision == "main" else self.revision
        answer = {"status": status, "detail": f"{status} now", "active": 0, "commit": newest}
        fate = {"permanent": self.scenario == "refused", "final": self.scenario == "given-up"}
        body = json.dumps({**answer, **fate}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def main(scenario: str) -> None:
    """Play the scenario until standard input ends."""
    if scenario == "row":
        Health.revision = json.loads(sys.stdin.buffer.readline())["revision"]
    threading.Thread(target=_end_with_input, daemon=True).start()
    if scenario == "broken-start":
        sys.exit("no such GPU")
    if scenario == "mute":
        threading.Event().wait()
    if scenario.startswith("mended:"):
        mended = Path(scenario.removeprefix("mended:"))
        scenario = "healthy" if mended.exists() else "refused"
    Health.scenario = scenario
    server = HTTPServer(("127.0.0.1", 0), Health)
    print("hello from the engine", file=sys.stderr)
    print("WARNING downloading 1.0 of 2.0 GiB", file=sys.stderr)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
