"""Lines of rosters: what is read from them, and what is said of those that can't be."""

from datetime import date

import pytest

from hub.portal.models import CompanySize, EnrolmentState, Track
from hub.portal.services.programme.roster_columns import COLUMNS, match_columns, missing_columns
from hub.portal.services.programme.roster_file import Table
from hub.portal.services.programme.roster_rows import RESIDENT_NUMBER, WORDS, CompanyFacts, RefusedRow, read_rows

TODAY = date(2026, 11, 22)
FULL = {column.name.ko: column.example for column in COLUMNS}


def read_one(**cells: str):
    values = FULL | cells
    table = Table(tuple(values), ((2, tuple(values.values())),))
    return read_rows(table, match_columns(table.header), TODAY)[0]


def test_the_templates_own_example_is_a_good_line():
    row = read_one()
    assert (row.name, row.birth_date, row.phone) == ("김민수", date(2001, 2, 3), "01012345678")
    assert (row.track, row.state) == (Track.STUDENT, EnrolmentState.ADMITTED)
    assert row.company == CompanyFacts("가람정밀", "1234567891", CompanySize.SMALL_OR_MEDIUM)
    assert (row.work_region, row.home_region) == ("changwon", "gimhae")


def test_what_is_optional_may_be_empty():
    row = read_one(
        이메일="", 상태="", 회사명="", 사업자등록번호="", **{"기업 규모": "", "근무지 시군": "", "거주지 시군": ""}
    )
    assert (row.email, row.company, row.work_region, row.state) == (None, None, None, EnrolmentState.ADMITTED)


@pytest.mark.parametrize(
    "cells",
    [
        {"이름": ""},
        {"이름": "123"},
        {"생년월일": "010203"},
        {"생년월일": "2025-02-03"},
        {"휴대전화": "없음"},
        {"이메일": "없음"},
        {"구분": "기타"},
        {"상태": "수료"},  # an ending is decided, not imported
        {"사업자등록번호": "124-81-00997"},
        {"회사명": ""},  # a number that belongs to nobody
        {"근무지 시군": "서울"},
        {"기업 규모": "아주 큼"},
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_line_in_both_languages(cells):
    row = read_one(**cells)
    assert isinstance(row, RefusedRow)
    assert all(problem.ko and problem.en for problem in row.problems)


def test_every_problem_of_a_line_is_told_at_once():
    assert len(read_one(이름="", 휴대전화="x", 구분="?").problems) == 3


@pytest.mark.parametrize("column", ["이름", "비고"])
def test_a_resident_number_refuses_the_line_wherever_it_stands(column):
    row = read_one(**{column: "900101-1234567"})
    assert row == RefusedRow(2, (RESIDENT_NUMBER,))


def test_no_problem_repeats_what_was_in_the_cell():
    row = read_one(휴대전화="비밀 번호 777")
    assert "777" not in str(row.problems)


@pytest.mark.parametrize(
    ("header", "matched"),
    [
        (["성명", "생년월일(YYYY-MM-DD)", "연락처", "대상"], {"name": 0, "birth_date": 1, "phone": 2, "track": 3}),
        (
            ["Name", "Date of birth", "Phone", "Status", "이메일*"],
            {"name": 0, "birth_date": 1, "phone": 2, "track": 3, "email": 4},
        ),
        (["번호", "이 름", "이름"], {"name": 1}),
    ],
)
def test_headers_of_other_offices_are_understood(header, matched):
    assert match_columns(header) == matched


def test_what_is_missing_is_named():
    assert [column.key for column in missing_columns(match_columns(["이름", "연락처"]))] == ["birth_date", "track"]


@pytest.mark.parametrize("key", WORDS)
def test_the_words_that_the_template_offers_are_understood(key):
    name = next(column.name.ko for column in COLUMNS if column.key == key)
    assert not any(isinstance(read_one(**{name: word}), RefusedRow) for word in WORDS[key])
