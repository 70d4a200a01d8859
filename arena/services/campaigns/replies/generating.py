"""All replies of a campaign, generated model by model; what is there is never asked for again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.accounts import AnnotatorId
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.battle.contestants import Contestant, register_contestants
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.services.campaigns.replies.asking import Asking, ModelGivenUp, Persistence
from arena.services.campaigns.replies.generation_progress import ModelTally, Report, Tally
from arena.services.campaigns.replies.ledger import ReplyLedger
from arena.services.campaigns.replies.plans import (
    AskedModel,
    CampaignPlan,
    plan_of,
    require_created,
)
from arena.services.campaigns.replies.questions import Questions, questions_to
from arena.services.campaigns.replies.serving import ModelLost, ModelServer, ServedModel
from arena.storage.campaigns.campaigns import CampaignEvent, insert_event
from arena.storage.campaigns.generating_lock import generating_alone
from arena.storage.database import Database


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """What is generated: all models or `only` some, and `again` what has one of these statuses.

    `max_new_tokens` is the budget of each reply instead of that of the model's row.
    """

    only: frozenset[ModelKey] | None = None
    again: frozenset[ReplyStatus] = frozenset()
    max_new_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """What was done for a model.

    `written` replies of `tokens` tokens in all took `requests` requests and `seconds` of writing;
    `reused` ones were made before. `given_up` says why the model was not asked to the end.
    """

    key: ModelKey
    name: str
    requests: int
    written: int
    reused: int
    tokens: int
    seconds: float
    given_up: str | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    """A model, what it is still to be asked, and where its replies go."""

    campaign_id: int
    model: AskedModel
    questions: Questions
    ledger: ReplyLedger
    reused: int


class Generation:
    """Generates the replies of campaigns in one database, with the models of one catalog."""

    def __init__(
        self,
        database: Database,
        catalog: ModelCatalog,
        server: ModelServer,
        clock: Clock,
        *,
        persistence: Persistence | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._server = server
        self._clock = clock
        self._persistence = persistence or Persistence()

    async def run(
        self,
        name: str,
        options: GenerationOptions | None = None,
        report: Report = lambda _: None,
        *,
        who: AnnotatorId | None = None,
    ) -> tuple[ModelOutcome, ...]:
        """Generate what a campaign lacks; every reply is stored as soon as it is whole.

        `who` began it; None is the command line. Whatever ends this, the next run goes on with
        what is missing. A model that cannot be asked is given up, and the others go on.

        Raises:
            CampaignRefused: There is no such campaign, or the options do not suit it.
            CatalogError: A model's row may not be enabled as it stands.
            StorageError: A reply could not be stored.
            UnusableLedger: Another process generates in this database.
        """
        with generating_alone(self._database.url):
            jobs = await asyncio.to_thread(self._jobs, name, options or GenerationOptions())
            total = sum(job.questions.places for job in jobs)
            tally = Tally(self._clock, report, models=len(jobs), all_total=total)
            return tuple([await self._noted(job, tally, who) for job in jobs])

    async def _noted(self, job: _Job, tally: Tally, who: AnnotatorId | None) -> ModelOutcome:
        """Ask one model everything, and note in the campaign's events what came of it."""
        outcome = await self._outcome(job, tally)
        if outcome.written or outcome.reused or outcome.given_up:
            await asyncio.to_thread(self._note, job, outcome, who)
        return outcome

    def _note(self, job: _Job, outcome: ModelOutcome, who: AnnotatorId | None) -> None:
        facts = {
            "model": outcome.key,
            "written": outcome.written,
            "reused": outcome.reused,
            "max_new_tokens": job.questions.sampling.max_new_tokens,
            "again": sorted(job.questions.again),
            "given_up": outcome.given_up,
        }
        detail = json.dumps(facts, ensure_ascii=False)
        event = CampaignEvent(self._clock.now(), "generated", who, detail)
        with self._database.writing() as connection:
            insert_event(connection, job.campaign_id, event)

    async def _outcome(self, job: _Job, tally: Tally) -> ModelOutcome:
        """Ask one model everything. One with nothing left to say is not even started."""
        model, questions = job.model, job.questions
        counts = tally.model(model.key, model.name, questions.places)
        counts.settle(questions.settled_places)
        given_up = None
        if questions.prompts:
            try:
                async with self._server.serving(model.key) as served:
                    await self._asking(job, counts, served).run()
            except (ModelLost, ModelGivenUp) as error:
                given_up = str(error)
        return ModelOutcome(
            key=model.key,
            name=model.name,
            requests=counts.requests,
            written=counts.rate.replies,
            reused=job.reused + counts.reused,
            tokens=counts.rate.tokens,
            seconds=counts.rate.seconds,
            given_up=given_up,
        )

    def _asking(self, job: _Job, counts: ModelTally, served: ServedModel) -> Asking:
        return Asking(
            served,
            job.questions,
            job.ledger,
            tally=counts,
            clock=self._clock,
            persistence=self._persistence,
        )

    def _jobs(self, name: str, options: GenerationOptions) -> Sequence[_Job]:
        """Find out what each model is still to be asked; reuse what it has said before."""
        with self._database.reading() as connection:
            plan = plan_of(connection, name)
        models = _chosen(plan, self._catalog, options.only)
        own = register_contestants(self._rows(models, None), self._database, self._clock)
        budgeted = own
        if options.max_new_tokens is not None:
            rows = self._rows(models, options.max_new_tokens)
            budgeted = register_contestants(rows, self._database, self._clock)
        return [
            self._job(plan, model, budgeted[model.key], {own[model.key].model_id}, options)
            for model in models
        ]

    def _rows(self, models: Sequence[AskedModel], budget: int | None) -> ModelCatalog:
        catalog = self._catalog.only([model.key for model in models])
        rows = tuple(_with_budget(row, budget) for row in catalog.models)
        return ModelCatalog(catalog.path, rows)

    def _job(
        self,
        plan: CampaignPlan,
        model: AskedModel,
        contestant: Contestant,
        model_ids: set[int],
        options: GenerationOptions,
    ) -> _Job:
        ledger = ReplyLedger(
            self._database,
            self._clock,
            campaign_id=plan.id,
            contestant=contestant,
            model_ids={contestant.model_id, *model_ids},
            again=options.again,
        )
        with self._database.writing() as connection:
            questions, reused = questions_to(
                connection, plan, model, ledger, contestant.sampling, options.again
            )
        return _Job(plan.id, model, questions, ledger, reused)


def _with_budget(row: ModelRow, budget: int | None) -> ModelRow:
    if budget is None:
        return row
    return row.model_copy(update={"sampling": replace(row.sampling, max_new_tokens=budget)})


def _chosen(
    plan: CampaignPlan, catalog: ModelCatalog, only: frozenset[ModelKey] | None
) -> Sequence[AskedModel]:
    """Return the models that are to be asked. Raises `CampaignRefused`."""
    require_created(plan)
    name = plan.name
    ours = [model for model in plan.models if not model.imported]
    unknown = sorted((only or frozenset()) - {model.key for model in ours})
    if unknown:
        known = ", ".join(model.key for model in ours) or "none"
        raise CampaignRefused(
            f"{name!r} generates no replies of {', '.join(unknown)}; it does of: {known}"
        )
    chosen = [model for model in ours if only is None or model.key in only]
    rows = {row.key for row in catalog.models}
    missing = [model.key for model in chosen if model.key not in rows]
    if missing:
        raise CampaignRefused(
            f"{catalog.path} has no model {', '.join(missing)}, which {name!r} asks: add it there",
            CampaignRefusal.NOT_IN_CATALOG,
            file=str(catalog.path),
            models=", ".join(missing),
            name=name,
        )
    return chosen
