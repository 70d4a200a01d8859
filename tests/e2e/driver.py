"""An annotator without a browser: Gradio's protocol over plain HTTP."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from re import sub
from typing import Any, Self

import httpx

_PAGE = {"accept": "text/html"}
_AT_ONCE = 50


Wire = dict[str, Any]
"""One of the page's event handlers, as Gradio's configuration describes it."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a person does: a click on the component `target`, with these values in fields."""

    target: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an event: every message about it, and what it left by element id."""

    messages: Sequence[dict[str, Any]]
    outputs: Mapping[str, Any]

    @property
    def succeeded(self) -> bool:
        """Whether every handler ran to its end."""
        ends = [one["success"] for one in self.messages if one["msg"] == "process_completed"]
        return bool(ends) and all(ends)

    @property
    def refusal(self) -> str:
        """The sentence that says why nothing was done; empty if it was done."""
        return self.text("refusal")

    @property
    def revealed(self) -> bool:
        """Whether both models were named."""
        return all("<article" in self._html(f"reveal-{slot}") for slot in "ab")

    def text(self, element: str) -> str:
        """What one of the HTML elements says, without tags."""
        return unescape(sub(r"<[^>]*>", "", self._html(element))).strip()

    def _html(self, element: str) -> str:
        output = self.outputs.get(element)
        if isinstance(output, dict):
            output = output.get("value") if output.get("visible", True) else ""
        return output or ""


class HttpAnnotator:
    """One tab: a cookie and a session hash, both of which can be shared with another.

    `hidden` are the fields that the page keeps for itself from one event to the next.
    """

    def __init__(
        self,
        address: str,
        *,
        cookies: httpx.Cookies | None = None,
        session_hash: str | None = None,
        app: str = "",
    ) -> None:
        self.http = httpx.Client(
            base_url=address,
            cookies=cookies,
            trust_env=False,
            verify=False,
            timeout=60,
            limits=httpx.Limits(max_connections=_AT_ONCE + 2),
        )
        self.hidden = {"battle-shown": "", "battle-verdict": ""}
        self.session_hash = session_hash or secrets.token_hex(6)
        self._api = f"{app}/gradio_api"
        self.http.get(f"{app}/", headers=_PAGE).raise_for_status()
        config = self.http.get(f"{app}/config").raise_for_status().json()
        self._components = {part["id"]: part for part in config["components"]}
        self._events: list[Wire] = config["dependencies"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def another_tab(self) -> "HttpAnnotator":
        """The same person with another session hash."""
        return HttpAnnotator(str(self.http.base_url), cookies=self.http.cookies)

    def in_app(self, app: str) -> "HttpAnnotator":
        """The same person on another page, mounted at `app`."""
        return HttpAnnotator(str(self.http.base_url), cookies=self.http.cookies, app=app)

    def load(self) -> Outcome:
        """Open the page in this tab; the open battle, if there is one, is shown again."""
        return self.fire("load")

    def fire(self, target: str, **values: Any) -> Outcome:
        """Do one thing and wait for its end."""
        return self.fire_all([Event(target, values)])[0]

    def fire_all(
        self, events: Sequence[Event], *, meanwhile: Sequence[Event] = ()
    ) -> list[Outcome]:
        """Do several things at once, and more when the first frame has come; wait for all.

        As a browser does, what the page has chained to an event is fired when that has ended; the
        outcome of an event includes what followed it.
        """
        everything = [_Doing(event, self.hidden) for event in events]
        asked = self._join([(doing, self._wire(doing.target)) for doing in everything])
        while asked:
            for message in self._messages():
                doing, wire = asked[message["event_id"]]
                doing.hear(message)
                more: list[tuple[_Doing, Wire]] = []
                if message["msg"] == "process_generating" and meanwhile:
                    late = [_Doing(event, self.hidden) for event in meanwhile]
                    everything += late
                    more = [(one, self._wire(one.target)) for one in late]
                    meanwhile = ()
                elif message["msg"] == "process_completed":
                    del asked[message["event_id"]]
                    doing.keep(self._outputs(wire, message))
                    more = [(doing, following) for following in self._following(wire)]
                asked |= self._join(more)
                if not asked:
                    break
        return [doing.outcome for doing in everything]

    def values_of(self, number: int, **fields: Any) -> list[Any]:
        """What the page would send now with the event of this number, with these fields."""
        (wire,) = (one for one in self._events if one["id"] == number)
        return [self._value(part, {**self.hidden, **fields}) for part in wire["inputs"]]

    def _join(self, wanted: Sequence[tuple["_Doing", Wire]]) -> dict[str, tuple["_Doing", Wire]]:
        if not wanted:
            return {}
        with ThreadPoolExecutor(min(_AT_ONCE, len(wanted))) as people:
            return dict(zip(people.map(lambda one: self._ask(*one), wanted), wanted, strict=True))

    def _ask(self, doing: "_Doing", wire: Wire) -> str:
        body = {
            "data": [self._value(part, doing.fields) for part in wire["inputs"]],
            "fn_index": wire["id"],
            "session_hash": self.session_hash,
            "event_data": None,
            "trigger_id": wire["targets"][0][0] if wire["targets"] else None,
        }
        # In ASCII as browsers send halves of characters, which UTF-8 cannot write.
        said, kind = json.dumps(body), {"content-type": "application/json"}
        answer = self.http.post(f"{self._api}/queue/join", content=said, headers=kind)
        ticket: str = answer.raise_for_status().json()["event_id"]
        return ticket

    def _messages(self) -> Iterator[dict[str, Any]]:
        where = {"session_hash": self.session_hash}
        with self.http.stream("GET", f"{self._api}/queue/data", params=where) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line.removeprefix("data: "))
                    if message.get("event_id"):
                        yield message

    def _outputs(self, wire: Wire, message: dict[str, Any]) -> dict[str, Any]:
        parts = [self._element(part) for part in wire["outputs"]]
        data = message["output"].get("data")
        return dict(zip(parts, data, strict=True)) if data else {}

    def _following(self, wire: Wire) -> list[Wire]:
        return [
            other
            for other in self._events
            if other["trigger_after"] == wire["id"] and other["backend_fn"]
        ]

    def _wire(self, target: str) -> Wire:
        for wire in self._events:
            for part, what in wire["targets"]:
                if target in {what, self._element(part)}:
                    return wire
        raise LookupError(target)

    def _element(self, part: int) -> str:
        component = self._components.get(part, {"props": {}})
        return component["props"].get("elem_id") or f"#{part}"

    def _value(self, part: int, values: Mapping[str, Any]) -> Any:
        component = self._components[part]
        return values.get(self._element(part), component["props"].get("value"))


class _Doing:
    """An event with all that follows it, and the page's fields as it goes on."""

    def __init__(self, event: Event, hidden: dict[str, Any]) -> None:
        self.target = event.target
        self.fields = {**hidden, **event.values}
        self._hidden = hidden
        self._messages: list[dict[str, Any]] = []
        self._outputs: dict[str, Any] = {}

    @property
    def outcome(self) -> Outcome:
        return Outcome(tuple(self._messages), self._outputs)

    def hear(self, message: dict[str, Any]) -> None:
        self._messages.append(message)

    def keep(self, outputs: Mapping[str, Any]) -> None:
        self._outputs |= outputs
        for name, output in outputs.items():
            if not isinstance(output, dict):
                self.fields[name] = output
            elif "value" in output:
                self.fields[name] = output["value"]
        self._hidden |= {name: self.fields[name] for name in self._hidden if name in outputs}
