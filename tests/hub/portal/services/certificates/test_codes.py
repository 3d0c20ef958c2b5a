"""Serial numbers and codes of certificates."""

import pytest

from hub.portal.services.certificates.codes import group_code, make_code, make_serial, read_code, series_for


def test_a_serial_number_is_written_as_offices_write_it() -> None:
    assert make_serial(2026, "GNAI", 1) == "제2026-GNAI-0001호"
    assert make_serial(2026, "GNAI", 12345) == "제2026-GNAI-12345호"


@pytest.mark.parametrize(
    ("slug", "series"),
    [("gnai", "GNAI"), ("gyeongnam-manufacturing-ai", "GMA"), ("x", "AX"), ("2026", "AX"), ("abcdefghij", "ABCDEF")],
)
def test_a_programmes_letters_come_from_its_short_name(slug, series) -> None:
    assert series_for(slug) == series


def test_a_code_is_read_as_people_type_it() -> None:
    code = make_code()
    assert read_code(f" {group_code(code).lower()} ") == code
    assert read_code(code.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("text", ["", "short", "U" * 20, "0" * 21, "0" * 19 + "ⅴ", "../" * 7])
def test_what_can_not_be_a_code_is_none(text) -> None:
    assert read_code(text) is None


def test_codes_do_not_repeat() -> None:
    assert len({make_code() for _ in range(2000)}) == 2000
