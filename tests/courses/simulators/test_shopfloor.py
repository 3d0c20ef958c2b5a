from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from courses.simulators import shopfloor
from courses.simulators.shopfloor import SENSORS, FurnaceLog, export_bytes, furnace_log


@pytest.fixture(scope="module", params=range(5))
def log(request: pytest.FixtureRequest) -> FurnaceLog:
    return furnace_log(request.param)


def recorded_once(log: FurnaceLog) -> pd.DataFrame:
    return log.recorded.drop_duplicates("time").set_index("time").sort_index()


def faults(log: FurnaceLog, kind: str) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    chosen = log.faults[log.faults["kind"] == kind]
    return list(zip(chosen["column"], chosen["start"], chosen["end"], strict=True))


def longest_run(values: pd.Series) -> int:
    run = (values != values.shift()).cumsum()
    return int(run.value_counts().max())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert export_bytes(furnace_log(1)) == export_bytes(furnace_log(1))
    assert export_bytes(furnace_log(1)) != export_bytes(furnace_log(2))


def test_every_kind_of_fault_is_planted_and_faults_never_overlap(log: FurnaceLog) -> None:
    assert log.faults["kind"].value_counts().to_dict() == {"stuck": 4, "gap": 3, "unit": 2, "repeat": 2}
    assert (log.faults["start"].to_numpy()[1:] > log.faults["end"].to_numpy()[:-1]).all()


def test_every_sensor_is_stuck_once_and_both_temperatures_change_unit(log: FurnaceLog) -> None:
    assert {column for column, _, _ in faults(log, "stuck")} == set(SENSORS)
    assert {column for column, _, _ in faults(log, "unit")} == {"oil_c", "furnace_c"}


def test_the_truth_stays_within_the_sites_limits(log: FurnaceLog) -> None:
    assert log.truth["oil_c"].between(50, 95).all()
    assert log.truth["furnace_c"].between(780, 900).all()
    assert not log.truth.isna().any().any()


def test_healthy_sensors_never_repeat_a_value_for_as_long_as_a_stuck_one() -> None:
    for seed in range(20):
        truth = furnace_log(seed).truth
        assert max(longest_run(truth[column]) for column in SENSORS) < 12


def test_fahrenheit_stretches_convert_back_to_the_truth(log: FurnaceLog) -> None:
    table, truth = recorded_once(log), log.truth.set_index("time")
    for column, start, end in faults(log, "unit"):
        written = table.loc[start:end, column].dropna()
        assert np.abs((written - 32) * 5 / 9 - truth.loc[written.index, column]).max() < 0.06


def test_stuck_stretches_hold_one_value(log: FurnaceLog) -> None:
    for column, start, end in faults(log, "stuck"):
        assert recorded_once(log).loc[start:end, column].dropna().nunique() == 1


def test_gaps_hold_no_row_and_other_time_is_nearly_complete(log: FurnaceLog) -> None:
    table = recorded_once(log)
    planted = 0
    for _, start, end in faults(log, "gap"):
        assert table.loc[start:end].empty
        planted += int((end - start).total_seconds() / 60) + 1
    assert 0 < len(log.truth) - planted - len(table) < 0.01 * len(log.truth)


def test_repeats_arrive_later_with_the_same_values(log: FurnaceLog) -> None:
    repeated = log.recorded[log.recorded["time"].duplicated()]
    assert len(repeated) > 15
    assert not log.recorded["time"].is_monotonic_increasing
    both = log.recorded[log.recorded["time"].isin(repeated["time"])]
    assert (both.groupby("time")[list(SENSORS)].nunique() <= 1).all().all()


def test_remarks_are_there_only_afterwards() -> None:
    assert (furnace_log(1).recorded["remark"] != "").any()
    assert (furnace_log(1, remarks=False).recorded["remark"] == "").all()


def test_the_export_is_what_a_korean_gateway_writes() -> None:
    text = export_bytes(furnace_log(3)).decode(shopfloor.ENCODING)
    lines = text.splitlines()
    assert lines[2] == "일시,로온도(℃),유온(℃),히터전류(A),분위기압(kPa),비고"
    assert ",-," in text
    assert len(lines) == 3 + len(furnace_log(3).recorded)


def test_a_log_is_made_in_less_than_two_seconds() -> None:
    started = time.process_time()
    export_bytes(furnace_log(3))
    assert time.process_time() - started < 2
