"""The paper itself: certificates as PDF pages, A4 upright, fonts embedded; the same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from fpdf import FPDF
from fpdf.enums import Align

from hub.portal.services.certificates.codes import group_code
from hub.portal.services.certificates.content import Content, Named
from hub.portal.services.certificates.fonts import BOLD, REGULAR, fallback
from hub.portal.services.certificates.ornament import (
    GOLD,
    INK,
    MIST,
    NAVY,
    QUIET,
    Colour,
    draw_frame,
    draw_qr,
    draw_rosette,
    draw_seal_place,
)

_TELL_EVERY = 10
_SERIF, _OTHER = "serif", "other"
_MARGIN, _LEFT, _LABEL = 10.0, 32.0, 34.0
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Style:
    """How a line is written; ``size`` in points, ``spacing`` between letters in points."""

    size: float
    align: Literal["L", "C", "R"] = "C"
    colour: Colour = INK
    is_bold: bool = False
    spacing: float = 0.0


def render(contents: Iterable[Content], on_page: Callable[[int, int], None] | None = None) -> bytes:
    """Return a PDF with one page for each certificate; ``on_page(done, total)`` is told now and then."""
    found = list(contents)
    pdf = _make_pdf(found)
    for number, content in enumerate(found):
        if on_page is not None and number % _TELL_EVERY == 0:
            on_page(number, len(found))
        _page(pdf, content)
    return bytes(pdf.output())


def _make_pdf(contents: list[Content]) -> FPDF:
    pdf = FPDF(orientation="portrait", unit="mm", format="A4")
    pdf.add_font(_SERIF, "", REGULAR)
    pdf.add_font(_SERIF, "B", BOLD)
    other = fallback()
    if other is not None:
        pdf.add_font(_OTHER, "", other)
        pdf.set_fallback_fonts([_OTHER], exact_match=False)
    pdf.set_auto_page_break(False)
    pdf.set_margins(_LEFT, _MARGIN)
    newest = max(content.issued_on for content in contents)
    pdf.set_creation_date(datetime.combine(newest, time(), UTC))  # of the issue, not of the print: same bytes again
    pdf.set_lang("ko")
    pdf.set_title(contents[0].serial if len(contents) == 1 else f"{contents[0].serial} – {contents[-1].serial}")
    pdf.set_author(contents[0].issuers[0].ko)
    pdf.set_creator("AX Campus")
    return pdf


def _page(pdf: FPDF, content: Content) -> None:
    pdf.add_page()
    draw_rosette(pdf, (pdf.w / 2, 158), 62, MIST)
    draw_frame(pdf, _MARGIN)
    _head(pdf, content)
    _facts(pdf, content)
    _words(pdf, content)
    _issuers(pdf, content)
    _check(pdf, content)


def _head(pdf: FPDF, content: Content) -> None:
    _text(pdf, content.serial, 31, Style(11.5, align="L"))
    if content.issue_number > 1:
        _text(pdf, f"{content.issue_number}차 발급 · Issue {content.issue_number}", 31, Style(9, "R", colour=QUIET))
    _text(pdf, "수 료 증", 46, Style(44, is_bold=True, colour=NAVY))
    _text(pdf, "CERTIFICATE OF COMPLETION", 68, Style(11, colour=GOLD, spacing=2.2))
    pdf.set_draw_color(*GOLD)
    pdf.set_line_width(0.3)
    for reach, y in ((24, 77.2), (14, 78.6)):
        pdf.line(pdf.w / 2 - reach, y, pdf.w / 2 + reach, y)
    _text(pdf, _spread(content.name), 88, Style(_fitting(pdf, _spread(content.name), 30, 140), is_bold=True))
    if content.birth_date is not None:
        born = content.birth_date
        _text(pdf, f"{born.year}년 {born.month}월 {born.day}일생", 103, Style(11, colour=QUIET))


def _facts(pdf: FPDF, content: Content) -> None:
    start, end = content.starts_on, content.ends_on
    period = f"{start:%Y. %-m. %-d.} – {end:%Y. %-m. %-d.}"
    rows = [
        ("교육과정", "Course", content.course),
        ("기     수", "Cohort", Named(ko=content.cohort.ko, en=content.cohort.en)),
        ("교육기간", "Period", Named(ko=period, en=f"{_english(start)} – {_english(end)}")),
    ]
    if content.hours is not None:
        hours = f"{content.hours.normalize():f}"
        rows.append(("이수시간", "Hours", Named(ko=f"{hours}시간", en=f"{hours} hours")))
    for index, (korean, english, value) in enumerate(rows):
        _fact(pdf, 116 + index * 15, (korean, english), value)


def _fact(pdf: FPDF, y: float, label: tuple[str, str], value: Named) -> None:
    at, width = _LEFT + _LABEL, pdf.w - 2 * _LEFT - _LABEL
    _text(pdf, label[0], y, Style(12, "L", colour=NAVY, is_bold=True), x=_LEFT)
    _text(pdf, label[1], y + 6, Style(8, "L", colour=QUIET), x=_LEFT)
    _text(pdf, value.ko, y - 0.4, Style(_fitting(pdf, value.ko, 13.5, width), "L"), x=at)
    _text(pdf, value.en, y + 6, Style(_fitting(pdf, value.en, 9, width), "L", colour=QUIET), x=at)
    pdf.set_draw_color(*MIST)
    pdf.set_line_width(0.25)
    pdf.line(_LEFT, y + 12, pdf.w - _LEFT, y + 12)


def _words(pdf: FPDF, content: Content) -> None:
    korean = (
        f"위 사람은 「{content.programme.ko}」의 위 교육과정을 성실히 이수하고 "
        "수료 기준을 충족하였으므로 이 증서를 수여합니다."
    )
    english = (
        "This certifies that the person named above has completed the course named above of the "
        f"{content.programme.en} and met its requirements."
    )
    _paragraph(pdf, korean, 183, Style(13.5), 8.2)
    _paragraph(pdf, english, pdf.get_y() + 1.6, Style(9, colour=QUIET), 4.8)
    day = content.issued_on
    _text(pdf, f"{day.year}년 {day.month}월 {day.day}일", 216, Style(14))
    _text(pdf, _english(day), 223, Style(8.5, colour=QUIET))


def _issuers(pdf: FPDF, content: Content) -> None:
    """One or two issuers stand large in the middle, more of them in lines with both languages side by side."""
    count = len(content.issuers)
    if count > 2:
        _issuer_lines(pdf, content.issuers)
        return
    size, line = (21.0, 18.0) if count == 1 else (17.0, 18.0)
    for index, issuer in enumerate(content.issuers):
        y = 232 + index * line
        _text(pdf, issuer.ko, y, Style(_fitting(pdf, issuer.ko, size, 108), is_bold=True))
        _text(pdf, issuer.en, y + size * 0.42, Style(_fitting(pdf, issuer.en, 9, 108), colour=QUIET))
        _seal(pdf, y + size * 0.3, 16.0)


def _issuer_lines(pdf: FPDF, issuers: tuple[Named, ...]) -> None:
    for index, issuer in enumerate(issuers):
        y = 231 + index * 8.6
        _text(pdf, issuer.ko, y, Style(_fitting(pdf, issuer.ko, 12.5, 52), "R", is_bold=True), x=48, width=54)
        _text(pdf, issuer.en, y + 1, Style(_fitting(pdf, issuer.en, 8.5, 56), "L", colour=QUIET), x=104)
        _seal(pdf, y + 2.7, 7.8)


def _seal(pdf: FPDF, centre: float, side: float) -> None:
    x, size = pdf.w - _LEFT - side, 7.5 if side > 10 else 5.0
    draw_seal_place(pdf, x, centre - side / 2, side)
    _text(pdf, "(직인)", centre - size * 0.21, Style(size, "C", colour=QUIET), x=x, width=side)


def _check(pdf: FPDF, content: Content) -> None:
    draw_qr(pdf, content.check_url, 26, 249.5, 20)
    _text(pdf, "진위 확인 · Verify", 271, Style(6.5, "L", colour=QUIET), x=25)
    _text(pdf, group_code(content.code), 274, Style(6.5, "L", colour=QUIET), x=25)


def _text(pdf: FPDF, text: str, y: float, style: Style, x: float = _LEFT, width: float | None = None) -> None:
    """Write one line whose upper edge is at ``y``, over the width between the margins if none is given."""
    pdf.set_font(_SERIF, "B" if style.is_bold else "", style.size)
    pdf.set_text_color(*style.colour)
    pdf.set_char_spacing(style.spacing)
    pdf.set_xy(x, y)
    pdf.cell(pdf.w - 2 * _LEFT if width is None else width, style.size * 0.42, text, align=style.align)
    pdf.set_char_spacing(0)


def _paragraph(pdf: FPDF, text: str, y: float, style: Style, line: float) -> None:
    pdf.set_font(_SERIF, "", style.size)
    pdf.set_text_color(*style.colour)
    pdf.set_xy(_LEFT, y)
    pdf.multi_cell(pdf.w - 2 * _LEFT, line, text, align=Align.C)


def _fitting(pdf: FPDF, text: str, size: float, width: float) -> float:
    """Return the size, made smaller where the text would be wider than ``width``."""
    pdf.set_font(_SERIF, "B", size)
    wide = pdf.get_string_width(text)
    return size if wide <= width else size * width / wide


def _spread(name: str) -> str:
    """Set a Korean name apart as is usual on such papers: ``김서연`` -> ``김 서 연``; others stay."""
    is_korean = len(name) <= 4 and all("가" <= sign <= "힣" for sign in name)
    return " ".join(name) if is_korean else name


def _english(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
