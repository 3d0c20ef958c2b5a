"""The ornaments of the paper: a guilloche frame, a rosette behind the text, a seal's place, a QR code.

Everything is lines on the page, in millimetres; no pictures.
"""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sin

import segno
from fpdf import FPDF

Point = tuple[float, float]
Colour = tuple[int, int, int]

NAVY: Colour = (8, 56, 145)
INK: Colour = (30, 33, 36)
QUIET: Colour = (88, 97, 106)
GOLD: Colour = (176, 137, 66)
PALE_GOLD: Colour = (226, 209, 172)
MIST: Colour = (233, 239, 249)
VERMILION: Colour = (189, 44, 15)

_STEP = 0.6
_CORNER = 9.0


def draw_frame(pdf: FPDF, margin: float) -> None:
    """Draw a border around the page: a strong line, a woven band, a fine line, a rosette on each corner."""
    width, height = pdf.w - 2 * margin, pdf.h - 2 * margin
    _box(pdf, margin, width, height, 1.1, NAVY)
    _box(pdf, margin + 1.6, width - 3.2, height - 3.2, 0.25, GOLD)
    band = margin + 4.6
    for phase, colour in ((0.0, PALE_GOLD), (pi / 2, GOLD), (pi, PALE_GOLD), (3 * pi / 2, GOLD)):
        for start, end in _sides(band, pdf.w - band, pdf.h - band):
            _polyline(pdf, _wave(start, end, phase), 0.16, colour)
    inner = margin + 7.6
    _box(pdf, inner, pdf.w - 2 * inner, pdf.h - 2 * inner, 0.25, GOLD)
    _box(pdf, inner + 1.0, pdf.w - 2 * inner - 2, pdf.h - 2 * inner - 2, 0.5, NAVY)
    for x in (band, pdf.w - band):
        for y in (band, pdf.h - band):
            _corner(pdf, x, y)


def draw_rosette(pdf: FPDF, centre: Point, radius: float, colour: Colour) -> None:
    """Draw a spirograph: fine closed curves around ``centre``, faint enough to write over."""
    for inner, lobes in ((0.3, 16), (0.48, 24), (0.64, 32), (0.8, 40)):
        points = []
        for step in range(961):
            angle = step * 2 * pi / 960
            reach = radius * ((1 + inner) / 2 + (1 - inner) / 2 * cos(lobes * angle))
            points.append((centre[0] + reach * cos(angle), centre[1] + reach * sin(angle)))
        _polyline(pdf, points, 0.12, colour)


def draw_seal_place(pdf: FPDF, x: float, y: float, side: float) -> None:
    """Draw where the issuer's seal goes: a fine vermilion square with cut corners."""
    pdf.set_draw_color(*VERMILION)
    pdf.set_line_width(0.2)
    pdf.set_dash_pattern(dash=1.2, gap=0.9)
    pdf.rect(x, y, side, side, round_corners=True, corner_radius=side / 10)
    pdf.set_dash_pattern()


def draw_qr(pdf: FPDF, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code of ``text``; rows of dark modules are drawn as one rectangle each."""
    matrix = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    module = side / len(matrix)
    pdf.set_fill_color(*INK)
    for line, row in enumerate(matrix):
        for start, length in _runs(row):
            pdf.rect(x + start * module, y + line * module, length * module, module, style="F")


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules: ``1101`` -> ``[(0, 2), (3, 1)]``."""
    edges = [index for index, (a, b) in enumerate(pairwise(b"\0" + row + b"\0")) if a != b]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _box(pdf: FPDF, margin: float, width: float, height: float, line: float, colour: Colour) -> None:
    pdf.set_draw_color(*colour)
    pdf.set_line_width(line)
    pdf.rect(margin, pdf.h / 2 - height / 2, width, height)


def _sides(low: float, right: float, bottom: float) -> list[tuple[Point, Point]]:
    """The four sides of the band between its corners."""
    a, b, c = low + _CORNER / 2, right - _CORNER / 2, bottom - _CORNER / 2
    return [((a, low), (b, low)), ((a, bottom), (b, bottom)), ((low, a), (low, c)), ((right, a), (right, c))]


def _wave(start: Point, end: Point, phase: float) -> list[Point]:
    """A sine of whole periods along a straight line."""
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    steps, periods = int(length / _STEP), round(length / 7)
    is_flat = start[1] == end[1]
    points = []
    for step in range(steps + 1):
        along, off = step * length / steps, 1.7 * sin(2 * pi * periods * step / steps + phase)
        points.append((start[0] + along, start[1] + off) if is_flat else (start[0] + off, start[1] + along))
    return points


def _corner(pdf: FPDF, x: float, y: float) -> None:
    pdf.set_fill_color(255, 255, 255)
    pdf.set_draw_color(*NAVY)
    pdf.set_line_width(0.35)
    pdf.circle(x, y, 3.6, style="DF")
    for reach, colour in ((3.0, GOLD), (1.9, NAVY)):
        points = []
        for step in range(121):
            angle = step * 2 * pi / 120
            length = reach * (0.62 + 0.38 * cos(8 * angle))
            points.append((x + length * cos(angle), y + length * sin(angle)))
        _polyline(pdf, points, 0.18, colour)


def _polyline(pdf: FPDF, points: list[Point], line: float, colour: Colour) -> None:
    pdf.set_draw_color(*colour)
    pdf.set_line_width(line)
    pdf.polyline([(round(x, 2), round(y, 2)) for x, y in points])
