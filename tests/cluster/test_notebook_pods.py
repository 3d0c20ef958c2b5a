"""The real hub on a real cluster: starting, refusing, surviving, keeping apart."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import Namespace
from tests.cluster.hub_on_cluster import HubOnCluster, Person, own_address
from tests.conftest import free_ports

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

TEACHER = "course:manufacturing-ai:instructor"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, namespace: Namespace, kubeconfig: Path) -> Iterator[HubOnCluster]:
    folder = tmp_path_factory.mktemp("hub")
    made = HubOnCluster(namespace, folder, own_address(), free_ports(4), kubeconfig)
    made.prepare()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def minji(hub: HubOnCluster) -> Person:
    """A student with a running GPU server."""
    person = hub.person("minji.kim")
    person.start(profile="gpu")
    return person


@pytest.fixture(scope="module")
def jun(hub: HubOnCluster, minji: Person) -> Person:
    """Another one: with minji all GPUs of the cluster are taken."""
    person = hub.person("jun.lee")
    person.start(profile="gpu")
    return person


def test_two_students_with_a_gpu_run_code_in_kernels_through_the_proxy(minji: Person, jun: Person) -> None:
    assert [person.kernel().run("print(6 * 7)") for person in (minji, jun)] == ["42", "42"]
    limits = minji.pod()["spec"]["containers"][0]["resources"]["limits"]
    assert limits["nvidia.com/gpu"] == "1"


def test_a_third_is_refused_before_a_pod_is_made_and_told_what_to_do(hub: HubOnCluster, jun: Person) -> None:
    sora = hub.person("sora.park")
    said = sora.refusal(profile="gpu")
    assert "모두 사용 중" in said
    assert "Start on CPU now" in said
    assert sora.pod_name not in [pod["metadata"]["name"] for pod in hub.pods()]


def test_the_refused_one_starts_on_cpu_with_no_gpu_at_all(hub: HubOnCluster, jun: Person) -> None:
    dana = hub.person("dana.choi")
    dana.refusal(profile="gpu")
    dana.start(profile="cpu")
    assert dana.pod()["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "0"
    assert dana.kernel().run("import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])") == "void"
    dana.stop()


def test_the_pod_names_nobody_and_holds_no_token_of_the_cluster(minji: Person) -> None:
    pod = minji.pod()
    assert "minji" not in str(pod["metadata"])
    assert minji.shell("ls /var/run/secrets/kubernetes.io")[0] != 0
    assert pod["metadata"]["labels"]["axcampus/pool"] == "gpu"


def test_only_home_and_scratch_can_be_written(minji: Person) -> None:
    assert minji.shell("touch ~/x /tmp/x /dev/shm/x")[0] == 0
    assert minji.shell("touch /opt/axcampus/x /usr/x /srv/x")[0] != 0
    assert minji.shell("id -u")[1].split()[-1] == "1000"


#: A wheel made by hand: the pods reach no package index.
INSTALL = """
import subprocess, zipfile
with zipfile.ZipFile('/tmp/mine-1-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('mine.py', 'x = 5')
    wheel.writestr('mine-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: mine\\nVersion: 1\\n')
    wheel.writestr('mine-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('mine-1.dist-info/RECORD', '')
done = subprocess.run(['pip', 'install', '--no-index', '/tmp/mine-1-py3-none-any.whl'], capture_output=True, text=True)
print(done.returncode, done.stderr)
"""


def test_what_a_learner_installs_stays_and_can_not_keep_the_server_from_starting(hub: HubOnCluster) -> None:
    person = hub.person("yuna.han")
    person.start()
    assert person.kernel().run(INSTALL).startswith("0")
    assert person.shell("echo 'raise SystemExit(9)' > ~/.local/lib/python3.11/site-packages/jupyterhub.py")[0] == 0
    person.stop()
    person.start()
    assert person.kernel().run("import mine; print(mine.x)") == "5"
    person.stop()


def test_a_home_survives_stop_and_start(hub: HubOnCluster) -> None:
    person = hub.person("hana.seo")
    person.start()
    assert person.shell("echo kept > ~/work.txt")[0] == 0
    person.stop()
    person.start()
    assert "kept" in person.shell("cat ~/work.txt")[1]
    person.stop()


def test_too_much_memory_ends_the_kernel_and_not_the_server(hub: HubOnCluster) -> None:
    person = hub.person("greedy.one")
    person.start()
    before = person.pod()["status"]["containerStatuses"][0]["containerID"]
    kernel = person.kernel()
    said = kernel.run(
        "held = [bytearray(50_000_000) for _ in range(100)]; [b.__setitem__(slice(None), b'x' * len(b)) for b in held]"
    )
    assert "kernel died" in said
    assert person.shell("echo alive")[0] == 0
    status = person.pod()["status"]["containerStatuses"][0]
    assert (status["containerID"], status["restartCount"]) == (before, 0)
    person.stop()


@pytest.mark.parametrize(
    ("name", "profile"), [("bogus.slug", "bogus"), ("bogus.list", ["gpu"]), ("bogus.role", "staff")]
)
def test_five_profiles_that_one_may_not_have_leave_the_hub_up(hub: HubOnCluster, name: str, profile: object) -> None:
    person, pid = hub.person(name), hub.hub_pid
    said = {person.refusal(profile=profile) for _ in range(5)}
    time.sleep(3)  # a hub that gives up does so two seconds later
    assert len(said) == 1
    assert "쓸 수 있는 권한이 없습니다" in said.pop()
    assert (hub.is_up(), hub.hub_pid, hub.processes["hub"].poll()) == (True, pid, None)


def test_a_profile_of_a_role_is_there_for_that_role(hub: HubOnCluster, jun: Person) -> None:
    teacher = hub.person("prof.kang", TEACHER)
    assert "모두 사용 중" in teacher.refusal(profile="staff")  # hers to have, but no GPU is free


def test_five_pods_that_no_node_takes_leave_the_hub_up_and_nothing_behind(hub: HubOnCluster) -> None:
    person = hub.person("pending.five")
    for _ in range(5):
        assert "자리가 없습니다" in person.refusal(profile="nowhere")
    time.sleep(3)
    assert hub.processes["hub"].poll() is None
    hub.until(
        lambda: person.pod_name not in [pod["metadata"]["name"] for pod in hub.pods()], 30, "a pending pod stayed"
    )


def test_a_killed_hub_finds_the_servers_again_and_kernels_go_on(hub: HubOnCluster, minji: Person) -> None:
    kernel = minji.kernel()
    kernel.run("kept = 99")
    hub.kill_hub()
    assert kernel.run("print(kept)") == "99"  # the proxy and the pod need no hub
    hub.start()
    assert minji.is_running()
    assert kernel.run("print(kept)") == "99"
    assert [event for event in hub.events("minji.kim") if event == "stopped"] == []


def test_a_pod_deleted_from_outside_is_noticed_and_can_be_started_again(hub: HubOnCluster) -> None:
    person = hub.person("gone.pod")
    person.start()
    hub.namespace.kubectl("delete", "pod", person.pod_name, "--grace-period=0", "--force")
    hub.until(lambda: not person.is_running(), 60, "the hub did not notice")
    assert hub.events("gone.pod")[-3:] == ["started", "ready", "stopped"]
    person.start()
    person.stop()


CONNECT = "python -c \"import socket; socket.create_connection(('{host}', {port}), 4); print('open')\""


def reaches(person: Person, host: str, port: int) -> bool:
    return person.shell(CONNECT.format(host=host, port=port))[0] == 0


def test_a_student_s_pod_reaches_the_hub_and_nothing_else(hub: HubOnCluster, minji: Person, jun: Person) -> None:
    with socket.create_server((hub.host, 0)) as database:  # stands for PostgreSQL on the same machine
        closed = {
            "another pod": (jun.pod()["status"]["podIP"], 8888),
            "the API server": (hub.host, 6443),
            "the API service": ("10.96.0.1", 443),
            "the database": (hub.host, database.getsockname()[1]),
            "the proxy's API": (hub.host, hub.port + 3),
        }
        assert reaches(minji, hub.host, hub.port + 2)
        assert [name for name, address in closed.items() if reaches(minji, *address)] == []


def test_the_namespace_refuses_a_pod_that_is_not_restricted(hub: HubOnCluster) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad"}}
    container = {"name": "c", "image": "localhost/busybox:1", "securityContext": {"privileged": True}}
    with pytest.raises(AssertionError, match="PodSecurity"):
        hub.namespace.apply(pod | {"spec": {"containers": [container]}})


def test_a_pod_that_no_server_belongs_to_is_removed_and_the_others_stay(hub: HubOnCluster, minji: Person) -> None:
    spec = {key: value for key, value in minji.pod()["spec"].items() if key != "nodeName"}
    spec["containers"][0]["resources"] = {}
    spec["volumes"], spec["containers"][0]["volumeMounts"] = [], []
    labels = {"component": "singleuser-server", "axcampus/pool": "cpu"}
    orphan = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "nb-orphan", "labels": labels}, "spec": spec}
    hub.namespace.apply(orphan)
    hub.until(lambda: "nb-orphan" not in [pod["metadata"]["name"] for pod in hub.pods()], 240, "the orphan stayed")
    assert minji.is_running()
    assert minji.pod()["status"]["phase"] == "Running"
