"""The paper: the same bytes each time, fonts inside, all that it must say, and nothing that can't be printed."""

import re
import shutil
import subprocess
import zlib
from datetime import date
from decimal import Decimal

import pytest

from hub.portal.services.certificates.content import Content, Named
from hub.portal.services.certificates.fonts import unprintable
from hub.portal.services.certificates.ornament import _runs
from hub.portal.services.certificates.paper import render
from tests.hub.portal.services.certificates.pdf_text import text_of


def make_content(**changes) -> Content:
    facts = {
        "serial": "제2026-GNAI-0001호",
        "issue_number": 1,
        "code": "7F3K2Q9M4XWD8HJRTBNE",
        "check_url": "https://campus.example.ac.kr/certificates/7F3K2Q9M4XWD8HJRTBNE",
        "name": "김서연",
        "birth_date": None,
        "programme": {"ko": "경남 제조 AI 인재양성 사업", "en": "Gyeongnam Manufacturing-AI Talent Programme"},
        "course": {"ko": "제조 AI 실무", "en": "Applied AI for Manufacturing"},
        "cohort": {"ko": "경상국립대학교 1기", "en": "Gyeongsang National University, cohort 1"},
        "starts_on": date(2026, 3, 2),
        "ends_on": date(2026, 8, 28),
        "hours": Decimal("39.5"),
        "issuers": [{"ko": "경상국립대학교 총장", "en": "President, Gyeongsang National University"}],
        "first_issued_on": date(2026, 9, 4),
        "issued_on": date(2026, 9, 4),
    }
    return Content.model_validate(facts | changes)


def test_the_same_line_of_the_register_gives_the_same_bytes() -> None:
    content = make_content()
    again = Content.model_validate(content.model_dump(mode="json"))
    assert render([content]) == render([again])


def test_it_says_all_that_a_certificate_must_say() -> None:
    text = text_of(render([make_content(birth_date=date(2001, 2, 3))]))
    for words in (
        *("제2026-GNAI-0001호", "수 료 증", "CERTIFICATE OF COMPLETION", "김 서 연", "2001년 2월 3일생"),
        *("제조 AI 실무", "경상국립대학교 1기", "2026. 3. 2. – 2026. 8. 28.", "39.5시간", "39.5 hours"),
        *("2026년 9월 4일", "September 4, 2026", "경상국립대학교 총장", "7F3K-2Q9M-4XWD-8HJR-TBNE", "(직인)"),
    ):
        assert words in text, words


def test_a_reissue_says_so_and_a_first_issue_does_not() -> None:
    assert "2차 발급" in text_of(render([make_content(issue_number=2)]))
    assert "차 발급" not in text_of(render([make_content()]))


def test_names_of_other_countries_are_printed_whole() -> None:
    assert "Nguyễn Şimşek" in text_of(render([make_content(name="Nguyễn Şimşek")]))


def test_rare_syllables_are_printable_and_unknown_signs_are_named() -> None:
    assert unprintable("김뷁쀍", "똠방각하") == ""
    assert unprintable("김金a金") == "金"


def test_every_font_is_embedded_as_a_subset() -> None:
    pdf = render([make_content()])
    names = set(re.findall(rb"/BaseFont /([^\s/]+)", pdf))
    assert names
    assert all(re.match(rb"[A-Z]{6}\+", name) for name in names)
    assert len(pdf) < 300_000


def test_a_cohort_is_one_file_with_a_page_each() -> None:
    pdf = render([make_content(name=name) for name in ("김서연", "이도윤", "박지우")])
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 3
    assert text_of(pdf).count("CERTIFICATE OF COMPLETION") == 3


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_all_issuers_stand_on_the_paper(count) -> None:
    issuers = [Named(ko=f"제{number}대학교 총장", en=f"President {number}") for number in range(count)]
    text = text_of(render([make_content(issuers=issuers)]))
    assert all(issuer.ko in text and issuer.en in text for issuer in issuers)


def test_runs_of_dark_modules_are_found() -> None:
    assert _runs(bytes([1, 1, 0, 1])) == [(0, 2), (3, 1)]
    assert _runs(bytes([0, 0])) == []


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
def test_it_can_be_drawn_by_another_program(tmp_path) -> None:
    (tmp_path / "a.pdf").write_bytes(render([make_content()]))
    done = subprocess.run(
        ["pdftoppm", "-r", "40", "-png", "a.pdf", "a"], cwd=tmp_path, capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    assert (tmp_path / "a-1.png").stat().st_size > 5000


def test_streams_are_compressed() -> None:
    assert zlib.decompress(re.search(rb"stream\n(x\x9c.*?)\nendstream", render([make_content()]), re.S)[1])
