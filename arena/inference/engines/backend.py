"""A local model: an engine process, spoken to like any OpenAI-compatible server."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from arena.domain.conversation import Message
from arena.domain.reasoning_tags import Tags
from arena.inference.backend import ChatRequest, ModelState, ModelStatus, StreamEvent
from arena.inference.clock import Clock
from arena.inference.engines.command import StartCommand
from arena.inference.engines.process import EngineAddress
from arena.inference.engines.supervisor import EngineSupervisor, SupervisorTimings
from arena.inference.errors import ModelUnavailable
from arena.inference.placement import Placement
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts


class EngineBackend:
    """The `ChatBackend` of one supervised engine process."""

    def __init__(
        self,
        command: StartCommand,
        *,
        clock: Clock,
        timeouts: Timeouts | None = None,
        timings: SupervisorTimings | None = None,
        note: str = "",
        reasoning: Tags | None = None,
    ) -> None:
        self._note = note
        self._reasoning = reasoning
        self._command = command
        self._label = command.label
        self._clock = clock
        self._timeouts = timeouts
        self._supervisor = EngineSupervisor(command, clock=clock, timings=timings)
        self._server: tuple[EngineAddress, OpenAIBackend] | None = None

    @property
    def state(self) -> ModelState:
        """State of the engine as its supervisor last saw it."""
        return self._supervisor.state

    @property
    def status(self) -> ModelStatus:
        """What the engine is doing and holds, why it last failed, and a note on its devices."""
        supervisor = self._supervisor
        return ModelStatus(
            state=supervisor.state,
            progress=" · ".join(filter(None, (supervisor.progress, self._note))),
            last_error=supervisor.last_error,
            recovering=supervisor.recovering,
            memory=supervisor.memory,
            restarts=supervisor.restarts,
        )

    @property
    def given_up(self) -> bool:
        """Whether its engine is not restarted: the model cannot be loaded as things are."""
        return self._supervisor.given_up

    @property
    def supervisor(self) -> EngineSupervisor:
        """The process's owner: its pid, address and number of starts."""
        return self._supervisor

    def assign(self, placement: Placement) -> None:
        """Choose the devices and the cache of the next start."""
        self._supervisor.command = self._command.placed(placement)

    async def start(self) -> None:
        """Start the engine; returns at once."""
        await self._supervisor.start()

    async def close(self) -> None:
        """End the engine and its connections."""
        await self._disconnect()
        await self._supervisor.stop()

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Count the tokens of the rendered messages exactly, in the engine."""
        return await (await self._connected()).fits(messages)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply from the engine."""
        server = await self._connected()
        async with aclosing(server.stream(request)) as events:
            async for event in events:
                yield event

    async def _connected(self) -> OpenAIBackend:
        """Return a client of the engine that runs now; each restart has a new port and token."""
        address = self._supervisor.address
        if address is None:
            raise ModelUnavailable(f"engine {self._label} is {self.state}: {self.status.progress}")
        old = self._server
        if old is not None and old[0] == address:
            return old[1]
        self._server = (address, server := self._client(address))
        if old is not None:
            await old[1].close()
        return server

    def _client(self, address: EngineAddress) -> OpenAIBackend:
        row, dialect = self._command.row, self._command.dialect
        folds = row is not None and row.system_prompt_role == "user"
        endpoint = Endpoint(
            base_url=f"{address.origin}/v1",
            model=self._label,
            api_key=address.token,
            dialect=dialect,
            system_prompt=row.system_prompt if row is not None else None,
            reasoning=self._reasoning,
            folds_system_prompt=folds and not dialect.is_own_engine,
        )
        return OpenAIBackend(
            endpoint, clock=self._clock, timeouts=self._timeouts, retries=Retries(count=1)
        )

    async def _disconnect(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server[1].close()
