"""One form for each thing that people write in ten ways; what could be a resident number is never taken."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.portal.services.programme import identifiers
from hub.portal.services.programme.identifiers import (
    clean_business_number,
    clean_email,
    clean_name,
    clean_phone,
    holds_resident_number,
    is_plausible_birth,
    read_date,
)


@pytest.mark.parametrize(
    "text",
    [
        "010203-3234567",
        "0102033234567",
        "010203 4234567",
        "900101–1234567",
        "주민번호 900101-1234567 입니다",
        "９００１０１－１２３４５６７",
        "900101.2234567",
    ],
)
def test_a_resident_number_is_found_in_any_dress(text):
    assert holds_resident_number(text)


@pytest.mark.parametrize(
    "text", ["010-1234-5678", "2001-02-03", "1018200123", "123-45-67890", "901301-1234567", "19900101123456789", ""]
)
def test_other_numbers_are_not_taken_for_one(text):
    assert not holds_resident_number(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("김민수", "김민수"),
        ("  김  민수 ", "김 민수"),
        ("\u1100\u1175\u11b7", "김"),  # letters written apart, as macOS does
        ("Nguyễn Văn A", "Nguyễn Văn A"),
        ("", None),
        ("123", None),
        ("김\u202e수", None),
        ("김\u200b수", None),
        ("김" * 101, None),
    ],
)
def test_names(text, name):
    assert clean_name(text) == name


@pytest.mark.parametrize(
    "text", ["2001-02-03", "2001. 2. 3.", "2001년 2월 3일", "20010203", "2001/2/3", " 2001.02.03 "]
)
def test_dates_as_people_write_them(text):
    assert read_date(text) == date(2001, 2, 3)


@pytest.mark.parametrize("text", ["010203", "2001-02-30", "2001-2", "3.2.2001", "어제", "20010203x"])
def test_what_is_no_date(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("born", "is_plausible"), [(date(2001, 2, 3), True), (date(2026, 1, 1), False), (date(1899, 1, 1), False)]
)
def test_a_typing_error_in_the_century_shows(born, is_plausible):
    assert is_plausible_birth(born, date(2026, 11, 22)) is is_plausible


@pytest.mark.parametrize(
    "text",
    ["010-1234-5678", "010 1234 5678", "+82-10-1234-5678", "+82 010 1234 5678", "1012345678", "０１０12345678"],
)
def test_mobile_numbers(text):
    assert clean_phone(text) == "01012345678"


@pytest.mark.parametrize(("text", "phone"), [("055-123-4567", "0551234567"), ("02-123-4567", "021234567")])
def test_fixed_lines(text, phone):
    assert clean_phone(text) == phone


@pytest.mark.parametrize("text", ["", "12345", "010-1234-567890", "전화 없음", "+1 212 555 0100"])
def test_what_is_no_phone(text):
    assert clean_phone(text) is None


@pytest.mark.parametrize("text", ["Min.Su@Example.ac.kr", " min.su@example.ac.kr "])
def test_addresses(text):
    assert clean_email(text) == "min.su@example.ac.kr"


@pytest.mark.parametrize("text", ["", "a@b", "a b@c.kr", "a@b@c.kr", "<a@b.kr>", "a@b.kr\nBcc: x@y.kr", "김@b.kr"])
def test_what_is_no_address(text):
    assert clean_email(text) is None


@pytest.mark.parametrize("text", ["124-81-00998", "1248100998", "220-81-62517", "120 81 47521"])
def test_business_numbers_with_the_right_check_digit(text):
    """Numbers that large companies print on their web pages."""
    assert clean_business_number(text) is not None


@pytest.mark.parametrize("text", ["124-81-00997", "12481009", "124-81-0099A", "", "１２４-81-00998"])
def test_business_numbers_that_are_none(text):
    assert clean_business_number(text) is None


@given(st.from_regex(r"[a-z0-9._%+@\-\"]{1,12}@([a-z0-9-]{1,6}\.){1,2}[a-z]{1,4}", fullmatch=True))
def test_the_short_way_to_an_address_takes_no_other_than_the_parser(address: str) -> None:
    short = identifiers._USUAL_ADDRESS
    try:
        identifiers._USUAL_ADDRESS = re.compile(r"(?!)")
        by_parser = clean_email(address)
    finally:
        identifiers._USUAL_ADDRESS = short
    assert clean_email(address) == by_parser
