"""NetworkPolicies of the notebooks' namespace: everything is closed, then each allowed arrow is one named object."""

from __future__ import annotations

from typing import Any

from spawner_config.names import COMPONENT
from spawner_config.network import Peer
from spawner_config.settings import NotebookSettings

Manifest = dict[str, Any]

NOTEBOOKS = {"matchLabels": {"component": COMPONENT}}


def network_policies(settings: NotebookSettings) -> list[Manifest]:
    """Return all policies of the namespace; peers that are not set have no arrow."""
    network = settings.network
    arrows = {
        "notebook-to-dns": network.dns,
        "notebook-to-hub": network.hub,
        "notebook-to-portal": network.portal,
        "notebook-to-packages": network.packages,
    }
    egress = [_egress(settings, name, peers) for name, peers in arrows.items() if peers]
    return [_closed(settings), *egress, _ingress(settings)]


def _closed(settings: NotebookSettings) -> Manifest:
    """Choose every pod, of ours or not, and allow nothing."""
    return _policy(settings, "closed", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})


def _egress(settings: NotebookSettings, name: str, peers: tuple[Peer, ...]) -> Manifest:
    rules = [{"to": [_peer(peer)], "ports": _ports(peer)} for peer in peers]
    return _policy(settings, name, {"podSelector": NOTEBOOKS, "policyTypes": ["Egress"], "egress": rules})


def _ingress(settings: NotebookSettings) -> Manifest:
    rules = [{"from": [_peer(peer)], "ports": _ports(peer)} for peer in settings.network.ingress]
    return _policy(
        settings, "proxy-to-notebook", {"podSelector": NOTEBOOKS, "policyTypes": ["Ingress"], "ingress": rules}
    )


def _peer(peer: Peer) -> Manifest:
    if peer.cidr is not None:
        return {"ipBlock": {"cidr": peer.cidr}}
    # Both selectors in ONE element: as two elements they would mean "or", any pod of that namespace.
    chosen = {"namespaceSelector": peer.namespace, "podSelector": peer.pods}
    return {selector: {"matchLabels": labels} for selector, labels in chosen.items() if labels}


def _ports(peer: Peer) -> list[Manifest]:
    return [{"port": port.number, "protocol": port.protocol} for port in peer.ports]


def _policy(settings: NotebookSettings, name: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": settings.namespace},
        "spec": spec,
    }
