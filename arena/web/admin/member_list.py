"""Who takes part in a campaign as a file over HTTP, with their ids of the crowd platform."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from arena.domain.errors import NotAllowed
from arena.services.administration.campaigns import CampaignAdministration
from arena.services.campaigns.refusals import CampaignRefused
from arena.web.admin.downloads import CSV, CallerOf, refused


def members_router(campaigns: CampaignAdministration, caller_of: CallerOf) -> APIRouter:
    """`GET /admin/exports/members.csv?campaign=NAME`, for admins.

    401 without a session, 403 for other accounts, 404 without such a campaign, each as JSON.
    Comes before `exports_router`, which takes every other name for a table.
    """
    router = APIRouter()

    @router.get("/admin/exports/members.csv")
    def download(request: Request, campaign: str = "") -> Response:
        try:
            content = campaigns.member_file(caller_of(request), campaign)
        except NotAllowed as error:
            return refused(error)
        except CampaignRefused:
            return JSONResponse({"error": "unknown_campaign"}, 404)
        return Response(
            content,
            media_type=CSV,
            headers={
                "Content-Disposition": 'attachment; filename="members.csv"',
                "Cache-Control": "no-store",
            },
        )

    return router
