"""What the check of an assignment can find, in both languages: what blocks publishing and what is only good to know."""

from __future__ import annotations

from enum import StrEnum

from graders.contract import Frozen, Text


class Severity(StrEnum):
    """Blocking findings keep an assignment from being published."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Finding(Frozen):
    """One thing to mend or to know; ``line`` counts from 1 within the cell."""

    code: str
    severity: Severity
    text: Text
    notebook: str | None = None
    cell: str | None = None
    line: int | None = None


_BLOCKS, _WARNS = Severity.BLOCKS, Severity.WARNS

_SENTENCES: dict[str, tuple[Severity, str, str]] = {
    "not_releasable": (_BLOCKS, "{detail_ko}", "{detail}"),
    "release_warning": (_WARNS, "{detail_ko}", "{detail}"),
    "reference_error": (
        _BLOCKS,
        "{notebook}의 예시 답안이 셀 {cell}에서 오류로 끝납니다: {detail}",
        "The reference of {notebook} ends with an error in the cell {cell}: {detail}",
    ),
    "reference_fails": (
        _BLOCKS,
        "예시 답안이 {notebook}의 테스트 {cell}에서 만점을 받지 못합니다({detail}).",
        "The reference does not get full marks at the test {cell} of {notebook} ({detail}).",
    ),
    "not_a_score": (
        _BLOCKS,
        "{notebook}의 테스트 {cell}이(가) 점수로 볼 수 없는 값을 돌려줍니다. 0부터 배점까지의 수만 부분 점수가 됩니다.",
        "The test {cell} of {notebook} returns something that is no score: only a number from 0 to the maximum is.",
    ),
    "shows_a_value": (
        _WARNS,
        "{notebook}의 테스트 {cell}은(는) 점수가 아닌 값으로 끝납니다. 그 값은 표시만 되며, 오류가 없으면 만점입니다. "
        "확인할 것이 있으면 assert를 쓰십시오.",
        "The test {cell} of {notebook} ends with a value that is no score: it is only shown, and full marks are given "
        "unless there is an error. Assert what is to be checked.",
    ),
    "in_process_forbidden": (
        _BLOCKS,
        "{notebook}의 테스트 {cell}은(는) 학생 코드와 분리해서 실행할 수 없습니다. {detail_ko}",
        "The test {cell} of {notebook} can't run apart from the student's code. {detail}",
    ),
    "in_process": (
        _WARNS,
        "{notebook}의 테스트 {cell}은(는) 학생 코드와 같은 프로세스에서 실행됩니다. "
        "그 점수는 증명이 되지 못합니다. {detail_ko}",
        "The test {cell} of {notebook} runs in the student's process: its points are no proof. {detail}",
    ),
    "cannot_cross": (
        _WARNS,
        "{notebook}의 테스트 {cell}, {line}번째 줄: {detail_ko}",
        "Test {cell} of {notebook}, line {line}: {detail}",
    ),
    "empty_passes": (
        _BLOCKS,
        "아무것도 풀지 않은 제출물이 자동 채점에서 만점을 받습니다. 테스트가 답을 확인하지 않습니다.",
        "A submission without any answer gets full automatic marks: the tests look at no answer.",
    ),
    "empty_passes_test": (
        _WARNS,
        "{notebook}의 테스트 {cell}은(는) 답이 없어도 통과합니다.",
        "The test {cell} of {notebook} passes without an answer.",
    ),
    "hollow_passes": (
        _BLOCKS,
        "이름만 있고 내용이 없는 답이 자동 채점에서 만점을 받습니다. 값을 확인하는 테스트를 더해 주십시오.",
        "Answers that only define the names get full automatic marks. Add tests that look at values.",
    ),
    "hollow_passes_test": (
        _WARNS,
        "{notebook}의 테스트 {cell}은(는) 이름만 있고 내용이 없는 답도 통과시킵니다.",
        "The test {cell} of {notebook} passes answers that only define the names.",
    ),
    "hidden_test_leaks": (
        _BLOCKS,
        "비공개 테스트가 학생에게 가는 파일 {notebook}에 들어 있습니다: {detail}",
        "A hidden test is inside the file {notebook} that students get: {detail}",
    ),
    "solution_leaks": (
        _BLOCKS,
        "예시 답안이 학생에게 가는 파일 {notebook}에 들어 있습니다: {detail}",
        "The reference is inside the file {notebook} that students get: {detail}",
    ),
    "hidden_test_shown": (
        _WARNS,
        "비공개 테스트의 한 줄이 학생용 노트북 {notebook}에도 보입니다: {detail}",
        "A line of a hidden test is also visible in the students' notebook {notebook}: {detail}",
    ),
    "solution_shown": (
        _WARNS,
        "예시 답안의 여러 줄이 학생용 노트북 {notebook}에도 보입니다: {detail}",
        "Several lines of the reference are also visible in the students' notebook {notebook}: {detail}",
    ),
    "not_graded": (
        _BLOCKS,
        "{detail_ko}",
        "The check itself could not be completed: {detail}",
    ),
    "slow": (
        _WARNS,
        "예시 답안의 채점에 {detail}초가 걸립니다. 제한 시간의 절반을 넘으므로 느린 답은 시간 초과가 됩니다.",
        "Grading the reference takes {detail} s, more than half of the limit: slower answers will run out of time.",
    ),
}


def make_finding(
    code: str, notebook: str | None = None, cell: str | None = None, line: int | None = None, **details: str
) -> Finding:
    """Fill in a finding; ``detail`` and ``detail_ko`` are shown as they are."""
    severity, korean, english = _SENTENCES[code]
    detail = details.get("detail", "")
    facts = {"notebook": notebook, "cell": cell, "line": line, "detail": detail}
    in_korean = {**facts, "detail_ko": details.get("detail_ko", detail)}
    text = Text(ko=korean.format_map(in_korean).strip(), en=english.format_map(facts).strip())
    return Finding(code=code, severity=severity, text=text, notebook=notebook, cell=cell, line=line)
