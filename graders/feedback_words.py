"""The words of a feedback page in Korean and English."""

from __future__ import annotations

from typing import Literal

from graders.contract import Isolation, Outcome, ReportState

Language = Literal["ko", "en"]

#: Outcome -> (sign, look, Korean, English); never colour alone.
OUTCOMES: dict[Outcome, tuple[str, str, str, str]] = {
    Outcome.PASSED: ("✓", "success", "통과", "Passed"),
    Outcome.PARTIAL: ("◐", "warning", "부분 점수", "Partial credit"),
    Outcome.FAILED: ("✕", "danger", "기대와 다름", "Not as expected"),
    Outcome.ERROR: ("✕", "danger", "오류", "Error"),
    Outcome.TIMEOUT: ("✕", "danger", "시간 초과", "Out of time"),
    Outcome.MEMORY: ("✕", "danger", "메모리 초과", "Out of memory"),
    Outcome.KILLED: ("✕", "danger", "실행 중단", "Stopped"),
    Outcome.AUTHOR_ERROR: ("?", "information", "담당자 확인", "Needs a person"),
    Outcome.MANUAL: ("✎", "information", "직접 채점", "Graded by a person"),
    Outcome.NOT_RUN: ("–", "quiet", "실행 안 됨", "Not run"),
}

STATES: dict[ReportState, tuple[str, str, str, str]] = {
    ReportState.GRADED: ("✓", "success", "채점 완료", "Graded"),
    ReportState.REFUSED: ("✕", "danger", "채점 불가", "Refused"),
    ReportState.NOT_GRADED: ("!", "warning", "채점하지 못함", "Not graded"),
    ReportState.NEEDS_PERSON: ("?", "information", "확인 필요", "Needs a person"),
}

IN_PROCESS = {
    Isolation.IN_PROCESS: (
        "이 테스트는 제출한 코드와 같은 프로세스에서 실행했습니다.",
        "This test ran in the same process as the submitted code.",
    )
}

WORDS: dict[str, tuple[str, str]] = {
    "feedback": ("채점 결과", "Feedback"),
    "automatic": ("자동 채점", "Automatic"),
    "by_person": ("직접 채점", "By a person"),
    "points": ("점", " points"),
    "cell": ("문항", "Question"),
    "outcome": ("결과", "Result"),
    "score": ("점수", "Points"),
    "message": ("설명", "Message"),
    "comment": ("의견", "Comment"),
    "overall": ("전체 의견", "Overall comment"),
    "waiting": ("채점 전", "not yet graded"),
    "hidden": ("비공개 테스트 포함", "includes hidden tests"),
    "own_cell": ("직접 추가한 셀", "Your own cell"),
    "output": ("출력", "Output"),
    "picture": ("출력한 그림", "Picture from the output"),
    "notes": ("확인할 점", "Notes"),
    "summary": ("문항별 점수", "Points by question"),
    "no_cells": ("점수가 있는 문항이 없습니다.", "No question carries points."),
}


def say(pair: tuple[str, str], language: Language) -> str:
    """Choose the language of a (Korean, English) pair."""
    return pair[0] if language == "ko" else pair[1]


def words_in(language: Language) -> dict[str, str]:
    """All fixed words of the page in one language."""
    return {name: say(pair, language) for name, pair in WORDS.items()}
