"""Evicts Gradio's sessions of pages that were closed.

Gradio 6.31 keeps a copy of the page's configuration for every tab that was ever opened, about
140 kB each, up to 10,000 of them, and never removes the tab's name from its queue.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from fastapi import FastAPI
from gradio.routes import App
from starlette.routing import Mount

MOST_PAGES = 2000
"""Open pages that are remembered; of more, those used longest ago are forgotten."""

CLOSED_FOR = timedelta(hours=1)
"""So long may a lost connection last. Then Gradio itself forgets a page's state, and no more."""


def forget_left_pages(app: FastAPI, now: datetime, *, idle: timedelta) -> int:
    """Forget closed pages, and those unused for longer than `idle`; returns how many.

    Must run on the event loop that serves `app`. A forgotten page that comes back still works: the
    page itself keeps what it votes on (`arena.web.battle.shown_battle`).
    """
    forgotten = 0
    for page in _pages(app):
        for name in [
            name for name in page.state_holder.session_data if _left(page, name, now, idle)
        ]:
            _forget(page, name)
            forgotten += 1
    return forgotten


def _pages(app: FastAPI) -> Iterator[App]:
    for route in app.routes:
        if isinstance(route, Mount) and isinstance(route.app, App):
            yield route.app


def _left(page: App, name: str, now: datetime, idle: timedelta) -> bool:
    """Gradio notes the last use in local time without a zone.

    It never strikes out the events of a page that was left while answers streamed; only those
    that it still knows are running.
    """
    holder, queue = page.state_holder, page.get_blocks()._queue  # noqa: SLF001
    events = queue.pending_event_ids_session.get(name, set())
    if not events.isdisjoint(queue.event_ids_to_events):
        return False
    unused = now - holder.time_last_used[name].astimezone()
    return unused > (CLOSED_FOR if holder.session_data[name].is_closed else idle)


def _forget(page: App, name: str) -> None:
    holder, queue = page.state_holder, page.get_blocks()._queue  # noqa: SLF001
    with holder.lock:
        holder.session_data.pop(name, None)
        holder.time_last_used.pop(name, None)
    queue.pending_event_ids_session.pop(name, None)
    queue.pending_messages_per_session.pop(name, None)
