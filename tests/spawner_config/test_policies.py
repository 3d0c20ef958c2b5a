from __future__ import annotations

from typing import Any

from spawner_config.network import Network, Peer, Port
from spawner_config.policies import network_policies
from spawner_config.settings import NotebookSettings

POLICIES = {item["metadata"]["name"]: item["spec"] for item in network_policies(NotebookSettings())}


def test_everything_is_closed_first_in_both_directions() -> None:
    assert POLICIES["closed"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_without_a_package_proxy_there_is_no_arrow_to_packages() -> None:
    assert "notebook-to-packages" not in POLICIES


def test_a_package_proxy_is_one_more_arrow() -> None:
    proxy = Peer(cidr="10.0.0.9/32", ports=(Port(number=3128),))
    policies = network_policies(NotebookSettings(network=Network(packages=(proxy,))))
    assert "notebook-to-packages" in {item["metadata"]["name"] for item in policies}


def peers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [*spec.get("egress", []), *spec.get("ingress", [])]
    return [peer for rule in rules for peer in (*rule.get("to", []), *rule.get("from", []))]


def test_no_arrow_is_open_to_all_and_each_names_its_ports() -> None:
    for spec in POLICIES.values():
        assert all(peers({"egress": [rule]}) and rule["ports"] for rule in spec.get("egress", []))
        assert all(peer for peer in peers(spec))


def test_namespace_and_pods_of_a_peer_are_one_condition_not_two() -> None:
    assert all({"namespaceSelector", "podSelector"} == set(peer) for spec in POLICIES.values() for peer in peers(spec))
