"""The hub while the API server answers wrongly, late or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import Namespace
from tests.cluster.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.cluster.hub_on_cluster import HubOnCluster, own_address
from tests.conftest import free_ports

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

PODS = "/pods"


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, namespace: Namespace, kubeconfig: Path
) -> Iterator[tuple[HubOnCluster, FaultProxy]]:
    folder = tmp_path_factory.mktemp("hub")
    with fault_proxy(folder) as (faulty, file):
        hub = HubOnCluster(namespace, folder, own_address(), free_ports(4), file)
        hub.prepare()
        with (folder / "config.py").open("a") as config:
            config.write("get_config().CampusPodSpawner.k8s_api_request_retry_timeout = 5\n")
        hub.start()
        yield hub, faulty
        faulty.faults.clear()
        hub.stop()


@pytest.fixture
def hub(both: tuple[HubOnCluster, FaultProxy]) -> HubOnCluster:
    return both[0]


@pytest.fixture
def faulty(both: tuple[HubOnCluster, FaultProxy]) -> FaultProxy:
    both[1].faults.clear()
    both[1].injected = 0
    return both[1]


@pytest.mark.parametrize("status", [409, 410, 429, 500, 503])
def test_a_start_outlives_an_error_that_passes(hub: HubOnCluster, faulty: FaultProxy, status: int) -> None:
    person = hub.person(f"passes.{status}")
    faulty.faults.append(Fault("POST", PODS, status, times=1))
    person.start()
    assert faulty.injected == 1
    person.stop()


def test_a_start_outlives_an_answer_that_is_late(hub: HubOnCluster, faulty: FaultProxy) -> None:
    person = hub.person("late.one")
    faulty.faults.append(Fault("POST", PODS, seconds=3, times=1))
    person.start()
    person.stop()


def test_a_full_quota_is_told_as_such(hub: HubOnCluster, faulty: FaultProxy) -> None:
    person = hub.person("quota.one")
    faulty.faults.append(Fault("POST", PODS, 403, message='pods "x" is forbidden: exceeded quota: gpus, requested: 1'))
    assert "한꺼번에 쓸 수 있는 양" in person.refusal()


@pytest.mark.parametrize("status", [500, 429])
def test_five_starts_into_an_outage_leave_the_hub_up(hub: HubOnCluster, faulty: FaultProxy, status: int) -> None:
    person = hub.person(f"outage.{status}")
    faulty.faults.append(Fault("POST", PODS, status))
    for _ in range(5):
        assert "클러스터가 지금 응답하지 않습니다" in person.refusal()
    time.sleep(3)
    assert hub.processes["hub"].poll() is None
    faulty.faults.clear()
    person.start()
    person.stop()


def test_a_watch_that_breaks_is_taken_up_again(hub: HubOnCluster, faulty: FaultProxy) -> None:
    person = hub.person("watch.one")
    faulty.faults.append(Fault("GET", PODS, 410, times=2, watch=True))
    person.start()
    hub.namespace.kubectl("delete", "pod", person.pod_name, "--grace-period=0", "--force")
    hub.until(lambda: not person.is_running(), 60, "the hub did not notice")


def test_a_hub_that_starts_during_an_outage_ends_no_server(hub: HubOnCluster, faulty: FaultProxy) -> None:
    person = hub.person("outage.start")
    person.start()
    hub.kill_hub()
    faulty.faults += [Fault(method, PODS, 503, watch=watch) for method in ("GET", "DELETE") for watch in (False, True)]
    hub.start()
    assert person.is_running()
    faulty.faults.clear()
    assert person.kernel().run("print(1)") == "1"
    assert person.pod()["status"]["phase"] == "Running"
    person.stop()
