"""Answers from rendered NetworkPolicies who reaches whom, as Kubernetes defines it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from helm.chart import NAMESPACE, Manifest


@dataclass(frozen=True)
class End:
    """A pod by namespace and labels, or an address outside."""

    labels: dict[str, str] = field(default_factory=dict)
    namespace: str = NAMESPACE
    address: str | None = None


def reaches(policies: Iterable[Manifest], source: End, target: End, port: int) -> bool:
    """Tell whether both sides allow it; a side that no policy chooses allows everything."""
    kept = [policy for policy in policies if policy["kind"] == "NetworkPolicy"]
    out = target.address is not None and source.address is not None
    assert not out, "one end must be a pod"
    return _allows(kept, "Egress", source, target, port) and _allows(kept, "Ingress", target, source, port)


def _allows(policies: list[Manifest], direction: str, pod: End, other: End, port: int) -> bool:
    if pod.address is not None:
        return True
    chosen = [p["spec"] for p in policies if _chooses(p, pod) and direction in p["spec"]["policyTypes"]]
    rules = [rule for spec in chosen for rule in spec.get(direction.lower(), [])]
    side = "to" if direction == "Egress" else "from"
    return not chosen or any(_fits(rule, side, pod, other, port) for rule in rules)


def _fits(rule: Manifest, side: str, pod: End, other: End, port: int) -> bool:
    ports = [item["port"] for item in rule.get("ports", [])]
    peers = rule.get(side, [])
    return (not ports or port in ports) and (not peers or any(_is(peer, pod, other) for peer in peers))


def _chooses(policy: Manifest, pod: End) -> bool:
    namespace = policy["metadata"].get("namespace", NAMESPACE)
    return namespace == pod.namespace and _matches(policy["spec"]["podSelector"], pod.labels)


def _is(peer: Manifest, pod: End, other: End) -> bool:
    if "ipBlock" in peer:
        block = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        return other.address is not None and ipaddress.ip_address(other.address) in block
    if other.address is not None:
        return False
    where = {"kubernetes.io/metadata.name": other.namespace}
    same = (
        _matches(peer["namespaceSelector"], where) if "namespaceSelector" in peer else other.namespace == pod.namespace
    )
    return same and _matches(peer.get("podSelector", {}), other.labels)


def _matches(selector: Manifest, labels: dict[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for rule in selector.get("matchExpressions", []):
        assert rule["operator"] == "In"
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return True
