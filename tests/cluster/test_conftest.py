"""The cluster tier itself: it stays inside namespaces of its own."""

from __future__ import annotations

import pytest

from tests.cluster.conftest import KubectlError, Namespace

pytestmark = pytest.mark.cluster


def config_map(**metadata: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", **metadata}}


def test_an_object_lands_in_the_tests_own_namespace(namespace: Namespace) -> None:
    namespace.apply(config_map())
    assert "x" in [each["metadata"]["name"] for each in namespace.get("configmaps")]


def test_an_object_of_another_namespace_is_refused(namespace: Namespace) -> None:
    with pytest.raises(AssertionError):
        namespace.apply(config_map(namespace="default"))


def test_a_privileged_pod_is_refused_by_the_namespace(namespace: Namespace) -> None:
    container = {"name": "c", "image": "x:1", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        namespace.apply(pod)
