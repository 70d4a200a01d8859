"""Replies of a campaign from the models of a running arena, made beside its annotators."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from arena.catalog import CatalogError, ModelCatalog
from arena.domain.accounts import AnnotatorId
from arena.domain.conversation import ModelKey
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.pool import ModelPool
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.services.campaigns.replies.generating import (
    Generation,
    GenerationOptions,
    ModelOutcome,
)
from arena.services.campaigns.replies.generation_progress import Progress
from arena.services.campaigns.replies.serving import ModelLost, PooledModel, StartTimings
from arena.storage.database import StorageError, UnusableLedger

BESIDE_ANNOTATORS: Final = 8
"""Conversations in flight at a model that annotators of open play use at the same time."""


@dataclass(frozen=True, slots=True)
class RunningModels:
    """The models of a pool that runs already: they are neither started nor stopped."""

    pool: ModelPool
    catalog: ModelCatalog
    clock: Clock

    @asynccontextmanager
    async def serving(self, key: ModelKey) -> AsyncIterator[PooledModel]:
        """Yield the model. Raises `ModelLost` for one that this arena does not serve."""
        if key not in self.pool.backends:
            raise ModelLost(
                "this arena does not serve it: enable it in the catalog and restart, or run "
                "`arena campaign generate`"
            )
        model = PooledModel(self.pool, self.catalog.get(key), self.clock, StartTimings())
        model.in_flight = min(model.in_flight, BESIDE_ANNOTATORS)
        yield model


@dataclass(slots=True)
class BackgroundRun:
    """How a generation in the background is, or how it ended: one of the last three, then."""

    campaign: str
    progress: Progress | None = None
    outcomes: tuple[ModelOutcome, ...] | None = None
    refused: CampaignRefused | None = None
    stopped: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.outcomes is None and self.refused is None and not self.stopped

    def note(self, progress: Progress) -> None:
        """Keep the newest progress."""
        self.progress = progress


class BackgroundGenerations:
    """Generations of a running arena, one at a time, on its event loop."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._run: BackgroundRun | None = None
        self._task: asyncio.Task[None] | None = None

    def start(
        self,
        campaign: str,
        options: GenerationOptions | None = None,
        *,
        who: AnnotatorId | None = None,
    ) -> None:
        """Begin to generate what a campaign lacks in somebody's name, and return at once.

        Raises:
            CampaignRefused: A generation is running.
        """
        if self._run is not None and self._run.is_running:
            raise CampaignRefused(
                f"replies of {self._run.campaign!r} are being generated: wait for the end, or stop",
                CampaignRefusal.BEING_GENERATED,
                name=self._run.campaign,
            )
        self._run = BackgroundRun(campaign)
        self._task = asyncio.create_task(self._generate(self._run, options, who))

    def newest(self, campaign: str) -> BackgroundRun | None:
        """Return how the newest generation since the start stands, if it is of this campaign."""
        run = self._run
        return replace(run) if run is not None and run.campaign == campaign else None

    async def stop(self) -> None:
        """Stop what runs, and wait for its end. Whole replies are kept."""
        await cancel_and_wait(self._task)

    async def _generate(
        self, run: BackgroundRun, options: GenerationOptions | None, who: AnnotatorId | None
    ) -> None:
        try:
            run.outcomes = await self._generation.run(run.campaign, options, run.note, who=who)
        except CampaignRefused as refused:
            run.refused = refused.with_traceback(None)
        except UnusableLedger as error:
            run.refused = CampaignRefused(str(error), CampaignRefusal.GENERATED_ELSEWHERE)
        except CatalogError as error:
            run.refused = CampaignRefused(str(error))
        except StorageError as error:
            text = f"a reply could not be stored: {error}"
            why = CampaignRefusal.REPLY_NOT_STORED
            run.refused = CampaignRefused(text, why, error=str(error))
        finally:
            run.stopped = run.outcomes is None and run.refused is None
