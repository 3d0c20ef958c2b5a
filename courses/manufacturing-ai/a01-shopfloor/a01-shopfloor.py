# %% [markdown]
# # A01. 제조 데이터 읽기와 품질 점검 · Reading and checking shop-floor data
#
# 김해의 한 열처리 업체에서 사흘 치 기록을 보내왔습니다. 화요일 밤 **유온 경보**가 울려 설비를 세웠는데, 현장에 가 보니 기름은 멀쩡했습니다.
# 범인은 설비가 아니라 **데이터**였습니다. 모델을 만들기 전에, 기록이 믿을 만한지부터 따져 봅시다.
#
# > A heat-treatment shop in Gimhae sent us three days of log. An **oil-temperature alarm** stopped the line, yet the oil was fine:
# > the culprit was the **data**. Before any model, find out whether the record can be trusted.
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1 | 파일 읽기 · read the file | 3 |
# | 2 | 그림 먼저, 두 번 온 줄 · look first; rows sent twice | 2 |
# | 3 | 빠진 시간 · missing time | 3 |
# | 4 | 섞인 단위 · mixed units | 3 |
# | 5 | 굳어 버린 센서 · stuck sensors | 4 |
# | 6–7 | 99 %가 왜 틀렸는가, 정제 · why 99 % is wrong, cleaning | 5 |
# | 8 | 게이트웨이 규칙 제안 · rules for the gateway (사람이 채점 · graded by a person) | 5 |

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import shopfloor

prepare_notebook()
file_bytes = shopfloor.export_bytes(shopfloor.furnace_log(learner_seed()))
file_bytes[:160]

# %% [markdown]
# ## 1. 파일이 말하는 대로 읽기 · Read what the file says
#
# 윗줄은 파일의 첫 160바이트입니다. 한글이 보이지 않지요? 국내 설비의 CSV는 UTF-8이 아니라 **CP949**인 경우가 많습니다. 풀어서 다시 봅시다.
#
# > Above are the first 160 bytes: no Hangul to be seen. CSV files of Korean machines are often **CP949**, not UTF-8. Decode and look again.

# %%
print(file_bytes.decode("cp949")[:420])

# %% [markdown]
# **문제 1 (3점).** `read_log(data)`: 바이트를 받아 다음 열을 가진 표를 돌려주는 함수를 쓰십시오.
#
# - `time` (datetime), `furnace_c` 로 온도, `oil_c` 유온, `current_a` 히터 전류, `pressure_kpa` 분위기압 (모두 실수), `remark` 비고 (문자열, 비어 있으면 `""`)
# - 앞의 두 줄은 머리말입니다. `-`는 값이 없다는 뜻(NaN)입니다. 줄의 순서는 그대로 두십시오.
#
# > **Exercise 1 (3 points).** `read_log(data)` takes the bytes and returns a table with `time` (datetime), `furnace_c`, `oil_c`, `current_a`, `pressure_kpa` (floats) and `remark` (text, `""` where empty).
# > The first two lines are a preamble; `-` means no value (NaN). Keep the order of rows.


# %% nbgrader={"grade_id": "a01-read", "solution": true}
def read_log(data):
    """바이트 → 표 · bytes to table."""
    ### BEGIN SOLUTION
    table = pd.read_csv(io.BytesIO(data), encoding="cp949", skiprows=2, na_values="-", dtype={"비고": "str"})
    table.columns = ["time", "furnace_c", "oil_c", "current_a", "pressure_kpa", "remark"]
    return table.assign(time=pd.to_datetime(table["time"]), remark=table["remark"].fillna(""))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-read-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
