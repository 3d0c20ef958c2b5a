"""What runs beside the hub and what each may do there: services, roles and scopes, as plain data."""

from __future__ import annotations

from typing import Any

from hub.keys import Keys
from hub.settings import PORTAL_CLIENT_ID, PORTAL_SERVICE, Settings

DEMO_SERVICE = "demo"
SUPERVISOR_SERVICE = "supervisor"

#: What the portal needs: who is who, who runs a server, "open notebook" and "stop". Groups are asked of it by the hub.
PORTAL_SCOPES = ("list:users", "read:users", "read:servers", "list:groups", "read:groups", "servers")

#: ``axcampus demo`` makes people and gets tokens in their names. The portal must not be able to, so this is another
#: service with a token of its own that no running process holds.
DEMO_SCOPES = ("admin:users", "tokens", "servers", "read:users", "list:users")


def hub_services(settings: Settings, keys: Keys) -> list[dict[str, Any]]:
    """Return the services: the portal as an OAuth client; demonstration class and supervisor with a token each."""
    portal = {
        "name": PORTAL_SERVICE,
        "display": False,
        "api_token": keys.portal_service_token,
        "oauth_client_id": PORTAL_CLIENT_ID,
        "oauth_redirect_uri": f"{settings.portal_url}/auth/callback",
        "oauth_no_confirm": True,
    }
    others = {DEMO_SERVICE: keys.demo_service_token, SUPERVISOR_SERVICE: keys.supervisor_service_token}
    return [portal, *({"name": name, "display": False, "api_token": token} for name, token in others.items())]


def hub_roles() -> list[dict[str, Any]]:
    """Return the roles. JupyterHub's own user role has no ``access:services``: without it nobody enters the portal."""
    return [
        {"name": "user", "scopes": ["self", f"access:services!service={PORTAL_SERVICE}"]},
        {"name": "portal-service", "services": [PORTAL_SERVICE], "scopes": list(PORTAL_SCOPES)},
        {"name": "demo-service", "services": [DEMO_SERVICE], "scopes": list(DEMO_SCOPES)},
        {"name": "supervisor-service", "services": [SUPERVISOR_SERVICE], "scopes": ["proxy"]},
    ]
