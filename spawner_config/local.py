"""The same settings where servers are processes of one machine: profiles without a GPU, and what a seat may use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spawner_config.profiles import allowed_profiles
from spawner_config.quantities import in_bytes
from spawner_config.resources import compute_environment
from spawner_config.settings import NotebookSettings


def local_profiles(settings: NotebookSettings, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the profiles that one machine can start for somebody: nothing here divides a GPU between people."""
    return tuple(name for name in allowed_profiles(settings, groups) if not settings.pool_of(name).has_gpu)


def local_environment(settings: NotebookSettings, name: str) -> dict[str, str]:
    """Return the variables of a seat. Cores are a request to libraries here; only memory is kept to by the kernel."""
    seat = settings.pool_of(name).seat
    threads = {key: value for key, value in compute_environment(settings.pool_of(name)).items() if "NVIDIA" not in key}
    limits = {"CPU_LIMIT": str(seat.cpu_limit), "MEM_LIMIT": str(local_memory_bytes(settings, name))}
    return {"AXCAMPUS_PROFILE": name, **limits, **threads}


def local_memory_bytes(settings: NotebookSettings, name: str) -> int:
    """Return how much memory of its own each process of a seat may have; the launcher has the kernel keep to it."""
    return in_bytes(settings.pool_of(name).seat.memory_limit)


def local_choice(settings: NotebookSettings, options: Any, groups: Iterable[str]) -> str | None:
    """Return the profile that was asked for, the default one if none was, or None if this person may not have it."""
    asked = (options or {}).get("profile") or settings.default_name
    return asked if isinstance(asked, str) and asked in local_profiles(settings, groups) else None
