"""Takes out of a campaign's file and models what belongs to people or to a machine."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from arena.domain.campaign import Campaign, CampaignPrompt, CheckItem
from arena.services.campaigns.documents import fingerprint_of, terms_of
from arena.storage.campaigns.archive.records import (
    ArchivedCampaign,
    ArchivedEvent,
    ArchivedModel,
    ArchivedPrompt,
    ArchivedVersion,
)
from arena.storage.campaigns.archive.writing import is_check


def invited(campaign: ArchivedCampaign) -> tuple[str, ...]:
    """Return the names of annotators in all versions of the file, each once."""
    people = [one["name"] for it in campaign.versions for one in it.document["annotators"]]
    return tuple(dict.fromkeys(people))


def pseudonymous(
    campaign: ArchivedCampaign, prompts: Sequence[ArchivedPrompt], names: Mapping[str, str]
) -> ArchivedCampaign:
    """Return a campaign with pseudonyms instead of names, and fingerprints to match.

    A fingerprint of the file with names would tell whoever guesses them that they are right. What
    a crowd gets for finishing is left out too.
    """
    versions = [_version(one, prompts, names) for one in campaign.versions]
    renewed = {
        old.fingerprint: new.fingerprint
        for old, new in zip(campaign.versions, versions, strict=True)
    }
    return replace(
        campaign,
        versions=tuple(versions),
        events=tuple(_event(event, renewed) for event in campaign.events),
    )


def whole_campaign(document: Mapping[str, Any], prompts: Sequence[ArchivedPrompt]) -> Campaign:
    """Return the campaign of a document with its prompts and check items.

    Raises:
        ValueError: The document is not that of a campaign.
    """
    return replace(
        terms_of(document),
        prompts=tuple(_prompt(one) for one in prompts if not is_check(one)),
        check_items=tuple(
            CheckItem(_prompt(one), one.better or "", one.worse or "")
            for one in prompts
            if is_check(one)
        ),
    )


def without_places(model: ArchivedModel) -> ArchivedModel:
    """Return a model without the address of its server and the folder of its files."""
    configuration = {key: value for key, value in model.configuration.items() if key != "base_url"}
    source = configuration.get("source")
    if isinstance(source, str) and source.startswith(("/", "~", ".")):
        configuration["source"] = PurePosixPath(source).name
    return replace(model, configuration=configuration)


def _version(
    version: ArchivedVersion, prompts: Sequence[ArchivedPrompt], names: Mapping[str, str]
) -> ArchivedVersion:
    document = dict(version.document)
    document["annotators"] = [one | {"name": names[one["name"]]} for one in document["annotators"]]
    if document["crowd"]:
        document["crowd"] = document["crowd"] | {"completion_code": None, "return_address": None}
    fingerprint = fingerprint_of(whole_campaign(document, prompts))
    return replace(version, document=document, fingerprint=fingerprint)


def _event(event: ArchivedEvent, renewed: Mapping[str, str]) -> ArchivedEvent:
    return replace(event, detail=renewed.get(event.detail, event.detail))


def _prompt(one: ArchivedPrompt) -> CampaignPrompt:
    return CampaignPrompt(
        id=one.id,
        turns=one.turns,
        language=one.language,
        category=one.category,
        system_prompt=one.system_prompt,
        difficulty=one.difficulty,
        notes=one.notes,
    )
