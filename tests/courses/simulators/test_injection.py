"""Published figures: Kazmer's ABS (2210 Pa s at rest, 120 Pa s at 2000 1/s, 83 MPa for the bezel); KAMP's causes."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from courses.simulators import injection


@pytest.fixture(scope="module")
def logs() -> list[pd.DataFrame]:
    return [injection.moulding_log(seed, "test") for seed in range(8)]


@pytest.fixture(scope="module")
def log(logs: list[pd.DataFrame]) -> pd.DataFrame:
    return logs[0]


def stiffness(log: pd.DataFrame) -> pd.Series:
    theory = injection.filling_pressure_mpa(log["injection_speed_m_s"], log["barrel_c"])
    ratio = log["max_pressure_mpa"] / theory
    return ratio / ratio.groupby(log["lot"]).transform("median")


def test_viscosity_at_rest_is_the_published_one() -> None:
    assert injection.rest_viscosity_pa_s(239) == pytest.approx(2_210, rel=0.015)


def test_viscosity_under_shear_is_the_published_one() -> None:
    assert injection.viscosity_pa_s(2_000, 239) == pytest.approx(120, rel=0.01)


def test_the_published_bezel_needs_about_its_published_pressure() -> None:
    assert injection.filling_pressure_mpa(0.82, 239) == pytest.approx(83.2, rel=0.15)


def test_the_melt_runs_thinner_when_hotter_and_faster() -> None:
    assert (np.diff(injection.viscosity_pa_s(1_000, [220, 239, 260])) < 0).all()
    assert (np.diff(injection.viscosity_pa_s([10, 1_000, 10_000], 239)) < 0).all()
    assert injection.viscosity_pa_s(1e-6, 239) == pytest.approx(injection.rest_viscosity_pa_s(239), rel=1e-4)


@pytest.mark.parametrize(("reason", "published"), [("gas", 35), ("short", 15), ("start", 10)])
def test_each_cause_has_about_its_share_of_the_published_5230_parts(
    logs: list[pd.DataFrame], reason: str, published: int
) -> None:
    every = pd.concat(logs)
    assert (every["reason"] == reason).mean() == pytest.approx(published / 5_230, rel=0.5)


def test_defects_are_as_rare_as_in_the_published_set_in_every_log(logs: list[pd.DataFrame]) -> None:
    shares = [log["defect"].mean() for log in logs]
    assert np.mean(shares) == pytest.approx(60 / 5_230, rel=0.15)
    assert all(0.008 < share < 0.017 for share in shares)


def test_every_log_has_defects_of_each_cause(logs: list[pd.DataFrame]) -> None:
    for log in logs:
        assert (log["reason"].value_counts().reindex(injection.REASONS).fillna(0) >= 3).all()


def test_a_part_is_bad_if_it_has_a_reason_and_then_lies_in_a_box(log: pd.DataFrame) -> None:
    assert ((log["reason"] != "") == (log["defect"] == 1)).all()
    assert ((log["scrap_box"] > 0) == (log["defect"] == 1)).all()


def test_gas_comes_where_the_melt_runs_thin(log: pd.DataFrame) -> None:
    ratio = stiffness(log)
    assert ratio[log["reason"] == "gas"].median() < ratio.quantile(0.05)


def test_short_shots_come_where_no_margin_is_left(log: pd.DataFrame) -> None:
    margin = log["pressure_limit_mpa"] - log["max_pressure_mpa"]
    assert margin[log["reason"] == "short"].median() < margin.quantile(0.05)


def test_start_up_defects_come_within_seconds_of_a_stop(log: pd.DataFrame) -> None:
    stop = log["time"].diff().dt.total_seconds().fillna(1e6) > injection.STOP_SECONDS
    since = stop.groupby(stop.cumsum()).cumcount()
    assert since[log["reason"] == "start"].max() < 8
    assert log["mould_c"][since < 3].mean() < log["mould_c"].mean() - 3


def test_the_ratio_to_theory_and_lot_tells_gas_apart_far_better_than_raw_pressure(log: pd.DataFrame) -> None:
    def separation(values: pd.Series) -> float:
        """Distance of gas defects from the good parts, in standard deviations of the good parts."""
        good = values[log["defect"] == 0]
        return float(abs(values[log["reason"] == "gas"].mean() - good.mean()) / good.std())

    assert separation(stiffness(log)) > 2 * separation(log["max_pressure_mpa"])


def test_the_machine_knows_neither_reason_nor_box(log: pd.DataFrame) -> None:
    assert not {"reason", "defect", "scrap_box"} & set(injection.machine_only(log).columns)


def test_the_same_seed_gives_the_same_log_and_names_other_plants() -> None:
    first = injection.moulding_log(2**64 - 1, "a", 2)
    assert first.equals(injection.moulding_log(2**64 - 1, "a", 2))
    assert not first["barrel_c"].equals(injection.moulding_log(2**64 - 1, "b", 2)["barrel_c"])


def test_sixty_lots_are_made_in_less_than_two_seconds_of_one_core() -> None:
    started = time.process_time()
    injection.moulding_log(3, "speed", 60)
    assert time.process_time() - started < 2


def kamp_like(log: pd.DataFrame) -> pd.DataFrame:
    theirs = {ours: name for name, ours in injection.KAMP_COLUMNS.items()}
    table = log.drop(columns=["scrap_box", "reason", "defect"]).rename(columns=theirs)
    table["PART_FACT_PLAN_DATE"] = pd.Timestamp("2020-10-16") + pd.to_timedelta(log["lot"], unit="D")
    return table.assign(PassOrFail=np.where(log["defect"] == 1, "N", "Y"), Reason=log["reason"])


def test_a_learners_own_kamp_file_gets_our_columns(tmp_path: Path, log: pd.DataFrame) -> None:
    kamp_like(log[:600]).to_csv(tmp_path / "labeled_data.csv", index=False)
    read = injection.read_kamp_file(tmp_path / "labeled_data.csv")
    assert list(read.columns) == [*injection.MACHINE_COLUMNS, "reason", "defect"]
    assert list(read["lot"]) == list(log["lot"][:600])
    assert list(read["defect"]) == list(log["defect"][:600])
    assert list(read["reason"]) == list(log["reason"][:600])


def test_a_file_without_the_columns_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"other\.csv: columns missing: .*Filling_Time"):
        injection.read_kamp_file(tmp_path / "other.csv")
