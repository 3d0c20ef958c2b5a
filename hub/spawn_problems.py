"""Why a notebook server won't start, as a sentence in both languages that says what to do next."""

from __future__ import annotations

from enum import Enum

from jupyterhub.spawner import SpawnException

from hub.launch import EXIT_NO_ACCESS, EXIT_NO_WALLS


class SpawnProblem(Enum):
    """A cause: its label in metrics, its Korean and its English sentence."""

    NO_WALLS = (
        "walls",
        "노트북 서버를 다른 사람과 분리할 수 없어 시작하지 않았습니다. 파일은 그대로 있습니다. "
        "운영자에게 알려 주십시오.",
        "Your server was not started because it could not be walled off from others. Your files are safe. "
        "Please tell the administrator.",
    )
    NO_ACCESS = (
        "access",
        "노트북 사용자가 Python 폴더에 들어갈 수 없어 시작하지 못했습니다. 운영자가 설치 위치를 바꿔야 합니다.",
        "Your server could not be started because notebook users may not enter the folder of Python. "
        "The administrator has to install it elsewhere.",
    )
    NO_PROFILE = (
        "profile",
        "고른 실행 환경이 없거나 이 컴퓨터에서 쓸 수 없습니다. 기본 환경으로 시작하십시오.",
        "That server type does not exist, or can't be used on this machine. Start the standard one.",
    )
    TOO_SLOW = (
        "slow",
        "노트북 서버가 제때 응답하지 않아 멈췄습니다. 잠시 뒤 다시 시작하십시오. 파일은 그대로 있습니다.",
        "Your server did not answer in time and was stopped. Please start it again in a moment. Your files are safe.",
    )
    ENDED = (
        "ended",
        "노트북 서버가 시작하자마자 끝났습니다. 다시 시작해 보고, 또 그러면 운영자에게 알려 주십시오. "
        "파일은 그대로 있습니다.",
        "Your server ended right after it had started. Start it once more; if that fails too, tell the administrator. "
        "Your files are safe.",
    )

    @property
    def reason(self) -> str:
        """The label in the hub's metrics."""
        return self.value[0]

    @property
    def text(self) -> str:
        """What the person reads."""
        return f"{self.value[1]} / {self.value[2]}"


def explain_exit(status: int) -> SpawnProblem:
    """Return what an exit status of the launcher or the server means."""
    return {EXIT_NO_WALLS: SpawnProblem.NO_WALLS, EXIT_NO_ACCESS: SpawnProblem.NO_ACCESS}.get(
        status, SpawnProblem.ENDED
    )


def spawn_exception(problem: SpawnProblem, log_message: str) -> SpawnException:
    """Make the exception that JupyterHub shows to the person and does not count as its own failure."""
    error = SpawnException(problem.text, reason=problem.reason, log_message=log_message, status_code=503)
    error.jupyterhub_message = problem.text  # what the pages show; JupyterHub 6.1 would show them the log's words
    return error
