"""Puts the settings into KubeSpawner's configuration: the only file here that knows traitlets' ``c``."""

from __future__ import annotations

from typing import Any

from courses.catalog import Catalog
from spawner_config.names import COMPONENT, claim_template, pod_template
from spawner_config.profiles import profile_list
from spawner_config.security import security_traits
from spawner_config.settings import NotebookSettings, SettingsError
from spawner_config.volumes import storage_traits

NOTEBOOK_PORT = 8888

#: ``-I``: nothing that a learner put in the home is imported by the server, only by kernels and terminals.
#: Every request's permission is asked of the hub anew after half a minute: a helper's time ends when it says.
SERVER_COMMAND = ["python", "-I", "-m", "jupyterhub.singleuser", "--HubOAuth.cache_max_age=30"]

#: A pod counts as started when its server accepts connections, so nobody is sent to a page that isn't there yet.
READINESS_PROBE = {"tcpSocket": {"port": NOTEBOOK_PORT}, "periodSeconds": 1, "failureThreshold": 3}


def check_courses(settings: NotebookSettings, catalog: Catalog) -> None:
    """Refuse settings that name a course which does not exist: a typo would quietly close a profile to everybody."""
    rules = [pool.access for pool in settings.pools.values()] + [item.access for item in settings.profiles.values()]
    known = {course.slug for course in catalog}
    named = {course for rule in rules for course in rule.courses}
    named |= set(settings.course_data.courses) if settings.course_data else set()
    if missing := sorted(named - known):
        raise SettingsError(f"no such course: {', '.join(missing)} (known: {', '.join(sorted(known))})")


def spawner_traits(settings: NotebookSettings) -> dict[str, Any]:
    """Return KubeSpawner's traits that are the same for every profile."""
    return {
        **storage_traits(settings),
        **security_traits(),
        "namespace": settings.namespace,
        "pod_name_template": pod_template(),
        "pvc_name_template": claim_template(),
        "component_label": COMPONENT,
        "common_labels": {"app.kubernetes.io/part-of": "axcampus"},
        "cmd": SERVER_COMMAND,
        "port": NOTEBOOK_PORT,
        "working_dir": settings.homes.path,
        "notebook_dir": settings.homes.path,
        "default_url": "/lab",
        "image_pull_secrets": list(settings.image_pull_secrets),
        "service_account": None,
        "env_keep": [],
        "extra_container_config": {"readinessProbe": READINESS_PROBE},
        "profile_list": profile_list(settings),
        **time_traits(settings),
    }


def time_traits(settings: NotebookSettings) -> dict[str, Any]:
    """Return the time-outs. The hub's own lie beyond ours, which have words and are no failures of the hub."""
    timing = settings.timing
    return {
        "start_timeout": timing.start_seconds + 60,
        "http_timeout": 30,
        "k8s_api_request_timeout": 5,
        "k8s_api_request_retry_timeout": 30,
        "delete_grace_period": timing.stop_seconds,
        "poll_interval": 10,
        "events_enabled": True,
        "consecutive_failure_limit": 0,
    }


def apply(c: Any, settings: NotebookSettings, catalog: Catalog, class_name: str = "KubeSpawner") -> None:
    """Write everything into ``c.<class_name>``; raises SettingsError before anything is written."""
    check_courses(settings, catalog)
    c[class_name].update(spawner_traits(settings))
