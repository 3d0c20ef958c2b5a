"""The 18 시군 of Gyeongnam as tiles, each about where it lies: every region has the same room for its number."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from hub.portal.charts.svg import Words, frame, group, label, shade, tag

#: Column and row of each region, from 함양 in the west to 양산 in the east.
PLACES = {
    "geochang": (1, 0),
    "hapcheon": (2, 0),
    "changnyeong": (3, 0),
    "miryang": (4, 0),
    "hamyang": (0, 1),
    "sancheong": (1, 1),
    "uiryeong": (2, 1),
    "haman": (3, 1),
    "changwon": (4, 1),
    "gimhae": (5, 1),
    "yangsan": (6, 1),
    "hadong": (1, 2),
    "jinju": (2, 2),
    "sacheon": (3, 2),
    "goseong": (4, 2),
    "geoje": (5, 2),
    "namhae": (2, 3),
    "tongyeong": (4, 3),
}
COLUMNS, ROWS = 7, 4


def tile_map(words: Words, names: Mapping[str, str], numbers: Mapping[str, int]) -> Markup:
    """Return the map for wide and for narrow screens; ``numbers`` may lack regions."""
    return _draw(words, "wide", (84, 66), (names, numbers)) + _draw(words, "narrow", (57, 54), (names, numbers))


def _draw(
    words: Words, variant: str, size: tuple[int, int], data: tuple[Mapping[str, str], Mapping[str, int]]
) -> Markup:
    names, numbers = data
    most = max((numbers.get(code, 0) for code in PLACES), default=0) or 1
    tiles = [_tile(place, size, (names[code], numbers.get(code, 0)), most) for code, place in PLACES.items()]
    return frame(words, variant, (COLUMNS * size[0], ROWS * size[1]), *tiles)


def _tile(place: tuple[int, int], size: tuple[int, int], said: tuple[str, int], most: int) -> Markup:
    x, y = place[0] * size[0], place[1] * size[1]
    depth = shade((said[1] / most) ** 0.5)  # one large city must not make all others look alike
    middle = x + size[0] / 2
    return group(
        tag("rect", x=x + 2, y=y + 2, width=size[0] - 4, height=size[1] - 4, rx=6, class_=f"cell {depth}"),
        label(middle, y + size[1] * 0.42, said[0], f"on small {depth}", "middle"),
        label(middle, y + size[1] * 0.78, f"{said[1]:,}", f"on strong {depth}", "middle"),
    )