new = shopfloor.furnace_log(hidden_seed(), remarks=False)
new_bytes = shopfloor.export_bytes(new)
### END HIDDEN TESTS
raw = read_log(file_bytes)
assert list(raw.columns) == ["time", "furnace_c", "oil_c", "current_a", "pressure_kpa", "remark"], (
    "열 이름과 순서를 확인하십시오 · check names and order"
)
assert len(raw) > 4000, "머리말 두 줄 말고는 줄을 버리지 마십시오 · drop no row but the preamble"
### BEGIN HIDDEN TESTS
made = read_log(new_bytes)
points_read = 0
if (
    len(made) == len(new.recorded)
    and (pd.to_datetime(made["time"]).to_numpy() == new.recorded["time"].to_numpy()).all()
):
    points_read += 1
values = made[list(shopfloor.SENSORS)].to_numpy(dtype=float)
wanted = new.recorded[list(shopfloor.SENSORS)].to_numpy(dtype=float)
if values.shape == wanted.shape:
    points_read += int((np.isnan(values) == np.isnan(wanted)).all()) + int(np.nanmax(np.abs(values - wanted)) < 0.06)
points_read
### END HIDDEN TESTS

# %% [markdown]
# ## 2. 그림부터 봅니다 · Look first
#
# 네 센서를 온 순서대로 그립니다. **이상한 곳을 몇 군데나 찾을 수 있습니까?** 세어 본 다음 계속하십시오.
#
# > The four sensors over time. **How many odd places can you find?** Count them before you go on.

# %%
raw = read_log(file_bytes)
labels = {
    "furnace_c": "로 온도 · furnace",
    "oil_c": "유온 · oil",
    "current_a": "전류 · current (A)",
    "pressure_kpa": "분위기압 · pressure (kPa)",
}
fig, axes = plt.subplots(4, 1, figsize=(9, 7.5), sharex=True)
for ax, (column, label) in zip(axes, labels.items(), strict=True):
    ax.plot(raw["time"], raw[column], lw=0.7, color="#1f5fa8")
    ax.set_ylabel(label)
plt.show()

# %% [markdown]
# 갑자기 두 배 가까이 뛴 구간은 눈에 띕니다. 하지만 **두 번 온 줄**과 **굳어 버린 센서**는 그림에서 잘 보이지 않습니다. 하나씩 찾아냅시다.
#
# 통신이 잠깐 끊기면 게이트웨이는 이미 보낸 줄을 **나중에 다시** 보냅니다. 그대로 두면 전력량이 두 번 더해집니다.
#
# **문제 2 (2점).** `tidy_rows(table)`: 같은 시각이 여러 번 있으면 처음 것만 남기고, 시각 순서로 정렬하고, 인덱스를 0부터 다시 매긴 새 표를 돌려주십시오.
#
# > The jumps to almost double are easy to see; **rows sent twice** and **stuck sensors** are not. After a short break the gateway sends rows **again, later**; left in, energy is counted twice.
# > **Exercise 2 (2 points).** `tidy_rows(table)` returns a new table that keeps the first row of each time, sorted by time, index counted from 0.


