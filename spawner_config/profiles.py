"""Profiles as a person meets them (who may choose which, in what words) and as KubeSpawner applies them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from spawner_config.access import courses_of, may_use
from spawner_config.names import person_slug
from spawner_config.resources import compute_environment, placement_traits, resource_traits
from spawner_config.settings import NotebookSettings
from spawner_config.volumes import home_environment, make_mounts, make_volumes


def allowed_profiles(settings: NotebookSettings, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the profiles that somebody in these hub groups may choose: profile and pool must both allow it."""
    own = frozenset(groups)
    return tuple(
        name
        for name, profile in settings.profiles.items()
        if may_use(profile.access, own) and may_use(settings.pool_of(name).access, own)
    )


def profile_traits(settings: NotebookSettings, name: str, username: str, groups: Iterable[str]) -> dict[str, Any]:
    """Return the traits of one profile for one person. Each sets the same traits: none outlives a change."""
    pool, image = settings.pool_of(name), settings.images[settings.profiles[name].image]
    return {
        **resource_traits(settings, pool),
        **placement_traits(pool),
        "image": image.reference,
        "image_pull_policy": image.pull_policy,
        "environment": {
            **home_environment(settings, image.python),
            **compute_environment(pool),
            "AXCAMPUS_PROFILE": name,
        },
        "volumes": make_volumes(settings, pool),
        "volume_mounts": make_mounts(settings, person_slug(username), courses_of(groups)),
        "extra_pod_config": pod_extras(settings, name),
    }


def pod_extras(settings: NotebookSettings, name: str) -> dict[str, Any]:
    """Return what KubeSpawner has no trait for.

    ``activeDeadlineSeconds`` is a backstop that the kubelet keeps without the hub; the culler keeps the caps.
    """
    runtime = settings.pool_of(name).runtime_class
    return {
        "activeDeadlineSeconds": int(settings.timing.backstop_hours * 3600),
        "enableServiceLinks": False,  # addresses of other services are nobody's business in here
        "terminationGracePeriodSeconds": settings.timing.stop_seconds,
        **({"runtimeClassName": runtime} if runtime else {}),
        **({"hostUsers": False} if settings.user_namespaces else {}),
    }


def profile_entry(settings: NotebookSettings, name: str, username: str, groups: Iterable[str]) -> dict[str, Any]:
    """Return one element of KubeSpawner's ``profile_list``; both languages stand in the names."""
    profile = settings.profiles[name]
    return {
        "slug": name,
        "display_name": f"{profile.name.ko} / {profile.name.en}",
        "description": f"{profile.purpose.ko} / {profile.purpose.en}",
        "default": profile.default,
        "kubespawner_override": profile_traits(settings, name, username, groups),
    }


def profile_list(settings: NotebookSettings) -> Callable[[Any], Awaitable[list[dict[str, Any]]]]:
    """Return the callable that KubeSpawner asks at each spawn: what this person may choose now, nothing else."""

    async def of_person(spawner: Any) -> list[dict[str, Any]]:
        groups = group_names(spawner.user)
        names = allowed_profiles(settings, groups)
        return [profile_entry(settings, name, str(spawner.user.name), groups) for name in names]

    return of_person


def group_names(user: Any) -> frozenset[str]:
    """Return the names of a hub user's groups."""
    return frozenset(str(group.name) for group in user.groups)
