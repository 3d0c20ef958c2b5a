from __future__ import annotations

import json
from typing import Any

import pytest
from jupyterhub.utils import format_exception
from kubernetes_asyncio.client.exceptions import ApiException

from hub.pods.problems import PodProblem, explain_error, spawn_exception
from hub.pods.trouble import Trouble


def refusal(status: int, message: str = "") -> ApiException:
    error = ApiException(status=status)
    error.body = json.dumps({"message": message})
    return error


def unschedulable(message: str) -> dict[str, Any]:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return {"status": {"phase": "Pending", "conditions": [condition]}}


def container(state: dict[str, Any], phase: str = "Pending") -> dict[str, Any]:
    return {"status": {"phase": phase, "containerStatuses": [{"name": "notebook", "state": state}]}}


NO_GPU = "0/2 nodes are available: 2 Insufficient nvidia.com/gpu."


@pytest.mark.parametrize(
    ("error", "pod", "problem"),
    [
        (refusal(403, 'pods "x" is forbidden: exceeded quota: gpus'), None, PodProblem.QUOTA),
        (refusal(403, "violates PodSecurity"), None, PodProblem.REFUSED),
        (refusal(422), None, PodProblem.REFUSED),
        (refusal(409), None, PodProblem.API),
        (refusal(410), None, PodProblem.API),
        (refusal(429), None, PodProblem.API),
        (refusal(500), None, PodProblem.API),
        (refusal(503), None, PodProblem.API),
        (ConnectionError(), None, PodProblem.API),
        (TimeoutError(), None, PodProblem.TOO_SLOW),
        (TimeoutError(), unschedulable(NO_GPU), PodProblem.NO_SEAT),
        (TimeoutError(), unschedulable('persistentvolumeclaim "home" not found'), PodProblem.HOME),
        (TimeoutError(), container({"waiting": {"reason": "ErrImagePull"}}), PodProblem.IMAGE),
        (TimeoutError(), container({"waiting": {"reason": "CrashLoopBackOff"}}), PodProblem.ENDED),
        (TimeoutError(), container({"waiting": {"reason": "ContainerCreating"}}), PodProblem.TOO_SLOW),
    ],
)
def test_each_failure_has_its_cause(error: Exception, pod: dict[str, Any] | None, problem: PodProblem) -> None:
    assert explain_error(error, pod, wants_gpu=True) is problem


def test_a_full_cluster_is_no_gpu_s_fault_for_somebody_on_cpu() -> None:
    pod = unschedulable("0/2 nodes are available: 2 Insufficient memory.")
    assert explain_error(TimeoutError(), pod, wants_gpu=False) is PodProblem.NO_ROOM


@pytest.mark.parametrize("body", ["", "not json", "[]", None])
def test_an_answer_that_is_not_kubernetes_still_has_words(body: str | None) -> None:
    error = ApiException(status=403)
    error.body = body
    assert explain_error(error, None, wants_gpu=False) is PodProblem.REFUSED


@pytest.mark.parametrize("problem", PodProblem)
def test_every_problem_is_told_in_both_languages_and_never_with_a_code(problem: PodProblem) -> None:
    error = spawn_exception(problem, "pods nb-u-x is forbidden")
    korean, english = error.message.split(" / ")
    assert korean.endswith(("다.", "오.", "습니다."))
    assert english.endswith(".")
    assert "forbidden" not in error.message
    assert format_exception(error, only_jupyterhub=True)[0] == error.message


def test_trouble_is_told_only_once_it_has_lasted() -> None:
    trouble = Trouble(10, wants_gpu=True)
    pod = unschedulable(NO_GPU)
    assert [trouble.look(pod, now) for now in (0, 9.9, 10)] == [None, None, PodProblem.NO_SEAT]


def test_trouble_that_passed_is_forgotten() -> None:
    trouble = Trouble(10, wants_gpu=True)
    trouble.look(unschedulable(NO_GPU), 0)
    trouble.look(container({"waiting": {"reason": "ContainerCreating"}}), 5)
    assert trouble.look(unschedulable(NO_GPU), 12) is None


def test_a_pod_that_is_merely_on_its_way_is_no_trouble() -> None:
    trouble = Trouble(0, wants_gpu=False)
    assert trouble.look(None, 0) is None
    assert trouble.look(container({"waiting": {"reason": "ContainerCreating"}}), 1) is None


def test_a_pod_that_failed_is_not_waited_for() -> None:
    assert Trouble(0, wants_gpu=False).look({"status": {"phase": "Failed"}}, 0) is PodProblem.ENDED
