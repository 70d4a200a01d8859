"""Annotators over plain HTTP, in a process of their own: plays one battle each, prints timings.

python -m tests.benchmarks.annotators ADDRESS COUNT WITHIN_S PROMPT
"""

import asyncio
import json
import random
import re
import secrets
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from typing import Any

import httpx

_PAGE = {"accept": "text/html"}
_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Played:
    """Seconds from sending the prompt to the first frame with text, and to both replies."""

    first_frame: float
    complete: float
    frames: int


_OF_AN_ANSWER = re.compile(r'\["turns",|"turns": ?\[\{"text": ?"[^"]|"assistant"')
"""In a frame with text of an answer: of our page as a change or whole, and of the token page."""


class Annotator:
    """One tab, which fires the events that a browser would."""

    def __init__(self, address: str, *, cookies: httpx.Cookies | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=address, timeout=_PATIENCE_S, trust_env=False, cookies=cookies
        )
        self._session = secrets.token_hex(6)
        self._ids: dict[str, int] = {}
        self._wires: list[dict[str, Any]] = []
        self._chain: list[dict[str, Any]] = []
        self._fields: dict[int, Any] = {}

    async def open(self) -> None:
        """Fetch the page, and fire what a browser fires at once."""
        (await self._http.get("/", headers=_PAGE)).raise_for_status()
        config = (await self._http.get("/config")).raise_for_status().json()
        parts = {part["id"]: part["props"] for part in config["components"]}
        self._ids = {part["elem_id"]: n for n, part in parts.items() if part.get("elem_id")}
        self._wires = [wire for wire in config["dependencies"] if wire["backend_fn"]]
        load = next(
            wire for wire in self._wires if any(event == "load" for _, event in wire["targets"])
        )
        self._fields = {number: props.get("value") for number, props in parts.items()}
        async for _ in self._fire(load):
            pass
        self._chain = self._chain_of("send")

    def _chain_of(self, element: str) -> list[dict[str, Any]]:
        """Return what is fired, one after the other, when an element is clicked."""
        number = self._ids[element]
        wire: dict[str, Any] | None = next(
            wire for wire in self._wires if any(part == number for part, _ in wire["targets"])
        )
        chain = []
        while wire is not None:
            chain.append(wire)
            before = wire["id"]
            wire = next((one for one in self._wires if one["trigger_after"] == before), None)
        return chain

    def field(self, element: str) -> Any:
        """Return what stands in a field of the page, by element id."""
        return self._fields[self._ids[element]]

    async def click(self, element: str) -> None:
        """Click, and read what follows to its end."""
        for wire in self._chain_of(element):
            async for _ in self._fire(wire):
                pass

    async def battle(self, prompt: str) -> Played:
        """Send a prompt and read the streams to their end."""
        began = time.perf_counter()
        self._fields[self._chain[0]["inputs"][0]] = prompt
        first, frames = None, 0
        for wire in self._chain:
            async for line in self._fire(wire):
                frames += '"process_generating"' in line
                if first is None and _OF_AN_ANSWER.search(line):
                    first = time.perf_counter() - began
        if first is None:
            raise RuntimeError("a battle ended without a reply")
        return Played(first, time.perf_counter() - began, frames)

    async def _fire(self, wire: dict[str, Any]) -> AsyncGenerator[str, None]:
        """An event's messages; what it leaves in the page's fields is sent with the next one."""
        body = {
            "data": [self._fields[part] for part in wire["inputs"]],
            "fn_index": wire["id"],
            "session_hash": self._session,
            "trigger_id": wire["targets"][0][0] if wire["targets"] else None,
        }
        (await self._http.post("/gradio_api/queue/join", json=body)).raise_for_status()
        where = {"session_hash": self._session}
        async with self._http.stream("GET", "/gradio_api/queue/data", params=where) as stream:
            async for line in stream.aiter_lines():
                yield line
                if '"process_completed"' in line:
                    self._keep(wire, json.loads(line.removeprefix("data: ")))
                    return

    def _keep(self, wire: dict[str, Any], message: dict[str, Any]) -> None:
        for part, value in zip(wire["outputs"], message["output"].get("data") or (), strict=False):
            if not isinstance(value, dict):
                self._fields[part] = value
            elif "value" in value:
                self._fields[part] = value["value"]

    @property
    def cookies(self) -> httpx.Cookies:
        """Those of the person."""
        return self._http.cookies

    async def close(self) -> None:
        """Close the tab."""
        await self._http.aclose()


async def play(address: str, count: int, within_s: float, prompt: str) -> list[Played]:
    """All annotators at once, arriving at random moments within `within_s` seconds."""
    annotators = [Annotator(address) for _ in range(count)]
    for annotator in annotators:
        await annotator.open()
    arrivals = random.Random(1)

    async def one(annotator: Annotator) -> Played:
        await asyncio.sleep(arrivals.uniform(0, within_s))
        return await annotator.battle(prompt)

    try:
        return await asyncio.gather(*(one(annotator) for annotator in annotators))
    finally:
        for annotator in annotators:
            await annotator.close()


if __name__ == "__main__":
    where, number, seconds, text = sys.argv[1:]
    played = asyncio.run(play(where, int(number), float(seconds), text))
    print(json.dumps([asdict(one) for one in played]))
