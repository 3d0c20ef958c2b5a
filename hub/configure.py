"""The whole configuration of JupyterHub as pure functions: settings in, ``{class: {trait: value}}`` out.

Notebook servers are processes of this machine or pods of a cluster; one file of settings drives both.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from courses.catalog import load_catalog
from graders.engine.landlock import abi_version
from hub.auth import CampusAuthenticator
from hub.culling.pages import HANDLERS
from hub.events import EventPost
from hub.groups import PortalGroups
from hub.helping.doors import HelpLog
from hub.helping.pages import HANDLERS as HELP_HANDLERS
from hub.invited import PortalInvitations
from hub.keys import Keys
from hub.request_ids import log_request_with_id
from hub.services import hub_roles, hub_services
from hub.settings import PROJECT_ROOT, Settings
from hub.spawner import CampusSpawner
from spawner_config.apply import check_courses, spawner_traits
from spawner_config.settings import LocalNotebooks, NotebookSettings, load_notebooks

#: Named, not imported: a laptop that starts processes needs no client of Kubernetes, whose import takes a second.
POD_SPAWNER = "hub.pods.spawner.CampusPodSpawner"

Traits = dict[str, dict[str, Any]]

#: One page shows frames of nobody and is framed by nobody but itself.
CONTENT_SECURITY_POLICY = "frame-ancestors 'self'; object-src 'none'; base-uri 'self'"


def local_notebooks(settings: Settings) -> LocalNotebooks:
    """Return the facts that the local spawner needs."""
    return LocalNotebooks(
        homes=settings.homes,
        logs=settings.logs,
        packages=settings.notebook_packages,
        project=PROJECT_ROOT,
        prefix=Path(sys.prefix),
        base_prefix=Path(sys.base_prefix),
        portal_api_url=settings.portal_api_url,
        instance=settings.instance,
        start_seconds=settings.notebook_start_seconds,
    )


def hub_traits(settings: Settings, keys: Keys) -> dict[str, Any]:
    """The hub process: it neither starts nor stops the proxy or the servers, so that it can be restarted."""
    return {
        "bind_url": settings.hub_url,
        **hub_address_traits(settings),
        "db_url": f"sqlite:///{settings.hub_folder / 'jupyterhub.sqlite'}",
        "cookie_secret": bytes.fromhex(keys.hub_cookie_secret),
        "oauth_require_pkce": True,
        "last_activity_interval": 60,
        "implicit_spawn_seconds": 0.5,
        "cleanup_servers": False,
        "cleanup_proxy": False,
        "authenticator_class": CampusAuthenticator,
        "spawner_class": POD_SPAWNER if settings.notebooks_run_as == "pods" else CampusSpawner,
        "services": hub_services(settings, keys),
        "load_roles": hub_roles(),
        "concurrent_spawn_limit": 20,
        "log_level": settings.log_level,
        "tornado_settings": {
            "headers": {"Content-Security-Policy": CONTENT_SECURITY_POLICY},
            "slow_spawn_timeout": 0,
            "log_function": log_request_with_id,
            "invitations": PortalInvitations(settings.portal_api_url, keys.portal_service_token),
        },
    }


def hub_address_traits(settings: Settings) -> dict[str, Any]:
    """Where the hub listens, and the address at which a pod finds it."""
    if settings.notebooks_run_as == "processes":
        return {"hub_bind_url": f"http://127.0.0.1:{settings.hub_port}"}
    subdomains = {"subdomain_host": settings.subdomain_host} if settings.subdomain_host else {}
    return {
        "hub_bind_url": f"http://0.0.0.0:{settings.hub_port}",
        "hub_connect_url": f"http://{settings.inside_host or '127.0.0.1'}:{settings.hub_port}",
        "extra_handlers": [*HANDLERS, *HELP_HANDLERS],
        **subdomains,
    }


def page_traits(settings: Settings, notebooks: NotebookSettings) -> dict[str, Any]:
    """Our pages instead of JupyterHub's, and what they need to know."""
    in_pods = settings.notebooks_run_as == "pods"
    return {
        "template_paths": [str(PROJECT_ROOT / "hub" / "templates")],
        "template_vars": {
            "portal_url": settings.portal_url,
            "has_walls": in_pods or abi_version() > 0,
            "has_help": in_pods,
            "cpu_profile": notebooks.default_name if in_pods and len(notebooks.profiles) > 1 else "",
        },
    }


def proxy_traits(settings: Settings, keys: Keys) -> dict[str, Any]:
    """The proxy is a part of its own: notebooks stay reachable while the hub restarts."""
    return {"should_start": False, "api_url": settings.proxy_api_url, "auth_token": keys.proxy_token}


def authenticator_traits(settings: Settings) -> dict[str, Any]:
    """Everybody with an account may sign in; nobody is an administrator of the hub itself."""
    return {
        "allow_all": True,
        "accounts_path": str(settings.accounts_path),
        "portal_url": settings.portal_url,
        "username_pattern": r"^[a-z][a-z0-9._-]{0,30}[a-z0-9]$",
        "auth_refresh_age": 60,
        "refresh_pre_spawn": True,
    }


def process_traits(settings: Settings, keys: Keys, chosen: NotebookSettings) -> dict[str, Any]:
    """One server a person; the time-outs of the hub lie beyond ours, which have words."""
    notebooks = local_notebooks(settings)
    return {
        "notebooks": notebooks,
        "settings": chosen,
        "accounts_path": str(settings.accounts_path),
        "events": event_post(settings, keys),
        "env_keep": [],
        "default_url": "/lab",
        "start_timeout": notebooks.start_seconds + 15,
        "http_timeout": notebooks.start_seconds,
        "interrupt_timeout": notebooks.stop_seconds,
        "consecutive_failure_limit": 0,
        "poll_interval": 10,
    }


def event_post(settings: Settings, keys: Keys) -> EventPost:
    """Return what tells the portal about servers."""
    address = f"{settings.portal_api_url}/internal/hub-events"
    return EventPost(settings.run / "hub-events", address, keys.portal_service_token)


def pod_traits(settings: Settings, keys: Keys, notebooks: NotebookSettings) -> dict[str, Any]:
    """KubeSpawner's traits and those of our subclass; a course that does not exist is refused here."""
    check_courses(notebooks, load_catalog(settings.courses))
    return spawner_traits(notebooks) | {
        "settings": notebooks,
        "portal_api_url": settings.inside_portal_api_url,
        "events_post": event_post(settings, keys),
        "groups": PortalGroups(settings.portal_api_url, keys.portal_service_token),
        "help_log": HelpLog(settings.logs / "help.jsonl"),
    }


def hub_configuration(settings: Settings, keys: Keys) -> Traits:
    """Return everything that is set in JupyterHub's configuration."""
    notebooks = load_notebooks(settings.notebooks_file)
    spawner = (
        {"CampusPodSpawner": pod_traits(settings, keys, notebooks)}
        if settings.notebooks_run_as == "pods"
        else {"CampusSpawner": process_traits(settings, keys, notebooks)}
    )
    return {
        "JupyterHub": hub_traits(settings, keys) | page_traits(settings, notebooks),
        "ConfigurableHTTPProxy": proxy_traits(settings, keys),
        "CampusAuthenticator": authenticator_traits(settings),
        **spawner,
    }
