"""Files of strangers: two kinds, two encodings, and everything that such a file can be instead."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from hub.portal.services.programme import roster_file
from hub.portal.services.programme.roster_file import MAX_BYTES, RosterFileError, read_table


def workbook(*rows, title="명단", hidden_first=False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if hidden_first:
        sheet.sheet_state = "hidden"
        sheet.append(["감춘 시트"])
        sheet = book.create_sheet()
    sheet.title = title
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_what_offices_use(encoding, delimiter):
    text = f"이름{delimiter}연락처\r\n김민수{delimiter}010-1234-5678\r\n"
    table = read_table(text.encode(encoding))
    assert table.header == ("이름", "연락처")
    assert table.rows == ((2, ("김민수", "010-1234-5678")),)


def test_a_workbook_gives_what_a_person_reads_in_it():
    content = workbook(
        ["이름", "생년월일", "연락처", "나이"],
        [" 김민수 ", datetime(2001, 2, 3), 1012345678.0, 25.5],  # noqa: DTZ001 - spreadsheets have no zone
        [],
        ["이", date(1999, 1, 1)],
    )
    table = read_table(content)
    assert table.rows == (
        (2, ("김민수", "2001-02-03", "1012345678", "25.5")),
        (4, ("이", "1999-01-01", "", "")),
    )


def test_the_first_visible_sheet_counts():
    assert read_table(workbook(["이름"], ["김"], hidden_first=True)).header == ("이름",)


def test_formulas_are_not_evaluated():
    table = read_table(workbook(["이름", "비고"], ["김", '=HYPERLINK("http://x","y")']))
    assert table.rows[0][1] == ("김", "")  # no value was saved with it


def test_lines_count_as_the_spreadsheet_counts_them():
    table = read_table("\n\n이름\n\n김\n이\n".encode())
    assert [line for line, _ in table.rows] == [5, 6]


def test_a_quoted_line_break_stays_in_its_cell():
    assert read_table('이름,비고\n김,"가\n나"\n'.encode()).rows == ((2, ("김", "가\n나")),)


BOMB = packed(**{"xl/worksheets/sheet1.xml": b"0" * (101 * 2**20)})
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><Types>&j;</Types>"
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n \n", id="blank"),
        pytest.param("이름,연락처\n".encode(), id="header-alone"),
        pytest.param(b"\xff\xfe\x00\x01\x80", id="no-text"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 100, id="old-excel"),
        pytest.param(b"PK\x03\x04 broken", id="broken-zip"),
        pytest.param(packed(**{"word/document.xml": b"<a/>"}), id="a-word-document"),
        pytest.param(packed(**{"[Content_Types].xml": LAUGHS}), id="billion-laughs"),
        pytest.param(BOMB, id="zip-bomb"),
        pytest.param(packed(**{f"f{i}": b"" for i in range(501)}), id="many-files"),
        pytest.param('이름\n"김'.encode(), id="open-quotation-mark"),
        pytest.param("이름\n김,이\n".encode(), id="more-cells-than-titles"),
        pytest.param(b"a\n" + b"x" * 501, id="long-cell"),
        pytest.param(b"a\nx\0y", id="null-byte"),
        pytest.param(b",".join(b"c%d" % i for i in range(61)) + b"\n1", id="many-columns"),
        pytest.param(b"a" * (MAX_BYTES + 1), id="too-large"),
        pytest.param("이름\n".encode() + "김\n".encode() * 10_001, id="too-many-rows"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_a_reason(content):
    with pytest.raises(RosterFileError) as refused:
        read_table(content)
    assert refused.value.ko
    assert refused.value.en


def test_a_sheet_that_claims_to_be_endless_is_read_as_far_as_it_goes(monkeypatch):
    content = workbook(["이름"], ["김"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sheet = files["xl/worksheets/sheet1.xml"]
    assert b'<dimension ref="A1:A2"' in sheet
    files["xl/worksheets/sheet1.xml"] = sheet.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert read_table(packed(**files)).rows == ((2, ("김",)),)


def test_the_limits_on_rows_hold_for_workbooks_too(monkeypatch):
    monkeypatch.setattr(roster_file, "MAX_ROWS", 3)
    with pytest.raises(RosterFileError):
        read_table(workbook(["이름"], *([f"김{i}"] for i in range(4))))
