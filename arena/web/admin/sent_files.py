"""Files and fields of the form that brings a campaign."""

from starlette.datastructures import FormData, UploadFile

from arena.services.administration.uploads import SentFile, UploadRefused, upload_of
from arena.web.http.body_limit import CAMPAIGN_BYTES


async def sent_campaign(form: FormData) -> tuple[SentFile | None, list[SentFile]]:
    """Return the campaign file, None where none was chosen, and the files that it names."""
    campaign = await _files(form, "campaign")
    return (campaign[0] if campaign else None), await _files(form, "files")


def packed_upload(campaign: SentFile | None, others: list[SentFile]) -> str:
    """Return files as the text that the next form brings back.

    Raises:
        UploadRefused: The files cannot be taken, or would be too large for the next form.
    """
    text = upload_of(campaign, others).packed()
    if len(text) > CAMPAIGN_BYTES:
        raise UploadRefused("too_large")
    return text


async def _files(form: FormData, name: str) -> list[SentFile]:
    """Return the files of a field; one that was left empty has no name."""
    return [
        SentFile(file.filename, await file.read())
        for file in form.getlist(name)
        if isinstance(file, UploadFile) and file.filename
    ]
