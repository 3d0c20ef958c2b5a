"""Published figures: Roehm RN-1391 (specific force of 42CrMo4), Groover (Taylor's n and C), ISO 3685 (0.3 mm)."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from courses.simulators import tool_wear

#: Specific cutting force of 42CrMo4 in N/mm2 at these feeds (mm) with an entering angle of 45 degrees.
PUBLISHED_FORCE = {0.16: 4_350, 0.25: 3_900, 0.40: 3_450, 0.63: 3_100, 1.0: 2_750, 1.6: 2_450}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return tool_wear.turning_log(7, "test", 40)


@pytest.mark.parametrize(("feed", "published"), PUBLISHED_FORCE.items())
def test_the_specific_force_is_that_of_the_published_table(feed: float, published: float) -> None:
    chip = feed * np.sin(np.radians(45))
    assert tool_wear.specific_force_n_mm2(chip) == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize(("speed", "minutes"), [(500, 1.0), (250, 16.0), (200, 39.06), (100, 625.0)])
def test_tool_life_follows_taylor_with_the_textbooks_constants(speed: float, minutes: float) -> None:
    assert tool_wear.tool_life_min(speed, 0.25, 2.5) == pytest.approx(minutes, rel=1e-3)


def test_speed_shortens_life_most_and_depth_least() -> None:
    life = tool_wear.tool_life_min([200, 220, 200, 200], [0.25, 0.25, 0.275, 0.25], [2.5, 2.5, 2.5, 2.75])
    base, speed, feed, depth = life
    assert speed < feed < depth < base


def test_wear_reaches_the_iso_limit_at_the_end_of_life_in_three_phases() -> None:
    wear = tool_wear.flank_wear_mm(np.linspace(0, 1, 101))
    assert wear[0] == 0
    assert wear[-1] == pytest.approx(0.3, rel=1e-3)
    step = np.diff(wear)
    assert (step > 0).all()
    assert step[:5].mean() > 1.5 * step[40:60].mean() < step[-5:].mean()


def test_the_cutting_force_grows_by_about_half_until_the_edge_is_worn_out() -> None:
    fresh, worn = tool_wear.cutting_force_n(0.25, 2.5), tool_wear.cutting_force_n(0.25, 2.5, 0.3)
    assert fresh == pytest.approx(2_500 * 0.25**-0.26 * 0.25 * 2.5)
    assert 1.3 < worn / fresh < 1.5


def test_the_same_seed_gives_the_same_log_and_names_other_tools() -> None:
    first = tool_wear.turning_log(2**64 - 1, "a", 2)
    assert first.equals(tool_wear.turning_log(2**64 - 1, "a", 2))
    assert not first["force_n"].equals(tool_wear.turning_log(2**64 - 1, "b", 2)["force_n"])


def test_every_tool_wears_out_and_is_run_a_little_longer(log: pd.DataFrame) -> None:
    last = log.groupby("tool")["wear_um"].last()
    assert last.between(290, 420).all()
    assert (log.groupby("tool")["parts_left"].last() == 0).all()
    assert (log.groupby("tool")["part"].diff().dropna() == 1).all()


def test_tools_live_about_as_long_as_taylor_says_but_not_all_alike(log: pd.DataFrame) -> None:
    life = pd.Series(tool_wear.tool_life_min(log["speed_m_min"], log["feed_mm"], log["depth_mm"]))
    step = log.groupby("tool")["minutes"].diff().fillna(log["minutes"])
    used = (step / life).groupby(log["tool"]).sum()
    assert np.median(used) == pytest.approx(1.1, abs=0.12)
    assert 0.1 < np.log(used).std() < 0.35


def test_signals_of_different_tools_differ_more_than_a_tools_own_noise(log: pd.DataFrame) -> None:
    level = log["vibration_g"] / tool_wear.fresh_level(log)["vibration_g"] / (1 + 0.004 * log["wear_um"])
    groups = pd.Series(np.log(level)).groupby(log["tool"])
    assert groups.mean().std() > 2.5 * groups.std().mean()


def test_force_over_fresh_force_follows_the_wear_whatever_the_product(log: pd.DataFrame) -> None:
    ratio = log["force_n"] / tool_wear.fresh_level(log)["force_n"]
    fresh = ratio.groupby(log["tool"]).transform(lambda rows: rows.head(3).median())
    assert np.corrcoef(ratio / fresh, log["wear_um"])[0, 1] > 0.95
    assert np.corrcoef(log["force_n"], log["wear_um"])[0, 1] < 0.6


def test_the_machine_knows_neither_wear_nor_the_parts_to_come(log: pd.DataFrame) -> None:
    assert not {"wear_um", "parts_left"} & set(tool_wear.machine_only(log).columns)


def test_a_running_tool_is_seen_up_to_some_moment(log: pd.DataFrame) -> None:
    seen = tool_wear.until_now(log, 3, "x")
    assert seen["tool"].nunique() == log["tool"].nunique()
    assert (seen.groupby("tool")["part"].max() >= 5).all()
    assert len(seen) < 0.8 * len(log)


def test_a_class_of_sixty_tools_is_made_in_less_than_two_seconds_of_one_core() -> None:
    started = time.process_time()
    tool_wear.turning_log(3, "speed", 60)
    assert time.process_time() - started < 2
