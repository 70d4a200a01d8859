"""Why a model cannot be downloaded, in sentences that say what to do."""

import errno

import httpx2
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from arena.engine.error_chain import error_chain
from arena.engine.hub.access import HubAccess

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 401, 403, 404, 429
_SERVER_FAULTS = 500
_FULL = {errno.ENOSPC, errno.EDQUOT}


class DownloadFailed(Exception):
    """A model's files cannot be had; the text says why and what to do, and holds no secret.

    `permanent`: retrying soon is useless, the operator has to fix something first.
    """

    def __init__(self, text: str, *, permanent: bool) -> None:
        super().__init__(text)
        self.permanent = permanent


def explained(
    error: Exception, source: str, revision: str | None, hub: HubAccess
) -> DownloadFailed:
    """Return what an error of a request, of the disk or of the listing means to an operator."""
    if isinstance(error, DownloadFailed):
        return error
    response = _response(error)
    if response is not None:
        return _refusal(response, source, revision, hub)
    if isinstance(error, HFValidationError):
        return DownloadFailed(
            f"{source} is not the name of a hub model: write `source: owner/name`, or ./folder "
            "for a folder beside models.yaml",
            permanent=True,
        )
    if isinstance(error, OSError) and error.errno is not None:
        return _disk_fault(error, hub)
    if _is_network(error):
        return unreachable(hub, reason=str(error))
    return DownloadFailed(
        f"{hub.endpoint} does not answer as a model hub does ({hub.without_token(repr(error))}): "
        "check HF_ENDPOINT, and whether a proxy answers in its place",
        permanent=False,
    )


def unreachable(hub: HubAccess, *, reason: str) -> DownloadFailed:
    """Return the fault of a hub that cannot be reached."""
    return DownloadFailed(
        f"{hub.endpoint} cannot be reached ({hub.without_token(reason) or 'no answer in time'}): "
        "check the network and HTTPS_PROXY, or set HF_ENDPOINT to a mirror. On a machine without "
        f"a network, copy the models into {hub.cache} and set HF_HUB_OFFLINE=1",
        permanent=False,
    )


def not_here(source: str, revision: str | None, hub: HubAccess) -> DownloadFailed:
    """Return the fault of a model whose files are not here while the hub must not be asked."""
    return DownloadFailed(
        f"{source} (revision {revision or 'main'}) is not in {hub.cache}, or only in part, and "
        "HF_HUB_OFFLINE forbids to ask the hub: unset HF_HUB_OFFLINE and start again, or run "
        "`arena check --download` on a machine with a network and copy that folder here",
        permanent=True,
    )


def _refusal(
    response: httpx2.Response, source: str, revision: str | None, hub: HubAccess
) -> DownloadFailed:
    code = response.headers.get("x-error-code", "")
    status = response.status_code
    if status == _TOO_MANY or status >= _SERVER_FAULTS:
        why = "asks for fewer requests" if status == _TOO_MANY else "has a fault of its own"
        return DownloadFailed(f"{hub.endpoint} {why} (status {status})", permanent=False)
    if code == "RevisionNotFound":
        text = (
            f"{source} has no revision {revision or 'main'}: choose a branch, tag or commit of "
            f"{hub.endpoint}/{source}/commits and write it as `revision`"
        )
    elif code == "EntryNotFound":
        text = f"a file of {source} is gone from the hub: {response.url.path}"
    elif status == _UNAUTHORIZED and hub.token is None:
        text = _without_token(code, source, hub)
    elif status == _UNAUTHORIZED:
        text = (
            "the hub refuses the token, which is mistyped, expired or revoked: make a new one at "
            f"{hub.endpoint}/settings/tokens, set HF_TOKEN and start again"
        )
    elif status == _FORBIDDEN:
        text = _forbidden(response, source, hub)
    elif status == _NOT_FOUND:
        text = (
            f"there is no model {source} at {hub.endpoint}, or the token's account may not see "
            "it: check `source`"
        )
    else:
        text = f"{hub.endpoint} refuses {source} with status {status}{_own_words(response, hub)}"
    return DownloadFailed(text, permanent=True)


def _without_token(code: str, source: str, hub: HubAccess) -> str:
    """Return why a token is needed; the hub answers 401 for missing models too."""
    kind = "is gated" if code == "GatedRepo" else "is gated or private, or does not exist"
    return (
        f"{source} {kind}: accept its licence at {hub.endpoint}/{source}, make a token at "
        f"{hub.endpoint}/settings/tokens, set HF_TOKEN and start again"
    )


def _forbidden(response: httpx2.Response, source: str, hub: HubAccess) -> str:
    return (
        f"the token's account has no access to {source}: accept its licence at "
        f"{hub.endpoint}/{source} (some authors confirm by hand), and let a fine-grained token "
        f"read gated repositories{_own_words(response, hub)}"
    )


def _own_words(response: httpx2.Response, hub: HubAccess) -> str:
    words = response.headers.get("x-error-message", "").rstrip(". ")
    return f". The hub says: {hub.without_token(words)}" if words else ""


def _disk_fault(error: OSError, hub: HubAccess) -> DownloadFailed:
    if error.errno in _FULL:
        text = f"the disk of {hub.cache} is full: free some space, or set HF_HOME to another disk"
    else:
        text = f"{hub.cache} cannot be used ({error}): fix its permissions, or set HF_HOME"
    return DownloadFailed(text, permanent=True)


def _response(error: Exception) -> httpx2.Response | None:
    """Return the answer behind an error: huggingface_hub wraps some of them."""
    answered = (one for one in error_chain(error) if isinstance(one, HfHubHTTPError))
    return next((one.response for one in answered), None)


def _is_network(error: Exception) -> bool:
    return any(isinstance(one, httpx2.TransportError) for one in error_chain(error))
