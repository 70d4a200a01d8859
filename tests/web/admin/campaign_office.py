"""An arena's campaigns on a real database, and an admin's browser on their pages."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from httpx2 import Response
from starlette.testclient import TestClient

from arena.catalog import load_catalog
from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.campaign import Campaign
from arena.services.administration.campaign_checks import CampaignChecks
from arena.services.administration.campaigns import CampaignAdministration
from arena.services.campaigns.creating import Campaigns
from arena.services.campaigns.replies.generating import Generation
from arena.services.campaigns.replies.running import BackgroundGenerations
from arena.storage.accounts import insert_annotator
from arena.storage.campaigns.campaigns import running_campaigns
from arena.storage.campaigns.history import history_of
from arena.storage.database import Database
from arena.web.admin.campaigns import campaigns_router
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.campaign_files import MINIMAL, french
from tests.fakes.campaign_models import CampaignModel, FakeServer
from tests.fakes.campaigns import MORNING, NAME, CampaignDesk, put_replies
from tests.web.admin.admin_pages import TOKEN, door_of, hidden, sent, visiting

PLACE = "/admin/campaigns"
PROMPTS = '{"prompt": "Hello?", "category": "writing"}\n'
FILES = {"campaign.yaml": MINIMAL, "prompts.jsonl": PROMPTS}


class CampaignOffice:
    """The campaigns of an arena with two models, `one` and `two`, and an admin called Grace."""

    def __init__(self, database: Database, folder: Path, language: str = "en") -> None:
        self.database = database
        self.desk = CampaignDesk(database)
        self.models = folder / "models.yaml"
        rows = catalog(one=scripted_model("One", "1"), two=scripted_model("Two", "2"))
        self.models.write_text(rows, encoding="utf-8")
        checks = CampaignChecks(self.models, None, french)
        clock = self.desk.clock
        self.server = FakeServer(one=CampaignModel(), two=CampaignModel())
        generation = Generation(database, load_catalog(self.models), self.server, clock)
        self.administration = CampaignAdministration(
            database, clock, Random(3), checks, BackgroundGenerations(generation)
        )
        with database.writing() as connection:
            number = insert_annotator(
                connection, name="Grace", role=AccountRole.ADMIN, created_at=MORNING
            )
        self.admin = Caller(AnnotatorId(number), "Grace", AccountRole.ADMIN)
        self.client = self.as_(self.admin, language)

    def as_(self, caller: Caller | None, language: str = "en") -> TestClient:
        """Return somebody's browser."""
        return visiting(campaigns_router(self.administration, door_of(caller)), language)

    def page_of(self, caller: Caller | None) -> AsyncClient:
        """Return somebody's browser on the event loop of the test, on which replies are made."""
        app = FastAPI()
        app.include_router(campaigns_router(self.administration, door_of(caller)))
        transport = ASGITransport(app)
        return AsyncClient(transport=transport, base_url="http://arena", follow_redirects=True)

    def store(self, campaign: Campaign, *, replies: bool = True) -> None:
        """Store a campaign, with its replies or without."""
        Campaigns(self.database, self.desk.clock).create(campaign)
        if replies:
            with self.database.writing() as connection:
                put_replies(connection, campaign.name)

    def check(self, files: Mapping[str, str] = FILES, token: str = TOKEN) -> Response:
        """Choose a campaign file, the first one, and those that it names; check them."""
        (name, text), *others = files.items()
        chosen = [("campaign", (name, text)), *(("files", other) for other in others)]
        return self.client.post(f"{PLACE}/check", data={"token": token}, files=chosen)

    def check_zip(self, content: bytes, name: str = "campaign.zip") -> Response:
        """Choose an archive."""
        files = [("campaign", (name, content))]
        return self.client.post(f"{PLACE}/check", data={"token": TOKEN}, files=files)

    def create(self, checked: Response) -> Response:
        """Press the button of a page without faults."""
        return sent(self.client, f"{PLACE}/create", upload=hidden(checked, "upload"))

    def act(self, action: str, name: str = NAME, **more: str) -> Response:
        """Press a button of a campaign's page."""
        return sent(self.client, f"{PLACE}/{action}", name=name, **more)

    def names(self) -> tuple[str, ...]:
        """Return the stored campaigns."""
        with self.database.reading() as connection:
            return running_campaigns(connection)

    def history(self) -> list[tuple[str, str | None]]:
        """Return what happened to the first campaign and who did it, oldest first."""
        with self.database.reading() as connection:
            return [(one.kind, one.name) for one in reversed(history_of(connection, 1))]


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of files."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
