"""The hub's configuration on a cluster: all of ours but what zero-to-jupyterhub knows better, as plain data."""

from __future__ import annotations

from typing import Any

from cluster_settings import ClusterSettings

from hub.configure import hub_configuration
from hub.keys import Keys

#: The chart below says where hub, proxy and database are, and keeps the cookie secret.
OF_THE_CHART = frozenset({"bind_url", "hub_bind_url", "hub_connect_url", "db_url", "cookie_secret"})


def cluster_configuration(settings: ClusterSettings, keys: Keys) -> dict[str, dict[str, Any]]:
    """``{class: {trait: value}}`` to be laid over the configuration of zero-to-jupyterhub."""
    found = hub_configuration(settings, keys)
    hub = {name: value for name, value in found.pop("JupyterHub").items() if name not in OF_THE_CHART}
    found.pop("ConfigurableHTTPProxy")
    if settings.accounts == "provider":
        hub.pop("authenticator_class")
        found.pop("CampusAuthenticator")
    return {"JupyterHub": hub | {"public_url": settings.hub_url}, **found}
