"""The battle page's votes: select a verdict, commit it, and only then reveal."""

import asyncio
from collections.abc import Callable, Sequence

import gradio as gr

from arena.domain.errors import ArenaError, Refusal
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.voting import Ballot
from arena.web.battle.parts import BattleParts
from arena.web.battle.requests import PageRequests, count, refuse_above, shown_on_page
from arena.web.battle.screen import BattleScreen, Updates


class VoteHandlers:
    """The vote buttons and the form of reasons."""

    def __init__(self, parts: BattleParts, screen: BattleScreen) -> None:
        self._parts = parts
        self._requests = PageRequests(parts.access, parts.texts)
        self._screen = screen

    def vote_with(self, verdict: Verdict) -> Callable[..., object]:
        """Return the event of one vote button: commit, or select where reasons are asked."""

        async def vote(
            shown: str,
            recognised: bool,  # noqa: FBT001
            request: gr.Request,
        ) -> Updates:
            if self._parts.ask_reasons:
                return await self._choose(shown, verdict, request)
            ballot = Ballot(verdict=verdict, recognised=recognised)
            return await self._cast(shown, ballot, request)

        return vote

    async def submit(
        self,
        shown: str,
        chosen: str,
        recognised: bool,  # noqa: FBT001
        comment: str,
        request: gr.Request,
        *reasons: list[str],
    ) -> Updates:
        """Commit the selected verdict with its reasons, a list of chips per slot."""
        ballot = Ballot(
            verdict=_verdict(chosen),
            recognised=recognised,
            reasons=_reasons(reasons),
            comment=comment or "",
        )
        return await self._cast(shown, ballot, request)

    async def _cast(self, shown: str, ballot: Ballot, request: gr.Request) -> Updates:
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            refuse_above(self._parts.votes, request, Refusal.TOO_MANY_VOTES)
            reveal = await asyncio.to_thread(
                self._parts.voting.cast, caller, shown_on_page(shown), ballot
            )
            count(self._parts.votes, request)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.reveal(words, reveal)

    async def _choose(self, shown: str, verdict: Verdict, request: gr.Request) -> Updates:
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            on_page = shown_on_page(shown)
            view = await self._parts.battles.view(caller, on_page.battle_id)
            view.require(on_page)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.chosen(words, view, verdict.value)


def _verdict(chosen: str) -> Verdict | None:
    """None for what is no verdict."""
    return Verdict(chosen) if chosen in set(Verdict) else None


def _reasons(groups: Sequence[Sequence[str]]) -> tuple[tuple[int, Reason], ...]:
    return tuple(
        (position, Reason(value)) for position, group in enumerate(groups) for value in group
    )
