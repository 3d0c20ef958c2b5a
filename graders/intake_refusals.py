"""Every reason for refusing a submission, in both languages, each with the student's next step."""

from __future__ import annotations

from dataclasses import dataclass

from graders.contract import Text

_REASONS: dict[str, tuple[str, str]] = {
    "too_many_files": (
        "파일이 {found}개입니다. {limit}개까지 제출할 수 있습니다. 필요 없는 파일을 지우고 다시 제출해 주십시오.",
        "There are {found} files; {limit} may be submitted. Delete what isn't needed and submit again.",
    ),
    "submission_too_large": (
        "제출물이 {found}입니다. {limit}까지 제출할 수 있습니다. 큰 데이터 파일을 빼고 다시 제출해 주십시오.",
        "The submission is {found}; {limit} are allowed. Leave large data files out and submit again.",
    ),
    "notebook_too_large": (
        "노트북 {path}이(가) {found}입니다. {limit}까지 받을 수 있습니다. "
        "출력을 모두 지우고 저장한 뒤 다시 제출해 주십시오.",
        "The notebook {path} is {found}; {limit} are allowed. Clear all outputs, save and submit again.",
    ),
    "bad_path": (
        "파일 이름 {path}은(는) 받을 수 없습니다({detail_ko}). 이름을 바꾸고 다시 제출해 주십시오.",
        "The file name {path} can't be accepted ({detail}). Rename it and submit again.",
    ),
    "path_collision": (
        "파일 이름 {path}이(가) 다른 파일과 겹칩니다"
        "(대소문자만 다르거나 폴더와 파일 이름이 같음). 이름을 바꿔 주십시오.",
        "The file name {path} collides with another (only upper and lower case differ, or a folder has the name). "
        "Rename it.",
    ),
    "special_file": (
        "{path}은(는) 일반 파일이 아닙니다(바로 가기, 장치 등). 지우고 다시 제출해 주십시오.",
        "{path} is no ordinary file (a link, a device or the like). Delete it and submit again.",
    ),
    "no_such_path": (
        "{path}이(가) 없습니다. 경로를 확인해 주십시오.",
        "There is no {path}. Check the path.",
    ),
    "no_notebook": (
        "제출물에 노트북(.ipynb)이 없습니다. 과제 노트북을 저장하고 다시 제출해 주십시오.",
        "The submission holds no notebook (.ipynb). Save the assignment's notebook and submit again.",
    ),
    "not_utf8": (
        "노트북 {path}이(가) UTF-8이 아니어서 읽을 수 없습니다. Jupyter에서 열어 다시 저장해 주십시오.",
        "The notebook {path} is not UTF-8 and can't be read. Open it in Jupyter and save it again.",
    ),
    "not_json": (
        "노트북 {path}의 내용이 깨져 있습니다({detail}). Jupyter에서 열리는지 확인하고 다시 저장해 주십시오.",
        "The notebook {path} is damaged ({detail}). Check that it opens in Jupyter and save it again.",
    ),
    "too_deep": (
        "노트북 {path}의 구조가 너무 깊거나 복잡합니다. 출력을 모두 지우고 저장한 뒤 다시 제출해 주십시오.",
        "The notebook {path} is nested too deeply or too complex. Clear all outputs, save and submit again.",
    ),
    "duplicate_key": (
        "노트북 {path}에 같은 항목({detail})이 두 번 있습니다. Jupyter에서 열어 다시 저장해 주십시오.",
        "The notebook {path} holds the key {detail} twice. Open it in Jupyter and save it again.",
    ),
    "not_finite": (
        "노트북 {path}에 숫자가 아닌 값(NaN, 무한대)이 있습니다. 출력을 모두 지우고 저장한 뒤 다시 제출해 주십시오.",
        "The notebook {path} holds a number that is not finite (NaN, infinity). Clear all outputs, save, submit again.",
    ),
    "surrogate": (
        "노트북 {path}에 깨진 글자가 있습니다. 깨진 이모지나 글자를 지우고 다시 저장해 주십시오.",
        "The notebook {path} holds half of a character (a lone surrogate). Delete broken letters or emoji, save again.",
    ),
    "old_format": (
        "노트북 {path}의 형식(nbformat {detail})을 받을 수 없습니다. 최신 Jupyter에서 열어 다시 저장해 주십시오.",
        "The format of the notebook {path} (nbformat {detail}) is not accepted. Save it again in a recent Jupyter.",
    ),
    "bad_structure": (
        "노트북 {path}의 구조가 올바르지 않습니다({detail}). Jupyter에서 열어 다시 저장해 주십시오.",
        "The structure of the notebook {path} is not valid ({detail}). Open it in Jupyter and save it again.",
    ),
    "too_many_cells": (
        "노트북 {path}에 셀이 {found}개 있습니다. {limit}개까지 받을 수 있습니다.",
        "The notebook {path} has {found} cells; {limit} are allowed.",
    ),
    "bad_attachment": (
        "노트북 {path}에 붙인 그림을 읽을 수 없거나 너무 큽니다. 그림을 지우거나 줄여서 다시 제출해 주십시오.",
        "A picture attached in the notebook {path} can't be read or is too large. Remove it or make it smaller.",
    ),
}


@dataclass(frozen=True)
class Refusal:
    """Why a submission is not graded; the student can mend it. ``path`` is the file that it is about, if one is."""

    code: str
    text: Text
    path: str | None = None


class Refused(Exception):  # noqa: N818 - it is an outcome, not a mistake of ours
    """Carries a refusal from deep inside the checks to the edge, where it becomes a value again."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def make_refusal(code: str, path: str | None = None, **facts: object) -> Refusal:
    """Fill in a reason's two sentences."""
    korean, english = _REASONS[code]
    shown = {"path": _printable(path or ""), **facts}
    return Refusal(code, Text(ko=korean.format_map(shown), en=english.format_map(shown)), path)


def _printable(path: str) -> str:
    """Show a hostile file name without its control characters, and not all of a long one."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in path)
    return text if len(text) <= 80 else text[:77] + "..."


def megabytes(size: int) -> str:
    """Size for a person: 5.2 MB."""
    return f"{size / 2**20:.1f} MB"
