"""Charts are well-formed SVG with a name and a description, drawn where the numbers say; nothing in them is markup."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest

from hub.portal.charts.burn_up import Band, BurnUp, Labels, burn_up
from hub.portal.charts.heat_map import Row, heat_map
from hub.portal.charts.svg import Scale, Words, round_steps, shade, tag
from hub.portal.charts.tile_map import COLUMNS, PLACES, ROWS, tile_map
from hub.portal.services.programme.regions import REGIONS

WORDS = Words("c", "제목 <b>", "설명 & 더")
LABELS = Labels("목표 300명", "오늘", "262–278", lambda day: f"{day.month}월")
DAYS = (date(2026, 1, 1), date(2026, 12, 31))


def parts(markup: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<div>{markup}</div>"))


def test_what_comes_from_data_is_escaped_in_text_and_attributes():
    made = tag("text", "<script>", class_='x" onload="y', stroke_width=1.0, rx=None)
    assert made == '<text class="x&#34; onload=&#34;y" stroke-width="1">&lt;script&gt;</text>'


@pytest.mark.parametrize(
    ("most", "last", "step"), [(0, 1, 1), (3, 3, 1), (10, 10, 2), (47, 50, 10), (315, 400, 100), (25432, 30000, 10000)]
)
def test_an_axis_has_round_marks_from_zero_to_the_most(most: float, last: int, step: int):
    marks = round_steps(most)
    assert (marks[0], marks[-1], marks[1] - marks[0]) == (0, last, step)


def test_a_scale_is_straight_and_one_without_a_span_does_not_divide_by_zero():
    assert [Scale(0, 10, 100, 0)(value) for value in (0, 5, 10)] == [100, 50, 0]
    assert Scale(3, 3, 7, 9)(3) == 7


@pytest.mark.parametrize(
    ("share", "kind"), [(0, "heat-0"), (0.01, "heat-1"), (0.5, "heat-3"), (1, "heat-5"), (7, "heat-5")]
)
def test_nothing_looks_different_from_little(share: float, kind: str):
    assert shade(share) == kind


@pytest.mark.parametrize("grown", [[], [(date(2026, 6, 30), 135)]])
@pytest.mark.parametrize("bands", [[], [Band(date(2026, 12, 1), 262, 270, 278)]])
@pytest.mark.parametrize("goal", [300, None])
@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 9, 1), date(2026, 12, 31)])
def test_a_burn_up_is_an_image_with_its_words_in_both_widths(grown, bands, goal, today):
    images = parts(burn_up(WORDS, BurnUp(DAYS, today, grown, bands, goal), LABELS))
    assert [image.get("class") for image in images] == ["chart wide", "chart narrow"]
    ids = [element.get("id") for image in images for element in image.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 4
    for image in images:
        assert image.get("role") == "img"
        assert (image[0].text, image[1].text) == ("제목 <b>", "설명 & 더")
        assert set((image.get("aria-labelledby") or "").split()) == {image[0].get("id"), image[1].get("id")}
        assert bool(image.findall(".//line[@class='goal']")) is (goal is not None)
        assert bool(image.findall(".//polygon[@class='band']")) is bool(bands)
        assert not any(element.get("style") for element in image.iter())


def test_the_goal_and_the_count_lie_where_the_axis_says():
    chart = BurnUp(DAYS, date(2026, 9, 1), [(date(2026, 6, 30), 150)], [], 300)
    wide = parts(burn_up(WORDS, chart, LABELS))[0]
    grid = {element.text: element for element in wide.iter("text")}
    zero, goal = float(grid["0"].get("y", 0)), float(grid["300"].get("y", 0))
    dot = float(wide.findall(".//circle")[0].get("cy", 0)) + 5
    assert abs(dot - (zero + goal) / 2) < 0.2


def test_a_heat_map_has_a_cell_for_every_week_and_writes_its_number():
    rows = [Row("경상국립대학교", [(0, 0.0), (12, 0.4)]), Row("<창원>", [(3, 0.1), (30, 1.0)])]
    for image in parts(heat_map(WORDS, ["11/9", "11/16"], rows)):
        assert [cell.get("class") for cell in image.findall("rect")] == [f"cell heat-{n}" for n in (0, 2, 1, 5)]
        assert {"12", "3", "30", "<창원>"} <= {text.text for text in image.findall("text")}


def test_the_map_has_all_18_regions_each_on_a_tile_of_its_own():
    assert set(PLACES) == set(REGIONS) - {"other"}
    assert len(set(PLACES.values())) == 18
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in PLACES.values())
    names = {code: korean for code, (korean, _) in REGIONS.items()}
    wide, narrow = parts(tile_map(WORDS, names, {"changwon": 53, "jinju": 1, "other": 99}))
    for image in (wide, narrow):
        depths = [cell.get("class") for cell in image.findall(".//rect")]
        assert (depths.count("cell heat-0"), depths.count("cell heat-5"), len(depths)) == (16, 1, 18)
