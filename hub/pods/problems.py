"""Why a pod did not become a notebook server: a cause from what Kubernetes said, and words that say what to do."""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from typing import Any

from jupyterhub.spawner import SpawnException
from kubernetes_asyncio.client.exceptions import ApiException


class PodProblem(Enum):
    """A cause: its label in metrics, its Korean and its English sentence."""

    NO_SEAT = (
        "capacity",
        "이 종류의 GPU 자리가 모두 사용 중입니다. CPU로 바로 시작하거나, 자리가 나면 다시 시도하십시오. "
        "파일은 어느 쪽에서나 같습니다.",
        "All GPU seats of this kind are in use. Start on CPU now, or try again when a seat is free. "
        "Your files are the same in both.",
    )
    NO_ROOM = (
        "no-room",
        "지금은 서버를 놓을 컴퓨터에 자리가 없습니다. 몇 분 뒤 다시 시작하십시오. 파일은 그대로 있습니다.",
        "There is no room for your server just now. Please start it again in a few minutes. Your files are safe.",
    )
    QUOTA = (
        "quota",
        "이 과정이 한꺼번에 쓸 수 있는 양을 모두 쓰고 있습니다. CPU로 시작하거나 잠시 뒤 다시 시도하십시오.",
        "All that this programme may use at a time is in use. Start on CPU, or try again in a while.",
    )
    NO_PROFILE = (
        "profile",
        "고른 실행 환경이 없거나 쓸 수 있는 권한이 없습니다. 목록에서 다시 고르십시오.",
        "That server type does not exist, or you may not use it. Please choose one from the list.",
    )
    HOME = (
        "home",
        "홈 폴더를 준비하지 못했습니다. 파일은 그대로 있습니다. 잠시 뒤에도 그러면 운영자에게 알려 주십시오.",
        "Your home folder could not be attached. Your files are safe. If it happens again in a while, tell the "
        "administrator.",
    )
    IMAGE = (
        "image",
        "실행 환경의 이미지를 가져오지 못했습니다. 운영자에게 알려 주십시오. CPU로는 시작할 수 있을 수도 있습니다.",
        "The image of this server type could not be fetched. Please tell the administrator; another type may work.",
    )
    REFUSED = (
        "refused",
        "클러스터가 이 서버의 설정을 받아들이지 않았습니다. 운영자가 고쳐야 합니다. 파일은 그대로 있습니다.",
        "The cluster refused the settings of this server; the administrator has to mend them. Your files are safe.",
    )
    ENDED = (
        "ended",
        "노트북 서버가 시작하자마자 끝났습니다. 다시 시작해 보고, 또 그러면 운영자에게 알려 주십시오. "
        "파일은 그대로 있습니다.",
        "Your server ended right after it had started. Start it once more; if that fails too, tell the administrator. "
        "Your files are safe.",
    )
    TOO_SLOW = (
        "slow",
        "노트북 서버가 제때 준비되지 않아 멈췄습니다. 잠시 뒤 다시 시작하십시오. 파일은 그대로 있습니다.",
        "Your server was not ready in time and was stopped. Please start it again in a moment. Your files are safe.",
    )
    API = (
        "api",
        "클러스터가 지금 응답하지 않습니다. 켜져 있는 노트북은 계속 쓸 수 있습니다. 잠시 뒤 다시 시작하십시오.",
        "The cluster does not answer just now. Servers that run go on. Please start yours again in a moment.",
    )

    @property
    def reason(self) -> str:
        """The label in the hub's metrics."""
        return self.value[0]

    @property
    def text(self) -> str:
        """What the person reads."""
        return f"{self.value[1]} / {self.value[2]}"

    @property
    def status(self) -> int:
        """HTTP status: a wrong profile is the person's to change, the rest is ours."""
        return 400 if self is PodProblem.NO_PROFILE else 503


def spawn_exception(problem: PodProblem, log_message: str) -> SpawnException:
    """Make the exception that JupyterHub shows to the person and does not count as its own failure."""
    error = SpawnException(problem.text, reason=problem.reason, log_message=log_message, status_code=problem.status)
    error.jupyterhub_message = problem.text  # what the pages show; JupyterHub 6.1 would show them the log's words
    return error


def explain_error(error: BaseException, pod: dict[str, Any] | None, *, wants_gpu: bool) -> PodProblem:
    """Return the cause of a failed start from the exception and the pod's last known state."""
    if isinstance(error, ApiException):
        return explain_refusal(error)
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return explain_pod(pod, wants_gpu=wants_gpu)
    return PodProblem.API


def explain_refusal(error: ApiException) -> PodProblem:
    """Return what a status of the API server means for the person."""
    words = api_message(error)
    if error.status == 403 and "exceeded quota" in words:
        return PodProblem.QUOTA
    return PodProblem.REFUSED if error.status in (400, 403, 422) else PodProblem.API


def api_message(error: ApiException) -> str:
    """Return the API server's own words; whatever is not its JSON counts as no words."""
    try:
        return str(json.loads(error.body or "{}").get("message", ""))
    except (ValueError, AttributeError, TypeError):
        return ""


def explain_pod(pod: dict[str, Any] | None, *, wants_gpu: bool) -> PodProblem:
    """Return why a pod is not ready: no node, no image, no volume, ended, or merely slow."""
    if pod is None:
        return PodProblem.TOO_SLOW
    if words := unschedulable_words(pod):
        return explain_unschedulable(words, wants_gpu=wants_gpu)
    return explain_container(pod)


def explain_unschedulable(words: str, *, wants_gpu: bool) -> PodProblem:
    """Return what the scheduler's sentence means.

    A node without a free GPU and a node of another kind stand in one sentence; for a seat with a GPU both mean that
    no seat is free. A claim that no volume fits is the home's fault.
    """
    if "persistentvolumeclaim" in words.lower() or "volume node affinity" in words:
        return PodProblem.HOME
    return PodProblem.NO_SEAT if wants_gpu else PodProblem.NO_ROOM


def unschedulable_words(pod: dict[str, Any]) -> str:
    """Return the scheduler's sentence if no node takes the pod, else ""."""
    for condition in pod.get("status", {}).get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason") or "")
    return ""


def explain_container(pod: dict[str, Any]) -> PodProblem:
    """Return what the notebook container's state means."""
    statuses = pod.get("status", {}).get("containerStatuses") or []
    state: dict[str, Any] = next((each["state"] for each in statuses if each["name"] == "notebook"), {})
    reason = (state.get("waiting") or {}).get("reason", "")
    if reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"):
        return PodProblem.IMAGE
    if reason in ("CrashLoopBackOff", "RunContainerError", "CreateContainerError") or state.get("terminated"):
        return PodProblem.ENDED
    return PodProblem.REFUSED if reason == "CreateContainerConfigError" else PodProblem.TOO_SLOW
