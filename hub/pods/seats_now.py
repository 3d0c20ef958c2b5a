"""How many seats of each pool are free at this moment: what the cluster offers less what our pods hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spawner_config.names import COMPONENT, POOL_LABEL
from spawner_config.settings import NotebookSettings

Pod = Mapping[str, Any]
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Seats:
    """The seats of one pool."""

    total: int
    used: int

    @property
    def free(self) -> int:
        """Never below zero, also while a pool shrinks."""
        return max(0, self.total - self.used)


def holds_a_seat(pod: Pod) -> bool:
    """Say whether a pod is a notebook server that has not ended."""
    labels = pod["metadata"].get("labels") or {}
    ended = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return labels.get("component") == COMPONENT and POOL_LABEL in labels and not ended


def used_seats(pods: Iterable[Pod]) -> Counter[str]:
    """Count servers by pool; one that is being deleted still holds its GPU."""
    return Counter(pod["metadata"]["labels"][POOL_LABEL] for pod in pods if holds_a_seat(pod))


def offered(nodes: Iterable[Node], resource: str) -> int:
    """Count how much of an extended resource the nodes that take pods offer."""
    return sum(int(node["status"].get("allocatable", {}).get(resource, "0")) for node in nodes if takes_pods(node))


def takes_pods(node: Node) -> bool:
    """Say whether a node is ready and not closed for maintenance."""
    conditions = {item["type"]: item["status"] for item in node["status"].get("conditions") or []}
    return conditions.get("Ready") == "True" and not node.get("spec", {}).get("unschedulable", False)


def seats_of_pools(settings: NotebookSettings, pods: Iterable[Pod], nodes: Iterable[Node] | None) -> dict[str, Seats]:
    """Return the seats of every pool. ``nodes`` None: the hub may not list nodes, so the settings are believed."""
    used, known = used_seats(pods), None if nodes is None else list(nodes)
    return {name: Seats(_total(pool.seats, pool.resource, known), used[name]) for name, pool in settings.pools.items()}


def _total(seats: int, resource: str | None, nodes: list[Node] | None) -> int:
    if resource is None or nodes is None:
        return seats
    return min(seats, offered(nodes, resource))
