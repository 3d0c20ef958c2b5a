"""The environment variables of a local notebook server: an allow-list, so that nothing of the hub's leaks in."""

from __future__ import annotations

from pathlib import Path

from spawner_config.settings import LocalNotebooks

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


def temporary_folder(home: Path) -> Path:
    """A person's own folder for temporary files: the shared ``/tmp`` is behind the wall."""
    return home / ".cache" / "tmp"


def notebook_environment(notebooks: LocalNotebooks, username: str, home: Path) -> dict[str, str]:
    """Return what a server of ``username`` gets besides the hub's own ``JUPYTERHUB_*`` variables."""
    return {
        "AXCAMPUS_INSTANCE": notebooks.instance,
        "AXCAMPUS_PORTAL_API": notebooks.portal_api_url,
        "HOME": str(home),
        "USER": username,
        "LOGNAME": username,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": f"{notebooks.prefix / 'bin'}:{SYSTEM_PATH}",
        "VIRTUAL_ENV": str(notebooks.prefix),
        "PYTHONPATH": str(notebooks.packages),
        "TMPDIR": str(temporary_folder(home)),
        "JUPYTER_CONFIG_PATH": str(notebooks.project / "graders" / "exchange" / "config"),
        "JUPYTER_PATH": str(notebooks.project / "hub" / "lab" / "share" / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_RUNTIME_DIR": str(home / ".local" / "share" / "jupyter" / "runtime"),
    }
