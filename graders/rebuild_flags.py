"""What a rebuild may have found, as flags: a code for staff, two sentences for the student."""

from __future__ import annotations

from graders.contract import Flag, Text

_SENTENCES: dict[str, tuple[str, str]] = {
    "notebook_missing": (
        "과제 노트북 {notebook}이(가) 제출물에 없습니다. 이 노트북의 문제는 답이 없는 것으로 처리됩니다.",
        "The assignment's notebook {notebook} is not in the submission; its questions count as not answered.",
    ),
    "notebook_renamed": (
        "노트북 이름이 {cell}(으)로 바뀌어 있어서 {notebook}(으)로 채점합니다.",
        "The notebook is called {cell}; it is graded as {notebook}.",
    ),
    "answer_missing": (
        "{notebook}에서 답안 셀 {cell}이(가) 삭제되었습니다. 과제를 다시 받아 답을 옮겨 적는 것이 안전합니다.",
        "The answer cell {cell} was deleted from {notebook}. It is safest to fetch the assignment again and move "
        "your answer there.",
    ),
    "unanswered": (
        "{notebook}의 답안 셀 {cell}을(를) 아직 채우지 않았습니다.",
        "The answer cell {cell} of {notebook} is still empty.",
    ),
    "cell_restored": (
        "{notebook}에서 삭제된 셀 {cell}을(를) 출제자의 원본으로 되살려 채점합니다.",
        "The cell {cell} was deleted from {notebook}; the instructor's own is used.",
    ),
    "cell_copied": (
        "{notebook}에 셀 {cell}의 사본이 여러 개 있습니다. "
        "제자리에 있는 마지막 답을 답안으로 보고, 나머지는 그대로 실행합니다.",
        "{notebook} holds several copies of the cell {cell}. The last answer at its place counts; the others are run "
        "as your own cells.",
    ),
    "cell_moved": (
        "{notebook}에서 셀 {cell}의 순서가 바뀌어 있어서 출제 순서대로 채점합니다.",
        "The cell {cell} of {notebook} was moved; it is graded at its original place.",
    ),
    "cell_type_changed": (
        "{notebook}에서 셀 {cell}의 종류(코드/글)가 바뀌어 있어서 원래 종류로 채점합니다.",
        "The type of the cell {cell} in {notebook} was changed; it is graded as its original type.",
    ),
    "cell_recognised": (
        "{notebook}에서 셀 {cell}의 식별 정보가 없어져서 위치와 내용으로 찾았습니다. 맞는지 확인해 주십시오.",
        "The cell {cell} of {notebook} lost its identification and was found by place and text. Please check it.",
    ),
    "locked_edited": (
        "{notebook}의 잠긴 셀 {cell}을(를) 고친 내용은 채점에 쓰지 않습니다.",
        "Your change to the locked cell {cell} of {notebook} is not used in grading.",
    ),
    "given_edited": (
        "{notebook}에서 제공된 셀을 고친 내용을 그대로 실행합니다.",
        "A given cell of {notebook} was changed; your version is run.",
    ),
    "file_replaced": (
        "출제자의 파일 {notebook}을(를) 고친 내용은 채점에 쓰지 않습니다.",
        "Your change to the instructor's file {notebook} is not used in grading.",
    ),
    "file_shadows": (
        "파일 {notebook}은(는) 출제자의 파일 {cell}을(를) 가리므로 채점에서 제외합니다.",
        "The file {notebook} would hide the instructor's file {cell} and is left out of grading.",
    ),
}

#: Flags that a student should hear of when submitting; the others concern staff only.
TOLD_AT_SUBMIT = tuple(code for code in _SENTENCES if code != "given_edited")


def make_flag(code: str, notebook: str, cell: str | None = None) -> Flag:
    """Fill in a flag; for flags about files ``notebook`` is the file's path."""
    korean, english = _SENTENCES[code]
    facts = {"notebook": notebook, "cell": cell or ""}
    message = Text(ko=korean.format_map(facts), en=english.format_map(facts))
    return Flag(code=code, notebook=notebook, cell=cell, message=message)
