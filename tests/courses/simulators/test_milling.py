"""Published figures: AI4I 2020 data set, 10,000 parts (counts by mode, means and spreads of the sensors)."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from courses.simulators import milling

PUBLISHED_COUNTS = {"twf": 46, "hdf": 115, "pwf": 95, "osf": 98, "failure": 339}


@pytest.fixture(scope="module")
def logs() -> list[pd.DataFrame]:
    return [milling.machine_log(seed) for seed in range(20)]


@pytest.fixture(scope="module")
def log(logs: list[pd.DataFrame]) -> pd.DataFrame:
    return logs[0]


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    assert milling.machine_log(5).equals(milling.machine_log(5))
    assert not milling.machine_log(5).equals(milling.machine_log(6))


@pytest.mark.parametrize("mode", PUBLISHED_COUNTS)
def test_failures_are_as_frequent_as_published(logs: list[pd.DataFrame], mode: str) -> None:
    mean = np.mean([log[mode].sum() for log in logs])
    assert 0.75 * PUBLISHED_COUNTS[mode] < mean < 1.35 * PUBLISHED_COUNTS[mode]


def test_random_failures_are_one_in_a_thousand(logs: list[pd.DataFrame]) -> None:
    assert 0.0007 < np.mean([log["rnf"].mean() for log in logs]) < 0.0013


def test_no_seed_is_unlucky_in_its_number_of_failures(logs: list[pd.DataFrame]) -> None:
    counts = [log["failure"].sum() for log in logs]
    assert min(counts) > 270
    assert max(counts) < 470


@pytest.mark.parametrize(
    ("column", "mean", "spread"),
    [
        ("air_temperature_k", 300.0, 2.0),
        ("process_temperature_k", 310.0, 2.2),
        ("speed_rpm", 1538.8, 179.3),
        ("torque_nm", 39.99, 9.97),
        ("tool_wear_min", 107.95, 63.65),
    ],
)
def test_sensors_have_the_published_mean_and_spread(
    logs: list[pd.DataFrame], column: str, mean: float, spread: float
) -> None:
    values = np.concatenate([log[column] for log in logs])
    assert abs(values.mean() - mean) < 0.1 * spread
    assert abs(values.std() / spread - 1) < 0.08


def test_speed_falls_with_torque_as_published(log: pd.DataFrame) -> None:
    assert abs(log["speed_rpm"].corr(log["torque_nm"]) + 0.875) < 0.04


def test_grades_have_their_shares_and_wear_steps(log: pd.DataFrame) -> None:
    assert np.allclose(log["grade"].value_counts(normalize=True)[list("LMH")], [0.6, 0.3, 0.1], atol=0.02)
    same_tool = log["tool"].diff() == 0
    expected = log["grade"].map(milling.WEAR_PER_PART_MIN)
    assert (log["tool_wear_min"].diff()[same_tool] == expected[same_tool]).all()


def test_each_rule_decides_its_own_failure_mode(log: pd.DataFrame) -> None:
    power = log["torque_nm"] * log["speed_rpm"] * 2 * np.pi / 60
    gap = log["process_temperature_k"] - log["air_temperature_k"]
    assert ((power < 3500) | (power > 9000)).astype(int).equals(log["pwf"])
    assert ((gap < 8.6) & (log["speed_rpm"] < 1380)).astype(int).equals(log["hdf"])
    limit = log["grade"].map({"L": 11_000, "M": 12_000, "H": 13_000})
    assert (log["tool_wear_min"] * log["torque_nm"] > limit).astype(int).equals(log["osf"])


def test_a_tool_wears_out_only_at_its_last_part_between_200_and_240_minutes(log: pd.DataFrame) -> None:
    worn = log[log["twf"] == 1]
    assert worn["tool_wear_min"].between(195, 245).all()
    assert (worn["part"] == log.groupby("tool")["part"].max()[worn["tool"]].to_numpy()).all()


def test_a_part_fails_if_any_mode_does(log: pd.DataFrame) -> None:
    assert log[list(milling.MODES)].max(axis=1).equals(log["failure"])


def test_what_is_known_before_cutting_holds_no_failure_column(log: pd.DataFrame) -> None:
    assert not set(milling.sensors_only(log)) & {"failure", *milling.MODES}


def test_power_is_torque_times_angular_speed() -> None:
    assert milling.power_w(pd.Series([1500.0]), pd.Series([40.0])).iloc[0] == pytest.approx(6283.185)


def test_a_log_is_made_in_less_than_a_second() -> None:
    started = time.process_time()
    milling.machine_log(3)
    assert time.process_time() - started < 1


def test_a_learners_own_uci_file_gets_our_columns(tmp_path: Path, log: pd.DataFrame) -> None:
    names = {ours: theirs for theirs, ours in milling.UCI_COLUMNS.items()}
    log.drop(columns="tool").rename(columns=names).to_csv(tmp_path / "ai4i2020.csv", index=False)
    read = milling.read_uci_file(tmp_path / "ai4i2020.csv")
    assert read.drop(columns="tool").equals(log.drop(columns="tool"))
    assert abs(read["tool"].max() - log["tool"].max()) <= 1


def test_a_file_without_the_columns_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"other\.csv: columns missing: .*UDI"):
        milling.read_uci_file(tmp_path / "other.csv")
