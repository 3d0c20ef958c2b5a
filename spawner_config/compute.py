"""Pools (what hardware there is, for how many) and profiles (what a person chooses), as checked data."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from courses.schema import Frozen, Text
from spawner_config.access import EVERYONE, Access
from spawner_config.quantities import Bytes, Name, ResourceName

#: ``repository:tag`` or ``repository@digest``.
IMAGE = r"[a-z0-9][a-z0-9._/:-]*(:(?!latest$)\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})"


class Toleration(Frozen):
    """A taint that the pods of a pool accept, in the words of Kubernetes."""

    key: str = Field(min_length=1)
    operator: Literal["Exists", "Equal"] = "Exists"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = "NoSchedule"


class Seat(Frozen):
    """What one running server gets: guarantees are reserved on the node, limits are never passed."""

    cpu_guarantee: float = Field(default=0.25, gt=0, description="cores")
    cpu_limit: float = Field(default=2, gt=0, description="cores")
    memory_guarantee: Bytes = "1Gi"
    memory_limit: Bytes = "4Gi"
    shared_memory: Bytes = Field(default="512Mi", description="shared memory; counts toward the memory limit")
    scratch: Bytes = Field(default="4Gi", description="temporary files, logs and all that is not the home")


class Pool(Frozen):
    """A kind of seat. ``resource`` None: no accelerator."""

    resource: ResourceName | None = None
    seats: int = Field(ge=0, description="most servers at a time; fewer if the nodes offer fewer")
    weight: float = Field(default=0, ge=0, description="slices of a GPU that one seat takes, for budgets")
    isolation: Literal["none", "shared", "slice", "whole"] = Field(
        default="none", description="shared: time-sliced, neither memory nor faults are kept apart: practice only"
    )
    seat: Seat = Seat()
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    runtime_class: str | None = None
    priority_class: str | None = None
    session_hours: float = Field(default=12, gt=0, description="cap that the culler keeps; renewable if nobody waits")
    idle_minutes: int = Field(default=60, ge=5, description="idle longer than this: notice, then stop")
    access: Access = EVERYONE

    @property
    def has_gpu(self) -> bool:
        """Whether a seat holds an accelerator."""
        return self.resource is not None


class Profile(Frozen):
    """What a person chooses: names, what it is for, a pool and a curated image."""

    name: Text
    purpose: Text
    pool: Name
    image: Name = "cpu"
    access: Access = EVERYONE
    default: bool = False


class Image(Frozen):
    """A curated notebook image; the tag must not move, so ``latest`` and no tag at all are refused."""

    reference: str
    python: str = Field(default="3.11", pattern=r"^3\.\d{1,2}$", description="its version: where installed packages go")
    pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"

    @field_validator("reference")
    @classmethod
    def _pinned(cls, value: str) -> str:
        if not re.fullmatch(IMAGE, value):
            raise ValueError("must be repository:tag or repository@sha256:..., and the tag not latest")
        return value
