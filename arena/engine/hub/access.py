"""How the hub is reached: its address, the cache folder, the token, and whether we may ask it."""

from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import constants, get_token


@dataclass(frozen=True, slots=True)
class HubAccess:
    """Everything about the hub that does not depend on a model. `token` is a secret."""

    endpoint: str
    cache: Path
    token: str | None = field(default=None, repr=False)
    offline: bool = False

    @property
    def credential(self) -> str | bool:
        """The token as huggingface_hub takes it; False keeps it from looking for one of its own."""
        return self.token or False

    def without_token(self, text: str) -> str:
        """Return a text without the token, should a server have repeated it."""
        return text.replace(self.token, "[HF_TOKEN]") if self.token else text


def hub_access() -> HubAccess:
    """Return the access that the environment asks for, as huggingface_hub reads it.

    HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE are read once, at its import.
    """
    return HubAccess(
        endpoint=constants.ENDPOINT,
        cache=Path(constants.HF_HUB_CACHE),
        token=get_token(),
        offline=constants.is_offline_mode(),
    )
