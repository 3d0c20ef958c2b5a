"""Amounts as Kubernetes writes them: checked text that two notations are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

#: Memory or disk: "512Mi", "8Gi".
Bytes = Annotated[str, Field(pattern=r"^[1-9]\d{0,5}(Mi|Gi|Ti)$", description="memory or disk, such as 8Gi")]

#: A name of a pool, a profile or an image: part of labels and addresses.
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]

#: An extended resource: ``vendor.domain/name``, as a device plugin or a DeviceClass publishes it.
ResourceName = Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.[a-z]{2,}/[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]$")]

_FACTORS = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def in_bytes(amount: str) -> int:
    """``"8Gi"`` -> 8589934592."""
    return int(amount[:-2]) * _FACTORS[amount[-2:]]


def spawner_bytes(amount: str) -> str:
    """``"8Gi"`` -> ``"8G"``: JupyterHub's notation, whose G is 2**30 too."""
    return amount.removesuffix("i")