# %% nbgrader={"grade_id": "a01-tidy", "solution": true}
def tidy_rows(table):
    """시각마다 한 줄, 시각 순서 · one row a minute, in order."""
    ### BEGIN SOLUTION
    return table.drop_duplicates("time").sort_values("time", ignore_index=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-tidy-test", "grade": true, "points": 2}
### BEGIN HIDDEN TESTS
wanted_tidy = new.recorded.drop_duplicates("time").sort_values("time", ignore_index=True)
### END HIDDEN TESTS
sent_twice = pd.DataFrame({"time": pd.to_datetime(["2026-03-02 08:01", "2026-03-02 08:00", "2026-03-02 08:01"])})
one_each = tidy_rows(sent_twice.assign(oil_c=[70.0, 69.0, 99.0]))
assert one_each["time"].is_unique, "같은 시각이 남아 있습니다 · a time appears twice"
assert list(one_each["oil_c"]) == [69.0, 70.0], "시각 순서로, 처음 것만 · in order of time, the first of each"
### BEGIN HIDDEN TESTS
made_tidy = tidy_rows(new.recorded)
assert (made_tidy["time"].to_numpy() == wanted_tidy["time"].to_numpy()).all()
assert np.allclose(made_tidy["oil_c"].to_numpy(), wanted_tidy["oil_c"].to_numpy(), equal_nan=True)
assert list(made_tidy.index) == list(range(len(wanted_tidy)))
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 빠진 시간 · Missing time
#
# 빠진 줄은 파일 안에 **없으므로** `isna()`로는 절대 찾을 수 없습니다. 앞뒤 시각의 차이를 보아야 합니다.
#
# **문제 3 (3점).** `find_gaps(table, longer_than=5)`: 이웃한 두 줄의 간격이 `longer_than`분보다 긴 곳마다 한 줄씩,
# `start`(끊기기 전 마지막 시각)와 `end`(다시 이어진 첫 시각)를 가진 표를 돌려주십시오. 한두 줄이 빠진 것은 흔한 일이므로 세지 않습니다.
#
# > Missing rows are **not in the file**, so `isna()` will never find them; look at the distance between times.
# > **Exercise 3 (3 points).** `find_gaps(table, longer_than=5)` returns a table with `start` (last time before) and `end` (first time after), one row for each pair of neighbours more than `longer_than` minutes apart.


# %% nbgrader={"grade_id": "a01-gaps", "solution": true}
def find_gaps(table, longer_than=5):
    """끊긴 곳: start, end · the gaps."""
    ### BEGIN SOLUTION
    minutes = table["time"].diff().dt.total_seconds() / 60
    after = minutes > longer_than
    return pd.DataFrame({"start": table["time"].shift()[after], "end": table["time"][after]}).reset_index(drop=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-gaps-test", "grade": true, "points": 3}
minutes_seen = pd.DataFrame(
    {"time": pd.to_datetime("2026-03-02 08:00") + pd.to_timedelta([0, 1, 4, 30, 31], unit="min")}
)
gaps = find_gaps(minutes_seen)
assert list(gaps.columns) == ["start", "end"], "열은 start, end 입니다 · the columns are start and end"
assert len(gaps) == 1, "5분보다 긴 틈은 하나뿐입니다 · only one is longer than 5 minutes"


### BEGIN HIDDEN TESTS
def gap_set(times, longer_than):
    steps = np.diff(times.to_numpy()) / np.timedelta64(1, "m")
    return {(times.iloc[i], times.iloc[i + 1]) for i in np.flatnonzero(steps > longer_than)}


points_gaps = 0.0
for limit in (5, 20):
    wanted_gaps = gap_set(wanted_tidy["time"], limit)
    found_table = find_gaps(wanted_tidy, limit)
    found_gaps = set(zip(pd.to_datetime(found_table["start"]), pd.to_datetime(found_table["end"]), strict=True))
    points_gaps += 1.5 * 2 * len(wanted_gaps & found_gaps) / max(1, len(wanted_gaps) + len(found_gaps))
points_gaps
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 섞인 단위 · Mixed units
#
# 게이트웨이를 교체한 뒤 얼마 동안 일부 온도가 **화씨(℉)**로 기록되었습니다. 값의 분포를 보면 어느 쪽인지 드러납니다.
# **로 온도와 유온의 정상 범위를 그림에서 짐작해 보십시오.** 현장의 한계: 로는 900 ℃, 기름은 100 ℃를 넘지 않습니다.
#
# > After a gateway was replaced, some temperatures were recorded in **degrees Fahrenheit** for a while. The distribution tells which. **Guess the normal ranges from the figure.** On this line the furnace never exceeds 900 °C, the oil never 100 °C.

# %%
tidy = tidy_rows(raw)
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
for ax, column, limit in ((axes[0], "furnace_c", 900), (axes[1], "oil_c", 100)):
    ax.hist(tidy[column].dropna(), bins=60, color="#1f5fa8")
    ax.axvline(limit, color="#c8102e", linestyle="--", label=f"현장 한계 · site limit {limit} ℃")
    ax.set(xlabel=labels[column], ylabel="줄 수 · rows", yscale="log")
    ax.legend()
plt.show()

# %% [markdown]
# **문제 4 (3점).** `fix_units(table)`: 로 온도와 유온에서 화씨로 적힌 값만 섭씨로 바꾼 새 표를 돌려주십시오. $C = (F - 32) \times 5/9$. 다른 값은 건드리지 마십시오.
#
# > **Exercise 4 (3 points).** `fix_units(table)` returns a new table in which only the values written in °F are turned into °C; nothing else changes.


# %% nbgrader={"grade_id": "a01-units", "solution": true}
def fix_units(table):
    """화씨 → 섭씨 · Fahrenheit to Celsius where needed."""
    ### BEGIN SOLUTION
    fixed = table.copy()
    for column, limit in (("furnace_c", 900), ("oil_c", 100)):
        in_fahrenheit = fixed[column] > limit
        fixed.loc[in_fahrenheit, column] = (fixed.loc[in_fahrenheit, column] - 32) * 5 / 9
    return fixed
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-units-test", "grade": true, "points": 3}
mixed = pd.DataFrame({"furnace_c": [860.0, 1580.0], "oil_c": [158.0, 71.0], "current_a": 210.0, "pressure_kpa": 101.0})
one_unit = fix_units(mixed)
assert abs(one_unit["oil_c"].iloc[0] - 70) < 0.01, "158 ℉는 70 ℃입니다 · 158 °F is 70 °C"
assert one_unit["furnace_c"].iloc[0] == 860, "섭씨는 그대로 둡니다 · leave °C as it is"
assert mixed["furnace_c"].max() == 1580, "받은 표를 바꾸지 마십시오 · leave the given table as it is"
### BEGIN HIDDEN TESTS
points_units = 0
made_units = fix_units(wanted_tidy)
for column, limit in (("furnace_c", 900), ("oil_c", 100)):
    given_column = wanted_tidy[column].to_numpy()
    right = np.where(given_column > limit, (given_column - 32) * 5 / 9, given_column)
    points_units += int(np.allclose(made_units[column].to_numpy(dtype=float), right, atol=0.06, equal_nan=True))
untouched = ["current_a", "pressure_kpa"]
same = np.allclose(
    made_units[untouched].to_numpy(dtype=float), wanted_tidy[untouched].to_numpy(dtype=float), equal_nan=True
)
(points_units + 1) * int(same) if points_units else 0
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 굳어 버린 센서 · Stuck sensors
#
# 센서가 굳으면 같은 값을 계속 보냅니다. 값은 정상 범위 안에 있으니 한계값으로는 잡히지 않습니다. **같은 값이 몇 분 이어지면 수상할까요?** 직접 세어 봅시다.
#
# > A stuck sensor sends the same value over and over, well inside its range: no limit catches it. **How many equal minutes in a row are suspicious?** Let us count.

# %%
celsius = fix_units(tidy)
fig, ax = plt.subplots(figsize=(8, 3.2))
for column, label in labels.items():
    series = celsius[column].ffill()
    run_number = (series != series.shift()).cumsum()
    lengths = run_number.value_counts()
    ax.plot(np.sort(lengths)[::-1][:60], marker="o", ms=3, label=label)
ax.set(
    yscale="log",
    xlabel="긴 순서 · rank",
    ylabel="같은 값이 이어진 줄 수 · run length",
    title="같은 값은 얼마나 이어집니까? · How long do equal values last?",
)
ax.legend()
plt.show()

# %% [markdown]
# 유온과 압력은 천천히 변해서 몇 분쯤 같은 값이 이어지는 것이 **정상**입니다. 그런데 혼자 뚝 떨어져 위에 있는 점들이 있습니다. 그것이 굳은 구간입니다.
#
# **문제 5 (4점).** `flag_stuck(table)`: 받은 표와 줄 수와 인덱스가 같고 `furnace_c, oil_c, current_a, pressure_kpa` 네 열을 가진 참/거짓 표를 돌려주십시오. 굳은 구간의 칸이 참입니다.
# 굳은 구간 한가운데에도 값이 없는 칸(NaN)이나 빠진 줄이 있을 수 있습니다. 채점은 F1: "바로 앞 값과 같다"는 단순한 규칙이면 0점, 참고 풀이와의 거리를 90 % 이상 좁히면 4점입니다.
#
# > Oil and pressure move slowly, so a few equal minutes are **normal**; the lone points far above are not.
# > **Exercise 5 (4 points).** `flag_stuck(table)` returns a true/false table with the same rows and index and the four sensor columns; true where the sensor is stuck. A stuck stretch may have NaN or missing rows inside.
# > Graded by F1: 0 points for the simple rule "equal to the value before", 4 when 90 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a01-stuck", "solution": true}
def flag_stuck(table):
    """굳은 칸 = 참 · true where stuck."""
    ### BEGIN SOLUTION
    flags = {}
    for column in ("furnace_c", "oil_c", "current_a", "pressure_kpa"):
        filled = table[column].ffill()
        run = (filled != filled.shift()).cumsum()
        flags[column] = run.map(run.value_counts()) >= 15
    return pd.DataFrame(flags, index=table.index)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-stuck-test", "grade": true, "points": 4}
as_recorded = shopfloor.furnace_log(learner_seed()).recorded
flagged = flag_stuck(as_recorded)
assert flagged.shape == (len(as_recorded), 4), "줄 수는 그대로, 열은 넷 · same rows, four columns"
assert 0 < flagged.to_numpy().mean() < 0.1, "굳은 칸은 전체의 10 %보다 적습니다 · less than 10 % of all cells"


### BEGIN HIDDEN TESTS
def planted(table, faults):
    marks = pd.DataFrame(False, index=table.index, columns=list(shopfloor.SENSORS))
    for fault in faults[faults["kind"] == "stuck"].itertuples():
        marks.loc[table["time"].between(fault.start, fault.end), fault.column] = True
    return marks.to_numpy()


def f1_of(truth, guess):
    return 2 * np.sum(truth & guess) / max(1, truth.sum() + guess.sum())


def runs_of(table, at_least):
    filled = table[list(shopfloor.SENSORS)].ffill()
    run = (filled != filled.shift()).cumsum()
    return np.column_stack([run[c].map(run[c].value_counts()) >= at_least for c in filled])


limits = {"furnace_c": 900, "oil_c": 100}
right_units = wanted_tidy.assign(
    **{c: wanted_tidy[c].where(~(wanted_tidy[c] > v), (wanted_tidy[c] - 32) * 5 / 9) for c, v in limits.items()}
)
truth_stuck = planted(right_units, new.faults)
guess_stuck = flag_stuck(right_units)[list(shopfloor.SENSORS)].to_numpy().astype(bool)
f1, f1_naive, f1_reference = (
    f1_of(truth_stuck, g) for g in (guess_stuck, runs_of(right_units, 2), runs_of(right_units, 15))
)
f1_mark = f1_naive + 0.9 * (f1_reference - f1_naive)
measured = {"f1": f1, "f1_naive": f1_naive, "f1_reference": f1_reference, "f1_mark": f1_mark}
4 * float(np.clip((f1 - f1_naive) / (f1_mark - f1_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 많은 회사가 데이터 품질을 **결측률**로 보고합니다. 우리 파일은 몇 점일까요? 실행하기 전에 짐작해 보십시오.
#
# > Many companies report data quality as the **share of filled cells**. What does our file score? Guess before you run.

# %%
sensors = list(shopfloor.SENSORS)
stuck = flag_stuck(celsius)
filled_share = raw[sensors].notna().to_numpy().mean()
minutes_expected = (tidy["time"].iloc[-1] - tidy["time"].iloc[0]).total_seconds() / 60 + 1
changed_unit = (celsius[sensors] != tidy[sensors]) & tidy[sensors].notna()
trusted = celsius[sensors].notna().to_numpy() & ~stuck[sensors].to_numpy() & ~changed_unit.to_numpy()
print(f"채워진 칸 · filled cells:      {filled_share:.1%}")
print(f"믿을 수 있는 칸 · trustworthy: {trusted.sum() / (minutes_expected * 4):.1%}")

# %% [markdown]
# 채워져 있다고 맞는 것은 아닙니다. 굳은 센서, 화씨, 빠진 시간은 **모두 "채워진 칸"으로 계산**됩니다.
#
# `비고` 열에는 정답이 적혀 있습니다. 그런데 그것은 품질팀이 **일주일 뒤에** 적은 것이고, 오늘 들어오는 데이터에는 비어 있습니다. 비고를 읽어 결함을 찾는 프로그램은 내일 아무것도 찾지 못합니다.
# 빠진 구간을 앞뒤로 이어 그리는 **보간**도 마찬가지입니다. 앞으로 올 값을 미리 본 셈입니다.
#
# > Filled is not the same as right: stuck sensors, Fahrenheit and missing time **all count as "filled"**.
# > The `remark` column holds the answers, but the quality team writes it **a week later**; today's data have none. **Interpolating** across a gap is the same mistake: it looks at values that are still to come.
#
# ## 7. 정제, 그리고 그 값 · Cleaning, and what it is worth
#
# **문제 6 (5점).** `clean(data)`: 바이트를 받아 지금까지 만든 함수로 다음 표를 만드십시오.
#
# - 인덱스: 첫 시각부터 마지막 시각까지 **1분마다 빠짐없이**(`time`), 열: 네 센서
# - 두 번 온 줄은 하나로, 화씨는 섭씨로, 굳은 칸은 NaN으로
# - 빈 칸은 **바로 앞의 값으로 최대 5분까지만** 채우고 나머지는 NaN으로 둡니다. 미래의 값은 쓰지 않습니다.
#
# > **Exercise 6 (5 points).** `clean(data)` takes the bytes and returns: index every minute from first to last time (`time`), the four sensor columns; rows sent twice once, °C everywhere, stuck cells NaN;
# > empty cells filled **from the value before, for at most 5 minutes**, never from the future.


# %% nbgrader={"grade_id": "a01-clean", "solution": true}
def clean(data):
    """바이트 → 1분 간격의 믿을 수 있는 표 · bytes to a trustworthy table, one row a minute."""
    ### BEGIN SOLUTION
    table = fix_units(tidy_rows(read_log(data)))
    names = ["furnace_c", "oil_c", "current_a", "pressure_kpa"]
    values = table[names].mask(flag_stuck(table)[names]).set_axis(pd.DatetimeIndex(table["time"], name="time"))
    every_minute = pd.date_range(values.index[0], values.index[-1], freq="min", name="time")
    return values.reindex(every_minute).ffill(limit=5)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a01-clean-test", "grade": true, "points": 5}
one_row_a_minute = clean(file_bytes)
assert (np.diff(one_row_a_minute.index.to_numpy()) == np.timedelta64(1, "m")).all(), (
    "1분마다 한 줄이어야 합니다 · one row a minute"
)
assert one_row_a_minute["oil_c"].max() < 100, "화씨가 남아 있습니다 · °F is left"
### BEGIN HIDDEN TESTS
made_clean = clean(new_bytes)
wanted_index = pd.date_range(wanted_tidy["time"].iloc[0], wanted_tidy["time"].iloc[-1], freq="min")
assert (made_clean.index.to_numpy() == wanted_index.to_numpy()).all()
truth = new.truth.set_index("time").loc[wanted_index, list(shopfloor.SENSORS)]
cells = made_clean[list(shopfloor.SENSORS)].to_numpy(dtype=float)
error = np.abs(cells - truth.to_numpy()) / truth.std().to_numpy()
points_clean = 1.0
share_known = float(np.mean(~np.isnan(cells)))
share_right = float(np.mean(error[~np.isnan(cells)] < 1.5))
points_clean += 2.0 * (share_known > 0.9 and share_right > 0.995)
inside = np.zeros(len(wanted_index), bool)
for gap in new.faults[new.faults["kind"] == "gap"].itertuples():
    inside |= (wanted_index > gap.start + pd.Timedelta(minutes=7)) & (wanted_index <= gap.end)
points_clean += 2.0 * bool(np.isnan(cells[inside]).all())
measured = {"share_known": share_known, "share_right": share_right}
points_clean
### END HIDDEN TESTS

# %% [markdown]
# 이제 값을 매겨 봅니다. 유온이 95 ℃를 넘으면 설비를 세우고 소방 점검을 합니다(한 번에 **800,000원**). 전력은 전류로 계산해 1 kWh에 **160원**입니다. **원본과 정제본은 얼마나 다를까요?**
#
# > Put a price on it: above 95 °C the line stops for a fire inspection (**800,000 won** each); energy costs **160 won** a kWh. **How far are raw and clean apart?**


# %%
def alarms(oil):
    hot = oil.fillna(0) > 95
    return int((hot & ~hot.shift(fill_value=False)).sum())


def energy_kwh(current):
    return current.sum() * 0.38 * 3**0.5 / 60


rows = {"원본 · raw": raw, "정제 · clean": clean(file_bytes)}
summary = {
    name: {
        "경보 · alarms": alarms(t["oil_c"]),
        "점검 비용 · inspections": won(alarms(t["oil_c"]) * 800_000),
        "전력 · energy (kWh)": round(energy_kwh(t["current_a"])),
    }
    for name, t in rows.items()
}
pd.DataFrame(summary).T

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 게이트웨이에 심을 **점검 규칙 세 가지**를 현장 팀장에게 제안하십시오 (5–8문장, 한국어나 영어).
#
# 1. 규칙마다: 무엇을 보고, 어떤 값에서, 몇 분 안에 알리는가 (3점: 규칙마다 1점, 자신의 그림이나 숫자를 근거로)
# 2. 규칙이 **잘못 울릴** 수 있는 상황 하나와 그때의 대처 (1점)
# 3. 결측률 대신 매주 보고할 숫자 하나와 그 까닭 (1점)
#
# > **Exercise 7 (5 points, graded by a person).** Propose **three checks** for the gateway (5–8 sentences): what it watches, at which value, within how many minutes (3, with evidence from your figures); one situation in which a check **cries wolf** and what to do (1); one figure to report each week in place of the share of filled cells, and why (1).

# %% [markdown] nbgrader={"grade_id": "a01-report", "grade": true, "solution": true, "points": 5}
# 규칙 1: 유온이 100 ℃, 로 온도가 900 ℃를 넘으면 단위 이상으로 보고 1분 안에 알린다. 우리 파일에서 정상값은 유온 82 ℃, 로 880 ℃를 넘은 적이 없다.
# 규칙 2: 같은 값이 15분 이어지면 센서 고착으로 알린다. 정상 구간에서는 길어야 9분이었다.
# 규칙 3: 5분 넘게 줄이 오지 않으면 통신 끊김으로 알린다.
# 설비가 쉬는 동안에는 압력이 정말로 일정할 수 있어 규칙 2가 잘못 울린다. 가동 신호가 있을 때만 켠다.
# 매주 "믿을 수 있는 칸의 비율"을 보고한다. 채워진 칸은 굳은 센서와 잘못된 단위를 세지 못하기 때문이다.
