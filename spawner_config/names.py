"""Every Kubernetes name and label of a notebook server, each from one function."""

from __future__ import annotations

import base64
import hashlib
import re

POOL_LABEL, PROFILE_LABEL, SESSION_LABEL = "axcampus/pool", "axcampus/profile", "axcampus/session"
PERSON_LABEL = "axcampus/person"

#: Set on each pod of ours; policies, the count of seats and the reaper choose by it.
COMPONENT = "singleuser-server"

#: In KubeSpawner's templates; our spawner puts the person's slug there.
SLUG_FIELD = "{slug}"


def person_slug(username: str) -> str:
    """Return a name for a person's things that never changes and doesn't say who it is: ``minji.kim`` -> ``u-x4...``.

    80 bits of SHA-256: stable when a hub loses its database, and no user name is ever an invalid one.
    """
    digest = hashlib.sha256(f"axcampus-person:{username}".encode()).digest()
    return "u-" + base64.b32encode(digest[:10]).decode("ascii").lower()


def pod_template() -> str:
    """Return KubeSpawner's template of a pod's name."""
    return f"nb-{SLUG_FIELD}"


def claim_template() -> str:
    """Return KubeSpawner's template of the name of a home's claim."""
    return f"home-{SLUG_FIELD}"


def home_folder(slug: str) -> str:
    """Return a person's folder in a shared claim."""
    if not re.fullmatch(r"u-[a-z2-7]{16}", slug):
        raise ValueError(f"not a slug of a person: {slug!r}")
    return f"homes/{slug}"


def session_labels(pool: str, profile: str, session_id: str, slug: str) -> dict[str, str]:
    """Return the labels by which the session ledger and the reaper know a pod."""
    return {POOL_LABEL: pool, PROFILE_LABEL: profile, SESSION_LABEL: session_id, PERSON_LABEL: slug}
