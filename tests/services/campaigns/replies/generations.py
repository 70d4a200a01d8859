"""Generations of a small catalog's replies by models that are scripted."""

from collections.abc import Callable
from pathlib import Path

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.campaign_replies import ReplyStatus
from arena.inference.backend import ChatRequest
from arena.services.campaigns.replies.generating import Generation, GenerationOptions
from arena.storage.database import Database
from tests.fakes.campaign_models import CampaignModel, FakeServer, echo
from tests.fakes.clock import VirtualClock

MISSING, FAILED, EMPTY, CUT, WHOLE = ReplyStatus


def catalog(*keys: str, **values: object) -> ModelCatalog:
    script = {"replies": ["Hi"]}
    rows = [
        ModelRow.model_validate(
            {"key": key, "name": key, "backend": "scripted", "script": script} | values
        )
        for key in keys or ("one", "two")
    ]
    return ModelCatalog(Path("models.yaml"), tuple(rows))


def generation(
    database: Database, server: FakeServer, models: ModelCatalog | None = None
) -> Generation:
    clock = VirtualClock(automatic=True)
    return Generation(database, models or catalog(), server, clock)


def two_models() -> FakeServer:
    return FakeServer(one=CampaignModel(), two=CampaignModel())


def again(*kinds: ReplyStatus, budget: int | None = None) -> GenerationOptions:
    return GenerationOptions(again=frozenset(kinds), max_new_tokens=budget)


def failing_for(word: str, error: Exception) -> Callable[[ChatRequest], str | Exception]:
    return lambda request: error if word in request.messages[-1].content else echo(request)
