"""The platform's settings where its parts are pods: the same model, with the addresses of Services and public hosts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from hub.settings import Settings

#: Where the chart mounts the settings (one file a variable) and the keys.
SETTINGS_FOLDER = Path("/etc/axcampus/settings")
KEYS_FOLDER = Path("/run/axcampus/keys")


class ClusterSettings(Settings):
    """Addresses are given, not derived from one machine's ports."""

    public_portal_url: str = Field(pattern=r"^https?://[^/\s]+$")
    public_hub_url: str = Field(pattern=r"^https?://[^/\s]+$")
    inside_portal_url: str = Field(pattern=r"^http://[^/\s]+$")
    inside_hub_url: str = Field(pattern=r"^http://[^/\s]+$")
    accounts: Literal["local", "provider"] = "local"

    @property
    def portal_url(self) -> str:
        """Origin of the portal in browsers."""
        return self.public_portal_url

    @property
    def hub_url(self) -> str:
        """Hub and notebooks in browsers, with a slash."""
        return f"{self.public_hub_url}/"

    @property
    def portal_api_url(self) -> str:
        """The portal's REST API by its Service."""
        return f"{self.inside_portal_url}/api/v1"

    @property
    def inside_portal_api_url(self) -> str:
        """The same for notebook pods."""
        return self.portal_api_url

    @property
    def hub_api_url(self) -> str:
        """The hub's REST API by its Service."""
        return f"{self.inside_hub_url}/hub/api"


def take_keys(mounted: Path, folder: Path) -> None:
    """Copy the keys of a mounted Secret to where the platform looks, readable by their owner only.

    Kubernetes mounts a Secret for a group, and the platform refuses a key that others may read.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for key in (path for path in mounted.iterdir() if not path.name.startswith(".")):
        draft = folder / f".{key.name}.taken"
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.read_bytes().strip())
        draft.replace(folder / key.name)
