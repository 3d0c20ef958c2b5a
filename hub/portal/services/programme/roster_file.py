"""A roster as it was uploaded (xlsx or csv) as a table of texts. The file is a stranger's until checked.

Nothing in it is evaluated: formulas give the value that was saved with them, macros and links are never looked at.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from hub.portal.errors import InvalidError

MAX_BYTES = 5 * 2**20
MAX_ROWS = 10_000
MAX_COLUMNS = 60
MAX_CELL = 500
#: What a workbook may hold once unpacked: a few kilobytes can be made to unpack to gigabytes.
_UNPACKED_BYTES = 100 * 2**20
_UNPACKED_FILES = 500

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = (",", "\t", ";")


class RosterFileError(InvalidError):
    """The file can't be read; nothing was changed."""

    def __init__(self, korean: str, english: str) -> None:
        super().__init__("roster_file", korean, english)


@dataclass(frozen=True)
class Table:
    """Texts without white space around them; ``rows`` are (line in the file, cells) as long as ``header``."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(content: bytes) -> Table:
    """Return the first sheet of a workbook, or a csv in UTF-8 or CP949; RosterFileError says what to do."""
    if len(content) > MAX_BYTES:
        raise RosterFileError(
            f"파일이 너무 큽니다. {MAX_BYTES // 2**20} MB 이하로 나누어 올려 주십시오.",
            f"The file is too large. Please split it into parts of at most {MAX_BYTES // 2**20} MB.",
        )
    if content.startswith(_OLD_EXCEL):
        raise RosterFileError(
            "암호가 걸렸거나 옛 형식(.xls)인 파일입니다. 암호 없는 .xlsx로 저장하여 다시 올려 주십시오.",
            "The file has a password or the old format (.xls). Please save it as .xlsx without a password.",
        )
    lines = _workbook_lines(content) if content.startswith(_ZIP) else _csv_lines(content)
    return _table(lines)


def _table(lines: Iterable[Iterable[Any]]) -> Table:
    """Take the first line that is not empty as the header; empty lines are left out."""
    header: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, line in enumerate(lines, start=1):
        cells = _texts(line, number)
        if not any(cells):
            continue
        if header is None:
            header = _trimmed(cells)
            continue
        if len(rows) == MAX_ROWS:
            raise RosterFileError(
                f"행이 {MAX_ROWS:,}개를 넘습니다. 나누어 올려 주십시오.",
                f"There are more than {MAX_ROWS:,} rows. Please split the file.",
            )
        rows.append((number, _fitted(cells, len(header), number)))
    if header is None or not rows:
        raise RosterFileError("명단이 비어 있습니다.", "There is nobody in the file.")
    return Table(header, tuple(rows))


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _fitted(cells: tuple[str, ...], width: int, number: int) -> tuple[str, ...]:
    if any(cells[width:]):
        raise RosterFileError(
            f"{number}행에 제목보다 많은 칸이 있습니다. 쉼표나 따옴표가 빠지지 않았는지 확인해 주십시오.",
            f"Line {number} has more cells than the header. Please look for a missing comma or quotation mark.",
        )
    return (cells + ("",) * width)[:width]


def _texts(line: Iterable[Any], number: int) -> tuple[str, ...]:
    cells = tuple(islice((_text(cell) for cell in line), MAX_COLUMNS + 1))
    if len(_trimmed(cells)) > MAX_COLUMNS:
        raise RosterFileError(f"열이 {MAX_COLUMNS}개를 넘습니다.", f"There are more than {MAX_COLUMNS} columns.")
    if any(len(cell) > MAX_CELL or "\0" in cell for cell in cells):
        raise RosterFileError(
            f"{number}행에 {MAX_CELL}자를 넘는 칸이나 읽을 수 없는 문자가 있습니다.",
            f"Line {number} has a cell of more than {MAX_CELL} characters, or one that is no text.",
        )
    return cells[:MAX_COLUMNS]


def _text(cell: Any) -> str:
    """A cell as a person would read it: dates as 2001-02-03, whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell).strip()


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise RosterFileError(
            "CSV 형식이 올바르지 않습니다. 따옴표가 닫히지 않은 칸이 있는지 확인해 주십시오.",
            "This is no proper CSV. Please look for a quotation mark that is not closed.",
        ) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterFileError(
        "글자를 읽을 수 없습니다. xlsx 또는 UTF-8이나 CP949(한글 Windows)로 저장한 csv를 올려 주십시오.",
        "The text can't be read. Please upload xlsx, or csv saved as UTF-8 or CP949.",
    )


def _workbook_lines(content: bytes) -> Iterator[tuple[Any, ...]]:
    _refuse_bomb(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
        if sheet is None:
            raise RosterFileError("보이는 시트가 없습니다.", "There is no visible sheet.")
        sheet.reset_dimensions()  # the file's own word on how many cells there are is not believed
        yield from sheet.iter_rows(values_only=True, max_row=MAX_ROWS * 2, max_col=MAX_COLUMNS + 1)
    except RosterFileError:
        raise
    except (InvalidFileException, ValueError, KeyError, TypeError, AttributeError, SyntaxError, OSError) as error:
        raise _broken_workbook() from error
    except zipfile.BadZipFile as error:
        raise _broken_workbook() from error


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _broken_workbook() from error
    if len(entries) > _UNPACKED_FILES or sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        raise RosterFileError("파일을 풀면 너무 커집니다.", "The file becomes too large when unpacked.")


def _broken_workbook() -> RosterFileError:
    return RosterFileError(
        "엑셀 파일을 읽을 수 없습니다. 엑셀에서 열어 .xlsx로 다시 저장해 주십시오.",
        "The workbook can't be read. Please open it in Excel and save it again as .xlsx.",
    )
