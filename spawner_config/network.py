"""Whom a notebook pod may talk to: peers as checked data, from which the network policies are made."""

from __future__ import annotations

import ipaddress
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from courses.schema import Frozen


class Port(Frozen):
    """One port of a peer."""

    number: int = Field(ge=1, le=65535)
    protocol: Literal["TCP", "UDP"] = "TCP"


class Peer(Frozen):
    """Pods chosen by labels of their namespace and their own, or a block of addresses; never "everything"."""

    namespace: dict[str, str] = Field(default_factory=dict, description="labels of the peer's namespace")
    pods: dict[str, str] = Field(default_factory=dict, description="labels of the peer's pods")
    cidr: str | None = Field(default=None, description="addresses outside the pod network, such as 10.0.0.5/32")
    ports: tuple[Port, ...] = Field(min_length=1)

    @field_validator("cidr")
    @classmethod
    def _narrow(cls, value: str | None) -> str | None:
        if value is not None and ipaddress.ip_network(value).prefixlen == 0:
            raise ValueError("0.0.0.0/0 would open the whole network")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.cidr is None) == (not self.namespace and not self.pods):
            raise ValueError("name either labels or a cidr")
        return self


def release(component: str, port: int) -> Peer:
    """Return a component of this platform in the namespace of the hub."""
    return Peer(
        namespace={"kubernetes.io/metadata.name": "axcampus"},
        pods={"component": component},
        ports=(Port(number=port),),
    )


DNS = Peer(
    namespace={"kubernetes.io/metadata.name": "kube-system"},
    pods={"k8s-app": "kube-dns"},
    ports=(Port(number=53, protocol="UDP"), Port(number=53)),
)


class Network(Frozen):
    """All arrows to and from a notebook pod. What is not named here is closed."""

    dns: tuple[Peer, ...] = (DNS,)
    hub: tuple[Peer, ...] = Field(default=(release("hub", 8081),), min_length=1)
    portal: tuple[Peer, ...] = Field(default=(release("portal", 8000),), min_length=1)
    packages: tuple[Peer, ...] = Field(default=(), description="a package proxy; none: nothing can be installed")
    ingress: tuple[Peer, ...] = Field(
        default=(release("proxy", 8888), release("hub", 8888)), min_length=1, description="who opens notebooks"
    )
