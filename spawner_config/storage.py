"""Where people's files are: a home of their own, a shared folder and course data that nobody can change."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from courses.schema import Frozen, Slug
from spawner_config.quantities import Bytes, Name

#: An absolute path without "..", spaces or braces (KubeSpawner expands those).
MountPath = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$")]


class Homes(Frozen):
    """``claim-per-person``: the storage class makes and limits each home. ``shared-claim``: one folder a person in a
    claim that exists (NFS): how much fits is then the file server's quota.
    """

    kind: Literal["claim-per-person", "shared-claim"] = "claim-per-person"
    path: MountPath = "/home/jovyan"
    capacity: Bytes = "10Gi"
    storage_class: str | None = Field(default=None, description="None: the cluster's default")
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    claim: Name | None = Field(default=None, description="the shared claim")

    @model_validator(mode="after")
    def _claim_is_named(self) -> Self:
        if (self.kind == "shared-claim") != (self.claim is not None):
            raise ValueError("name the claim for kind shared-claim, and only then")
        return self


class SharedFolder(Frozen):
    """A claim that every server sees read-only."""

    claim: Name
    path: MountPath = "/srv/shared"


class CourseData(Frozen):
    """A claim with one folder a course, read-only and only for the people of that course."""

    claim: Name
    path: MountPath = "/srv/courses"
    courses: tuple[Slug, ...] = Field(min_length=1, description="courses whose folder exists in the claim")
