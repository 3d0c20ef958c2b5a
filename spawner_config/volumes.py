"""The volumes of a notebook pod: a home that stays, scratch space that goes, data that nobody can change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spawner_config.compute import Pool
from spawner_config.names import home_folder
from spawner_config.settings import NotebookSettings

Volume = dict[str, Any]


def make_volumes(settings: NotebookSettings, pool: Pool) -> list[Volume]:
    """Return the pod's volumes. No path of the host is among them."""
    volumes = [_home(settings), _memory("shm", pool.seat.shared_memory), _scratch("tmp", pool.seat.scratch)]
    if settings.shared_folder:
        volumes.append(_claim("shared", settings.shared_folder.claim, read_only=True))
    if settings.course_data:
        volumes.append(_claim("courses", settings.course_data.claim, read_only=True))
    return volumes


def make_mounts(settings: NotebookSettings, slug: str, courses: Iterable[str]) -> list[dict[str, Any]]:
    """Return where the volumes appear for one person, who sees the data of their own ``courses`` only."""
    home: dict[str, Any] = {"name": "home", "mountPath": settings.homes.path}
    if settings.homes.kind == "shared-claim":
        home["subPath"] = home_folder(slug)
    mounts = [home, {"name": "shm", "mountPath": "/dev/shm"}, {"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - in the pod
    if settings.shared_folder:
        mounts.append({"name": "shared", "mountPath": settings.shared_folder.path, "readOnly": True})
    return mounts + _course_mounts(settings, frozenset(courses))


def _course_mounts(settings: NotebookSettings, courses: frozenset[str]) -> list[dict[str, Any]]:
    data = settings.course_data
    if data is None:
        return []
    # Only folders that exist: the kubelet can't make a missing one in a read-only claim and the pod would hang.
    return [
        {"name": "courses", "mountPath": f"{data.path}/{course}", "subPath": course, "readOnly": True}
        for course in data.courses
        if course in courses
    ]


def _home(settings: NotebookSettings) -> Volume:
    # KubeSpawner fills in the name that it remembers, so a home outlives a change of the template.
    return _claim("home", settings.homes.claim or "{pvc_name}", read_only=False)


def _claim(name: str, claim: str, *, read_only: bool) -> Volume:
    source = {"claimName": claim} | ({"readOnly": True} if read_only else {})
    return {"name": name, "persistentVolumeClaim": source}


def _memory(name: str, size: str) -> Volume:
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": size}}


def _scratch(name: str, size: str) -> Volume:
    return {"name": name, "emptyDir": {"sizeLimit": size}}


def storage_traits(settings: NotebookSettings) -> dict[str, Any]:
    """Return KubeSpawner's traits for homes; deleting a person at the hub never deletes files."""
    homes = settings.homes
    traits: dict[str, Any] = {"storage_pvc_ensure": homes.kind == "claim-per-person", "delete_pvc": False}
    if homes.kind == "shared-claim":
        return traits
    traits |= {"storage_capacity": homes.capacity, "storage_access_modes": [homes.access_mode]}
    return traits | ({"storage_class": homes.storage_class} if homes.storage_class else {})


def home_environment(settings: NotebookSettings, python: str) -> dict[str, str]:
    """Return variables about files: what a learner installs goes to the home and is there again next time.

    pip refuses ``--user`` in the image's environment, so a prefix and a path for imports say the same. The server
    itself starts isolated from them (``SERVER_COMMAND``): nobody can install a server that won't start.
    Run-time files lie in /tmp, so that a server still starts (and can be tidied) when its home is full.
    """
    home = settings.homes.path
    index = {"PIP_INDEX_URL": settings.package_index} if settings.package_index else {}
    return {
        "HOME": home,
        "PIP_USER": "0",
        "PIP_PREFIX": f"{home}/.local",
        "PYTHONPATH": f"{home}/.local/lib/python{python}/site-packages",
        "PIP_CACHE_DIR": "/tmp/pip",  # noqa: S108 - the pod's own emptyDir
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter-runtime",  # noqa: S108
        "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
        "IPYTHONDIR": f"{home}/.ipython",
        "TMPDIR": "/tmp",  # noqa: S108
        **index,
    }
