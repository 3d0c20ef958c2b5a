"""Files for offices, read back: typed cells, text that stays text, no formula, the same bytes again."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from hub.portal.services.reports.files import write_csv, write_workbook, write_zip
from hub.portal.services.reports.tables import (
    Column,
    Kind,
    Table,
    business_number,
    is_formula_like,
    telephone,
)

COLUMNS = (
    *(Column("성명"), Column("휴대전화"), Column("생년월일", Kind.DATE), Column("점수", Kind.NUMBER)),
    Column("일시", Kind.MOMENT),
)
AT = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # the next day in Seoul
ROW = ("김서연", "010-1234-5678", date(2001, 2, 3), 79.9, AT)
ATTACKS = [
    *("=1+1", "+82", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "＝1+1", "＠A"),
    *('=HYPERLINK("http://evil")', "=cmd|' /C calc'!A0"),
]


def table(*rows) -> Table:
    return Table("수료자 명단", COLUMNS, rows)


def sheet(*rows):
    return openpyxl.load_workbook(io.BytesIO(write_workbook([table(*rows)])))["수료자 명단"]


def test_cells_have_the_types_that_they_should() -> None:
    found = sheet(ROW)
    assert [cell.value for cell in found[1]] == [column.head for column in COLUMNS]
    assert [cell.data_type for cell in found[2]] == ["s", "s", "d", "n", "d"]
    assert found["B2"].value == "010-1234-5678"
    assert f"{found['C2'].value}" == "2001-02-03 00:00:00"
    assert found["D2"].value == 79.9
    assert f"{found['E2'].value}" == "2026-11-23 00:30:00"


def test_digits_in_a_text_column_stay_text() -> None:
    found = sheet(("0012", "01012345678", None, None, None))
    assert (found["A2"].value, found["A2"].data_type, found["A2"].number_format) == ("0012", "s", "@")
    assert found["B2"].value == "01012345678"


def test_nothing_known_is_an_empty_cell() -> None:
    assert sheet(("김", None, None, None, None))["C2"].value is None


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_workbook_has_no_formula_whatever_the_text(attack) -> None:
    cell = sheet((attack, None, None, None, None))["A2"]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r").strip() == attack.strip()
    assert cell.quotePrefix


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_csv_cell_never_begins_like_a_formula(attack) -> None:
    text = write_csv(table((attack, None, None, None, None))).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(text, newline="")))[1][0]
    assert cell == f"'{attack}"


def test_harmless_text_is_left_as_it_is() -> None:
    assert not any(map(is_formula_like, ("김서연", "A=1", "1-2", "", "제2026-GNAI-0001호")))


def test_csv_is_as_excel_in_korea_reads_it() -> None:
    content = write_csv(table(ROW))
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "성명,휴대전화,생년월일,점수,일시"
    assert lines[1] == "김서연,010-1234-5678,2001-02-03,79.9,2026-11-23 00:30"
    assert content.endswith(b"\r\n")
    assert content.replace(b"\r\n", b"").count(b"\n") == 0


def test_a_negative_number_is_a_number_not_an_attack() -> None:
    assert b"-1.5" in write_csv(table(("김", None, None, -1.5, None)))
    assert b"'-1.5" not in write_csv(table(("김", None, None, -1.5, None)))


def test_characters_that_no_sheet_takes_are_left_out() -> None:
    assert sheet(("김\x00서\x0b연", None, None, None, None))["A2"].value == "김서연"


@pytest.mark.parametrize("write", [lambda: write_workbook([table(ROW)]), lambda: write_zip({"b": b"2", "a": b"1"})])
def test_the_same_rows_give_the_same_bytes(write, monkeypatch) -> None:
    first = write()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert write() == first


def test_an_archive_has_its_files_in_order_and_no_times() -> None:
    with zipfile.ZipFile(io.BytesIO(write_zip({"나": b"2", "가": b"1"}))) as archive:
        assert archive.namelist() == ["가", "나"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numbers_that_are_read_aloud_are_written_with_dashes() -> None:
    assert telephone("01012345678") == "010-1234-5678"
    assert telephone("0112345678") == "011-234-5678"
    assert telephone("+4912345") == "+4912345"
    assert telephone(None) is None
    assert business_number("1234567890") == "123-45-67890"
