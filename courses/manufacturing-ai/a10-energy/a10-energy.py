# %% [markdown]
# # A10. 공장 에너지 부하 예측 · Plant load forecasting
#
# 함안의 한 기계부품 공장은 한 달 전기 요금이 6천만 원입니다. 요금은 쓴 양만이 아니라 **가장 많이 쓴 15분**으로도 정해지고, 한전의 수요 반응에 참여하면 전력이 가장 높은 시간을 미리 맞힐 때마다 돈을 받습니다.
# 그러려면 자정에 **내일의 15분 96개**를 알아야 합니다. 생산 계획과 일기예보는 있습니다. 내일의 전력계는 아직 없습니다.
#
# > A machining plant in Haman pays 60 million won a month for electricity. The bill depends on energy and on **the single highest quarter of an hour**; under demand response the plant is paid whenever it names its highest quarters in advance.
# > So at midnight one needs **tomorrow's 96 quarters**. There is a production plan and a weather forecast. There is no meter reading of tomorrow.
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 기록 보기, 예측의 점수 MASE · look at the log; MASE | 2 |
# | 3 | R² 0.999가 왜 틀렸는가, 나중 주로 시험 · why .999 is wrong; test on later weeks | 2 |
# | 4 | 달력 · the calendar | 3 |
# | 5 | 전기 요금 · the bill | 2 |
# | 6 | 내일을 예측하기 · forecast tomorrow | 8 |
# | 7 | 가장 높은 두 시간 · the two highest hours | 3 |
# | 8 | 공장장에게 · to the plant manager (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import plant_load

prepare_notebook()
log = plant_load.load_log(learner_seed(), plant_load.RECORD_FIRST, plant_load.RECORD_DAYS)
log.head()

# %% [markdown]
# ## 1. 기록부터 봅니다 · Look at the log
#
# | 열 · Column | 뜻 · Meaning | 언제 아는가 · Known |
# |---|---|---|
# | `time` | 15분의 시작 · start of the quarter | 자정 전 · before |
# | `forecast_c` | 일기예보의 기온 (°C) · forecast temperature | 자정 전 · before |
# | `planned_a`, `planned_b` | 계획된 부품 A, B (시간당 개수) · planned parts an hour | 자정 전 · before |
# | `planned_furnaces` | 켜 둘 열처리로의 수 · furnaces planned to be on | 자정 전 · before |
# | `temperature_c`, `load_kw`, `reactive_kvar`, `co2_kg` | 기온, 전력, 무효 전력, 배출량 · temperature, load, reactive power, emissions | **15분이 지난 뒤 · when the quarter is over** |
#
# 두 주를 그립니다. **휴일은 어디입니까? 열처리로는 언제 켰습니까?**
#
# > Two weeks. **Where are the holidays? When were the furnaces lit?**

# %%
two_weeks = log[(log["time"] >= "2025-04-28") & (log["time"] < "2025-05-12")]
fig, ax = plt.subplots(figsize=(10, 3.2))
ax.plot(two_weeks["time"], two_weeks["load_kw"], lw=0.8, color="#1f5fa8", label="전력 · load (kW)")
ax.plot(
    two_weeks["time"], 100 * two_weeks["planned_furnaces"], lw=0.8, color="#c8102e", label="노 × 100 · furnaces × 100"
)
ax.legend(loc="upper right", ncols=2)
ax.set(xlabel="날짜 · day", ylabel="kW")
fig.autofmt_xdate()
plt.show()

# %% [markdown]
# 5월 5일(어린이날·부처님오신날)과 6일(대체공휴일)은 월요일과 화요일인데도 조용합니다. 요일만 보는 예측은 여기서 틀립니다. 열처리로는 켠 뒤 **처음 한 시간**에 전기를 가장 많이 씁니다.
#
# ## 2. 예측의 점수 · A score for forecasts
#
# 전력은 주마다 비슷합니다. 그래서 **지난주 같은 시각의 값**이 기준선입니다. 오차를 기준선의 오차로 나누면 공장의 크기와 상관없는 점수가 됩니다.
#
# $$\mathrm{MASE} = \frac{\operatorname{mean} |y_t - \hat y_t|}{\operatorname{mean} |y_t - y_{t-672}|} \qquad (672 = 7 \times 96)$$
#
# 1이면 지난주를 베낀 것과 같고, 작을수록 좋습니다.
#
# **문제 1 (2점).** `mase(actual, forecast, last_week)`: 길이가 같은 배열 셋(실제, 예측, 지난주 같은 시각의 실제)에서 MASE를 돌려주십시오.
#
# > Weeks resemble each other, so **the value of the same time last week** is the baseline; dividing by its error gives a score that does not depend on the size of the plant: 1 is as good as copying last week, smaller is better.
# > **Exercise 1 (2 points).** `mase(actual, forecast, last_week)` for three arrays of equal length.


# %% nbgrader={"grade_id": "a10-mase", "solution": true}
def mase(actual, forecast, last_week):
    """지난주를 베낀 것의 몇 배 틀렸는가 · error as a multiple of copying last week."""
    ### BEGIN SOLUTION
    actual, forecast, last_week = (np.asarray(each, dtype=float) for each in (actual, forecast, last_week))
    return float(np.mean(np.abs(actual - forecast)) / np.mean(np.abs(actual - last_week)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a10-mase-test", "grade": true, "points": 2}
assert mase([100, 200], [110, 190], [120, 220]) == 0.5, "평균 10 틀림 ÷ 평균 20 틀림 · ten off against twenty"
assert mase([5, 7], [6, 6], [6, 6]) == 1, "지난주를 베끼면 1 · copying last week scores 1"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(hidden_seed() % 2**32)
for _ in range(3):
    one, two, three = draw.normal(500, 80, (3, 50))
    assert abs(mase(one, two, three) / (np.abs(one - two).sum() / np.abs(one - three).sum()) - 1) < 1e-9
### END HIDDEN TESTS

# %% [markdown]
# ## 3. R² 0.999가 왜 틀렸는가 · Why .999 is wrong here
#
# 급한 동료가 모든 열을 넣고 줄을 무작위로 나누었습니다. 그다음 자정에 알 수 있는 열만 남겼습니다. **두 결정계수는 얼마일까요?**
#
# > A colleague in a hurry used every column and split at random; then only columns known at midnight. **What are the two R²?**


# %%
def quick_look(columns):
    some, rest = train_test_split(log[::4], test_size=0.3, random_state=0)
    model = HistGradientBoostingRegressor(max_iter=60, random_state=0).fit(some[columns], some["load_kw"])
    return r2_score(rest["load_kw"], model.predict(rest[columns]))


planned = ["forecast_c", "planned_a", "planned_b", "planned_furnaces"]
print(f"모든 열 · every column:            R² = {quick_look([*planned, 'reactive_kvar', 'co2_kg']):.4f}")
print(f"자정에 아는 열 · known at midnight: R² = {quick_look(planned):.4f}")

# %% [markdown]
# 배출량 `co2_kg`는 **전력에 계수를 곱한 값**이고, 무효 전력은 **같은 순간에** 잰 값입니다. 전력을 전력으로 맞힌 것입니다. 실제로 발표된 제철소 논문들의 R² 0.99가 이렇게 나왔습니다. 물어야 할 것: *"이 값을 자정에 알 수 있는가?"*
#
# 무작위로 나누는 것도 문제입니다. 10시 15분의 답을 10시와 10시 30분이 알려 줍니다. 예측은 언제나 **과거로 배워 미래에서** 시험합니다.
#
# **문제 2 (2점).** `last_weeks(table, weeks)`: 마지막 `weeks`주(주 × 7 × 96줄의 시간)를 시험용으로 하여 `(train, test)`를 돌려주십시오. 줄은 뒤섞여 있을 수 있으니 `time`으로 판단하고, 두 표 모두 시간 순서로 놓으십시오. 시험용은 마지막 시각에서 거꾸로 셉니다.
#
# > Emissions are **the load times a factor** and reactive power was metered **at the same moment**: the load was predicted from the load, as in published steel-plant papers. Ask: *"is this known at midnight?"* A random split is no better: 10:00 and 10:30 give away 10:15.
# > **Exercise 2 (2 points).** `last_weeks(table, weeks)` returns `(train, test)`, the test being the last `weeks` × 7 days up to the last time in the table. Rows may be in any order: go by `time`, and return both tables in order of time.


# %% nbgrader={"grade_id": "a10-weeks", "solution": true}
def last_weeks(table, weeks):
    """(train, test): 마지막 몇 주는 시험용 · the last weeks are the test."""
    ### BEGIN SOLUTION
    ordered = table.sort_values("time")
    border = ordered["time"].iloc[-1] - pd.Timedelta(days=7 * weeks)
    return ordered[ordered["time"] <= border], ordered[ordered["time"] > border]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a10-weeks-test", "grade": true, "points": 2}
before, after = last_weeks(log, 4)
assert len(after) == 4 * 7 * 96, "네 주는 2,688줄입니다 · four weeks are 2,688 rows"
assert before["time"].max() < after["time"].min(), "미래로 배우고 있습니다 · training on the future"
### BEGIN HIDDEN TESTS
shuffled = pd.DataFrame({"time": pd.date_range("2025-03-03", periods=96 * 35, freq="15min")})
shuffled = shuffled.assign(value=np.arange(len(shuffled))).sample(frac=1, random_state=hidden_seed() % 2**32)
for weeks in (1, 3):
    old, new = last_weeks(shuffled, weeks)
    assert list(new["value"]) == list(range(96 * (35 - 7 * weeks), 96 * 35))
    assert list(old["value"]) == list(range(96 * (35 - 7 * weeks)))
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 달력 · The calendar
#
# 모델은 `2025-10-06`이 추석인지 모릅니다. 알려 주어야 합니다. 공휴일은 `plant_load.HOLIDAYS`에 있습니다(음력 명절과 대체공휴일 포함).
#
# **문제 3 (3점).** `calendar(times)`: 시각들(`time` 열이나 `DatetimeIndex`)을 받아 줄마다 두 열이 있는 표를 돌려주십시오.
#
# | 열 · Column | 값 · Value |
# |---|---|
# | `quarter` | 하루의 몇 번째 15분인가, 0–95 · quarter of the day |
# | `kind` | 2 일하는 날, 1 토요일, 0 일요일과 공휴일(토요일이라도) · 2 working day, 1 Saturday, 0 Sunday or public holiday, even on a Saturday |
#
# > A model does not know that `2025-10-06` is Chuseok; tell it. Public holidays, lunar ones and substitute days included, are in `plant_load.HOLIDAYS`.
# > **Exercise 3 (3 points).** `calendar(times)` takes times (a column or a `DatetimeIndex`) and returns a table with the two columns above.


# %% nbgrader={"grade_id": "a10-calendar", "solution": true}
def calendar(times):
    """quarter 0-95, kind 2/1/0."""
    ### BEGIN SOLUTION
    times = pd.DatetimeIndex(times)
    off = (times.day_of_week == 6) | pd.Index(times.date).isin(plant_load.HOLIDAYS)
    kind = np.where(off, 0, np.where(times.day_of_week == 5, 1, 2))
    return pd.DataFrame({"quarter": 4 * times.hour + times.minute // 15, "kind": kind})
    ### END SOLUTION


# %% nbgrader={"grade_id": "a10-calendar-test", "grade": true, "points": 3}
three = calendar(pd.DatetimeIndex(["2025-10-06 09:30", "2025-10-11 00:00", "2025-10-13 23:45"]))
assert list(three["quarter"]) == [38, 0, 95], "9시 30분은 38번째입니다 · half past nine is number 38"
assert list(three["kind"]) == [0, 1, 2], "추석, 토요일, 월요일 · Chuseok, Saturday, Monday"
### BEGIN HIDDEN TESTS
when = pd.Series(pd.date_range("2024-09-09", "2025-10-20", freq="15min")).sample(
    4000, random_state=hidden_seed() % 2**32
)
given_calendar = calendar(when)
wanted_quarters = np.array([4 * each.hour + each.minute // 15 for each in when])
wanted_kinds = np.array(
    [
        0 if each.weekday() == 6 or each.date() in plant_load.HOLIDAYS else 1 if each.weekday() == 5 else 2
        for each in when
    ]
)
points_calendar = int(np.array_equal(np.asarray(given_calendar["quarter"]), wanted_quarters))
points_calendar += 2 * int(np.array_equal(np.asarray(given_calendar["kind"]), wanted_kinds))
points_calendar
### END HIDDEN TESTS

# %% [markdown]
# 하루의 모양을 종류별로 그립니다. **토요일 오후는 왜 일요일과 같을까요?**
#
# > The shape of a day, by kind. **Why does Saturday afternoon look like Sunday?**

# %%
shape = calendar(log["time"]).assign(load=log["load_kw"].to_numpy()).groupby(["kind", "quarter"])["load"]
fig, ax = plt.subplots(figsize=(9, 3.4))
for kind, label, colour in (
    (2, "일하는 날 · working", "#1f5fa8"),
    (1, "토 · Sat", "#e08a00"),
    (0, "휴일 · off", "#8a94a0"),
):
    middle, low, high = (shape.quantile(q)[kind] for q in (0.5, 0.1, 0.9))
    ax.plot(middle.index / 4, middle, color=colour, label=label)
    ax.fill_between(middle.index / 4, low, high, color=colour, alpha=0.15)
ax.set(xlabel="시 · hour", ylabel="전력 · load (kW)", xlim=(0, 24))
ax.legend()
plt.show()

# %% [markdown]
# ## 5. 전기 요금 · The bill
#
# 한 달 요금은 두 가지의 합입니다.
#
# - **사용량**: 15분마다 전력(kW) × 0.25시간 = 전력량(kWh). 22–8시 **95원**, 10–12시와 13–17시 **200원**, 나머지 **140원**
# - **기본요금**: 그 달의 **가장 높은 15분**의 kW × **8,000원**
#
# **문제 4 (2점).** `bill_won(times, load_kw)`: 한 달의 시각과 전력에서 요금(원)을 돌려주십시오.
#
# > A month's bill is **energy** (kW × a quarter of an hour; 95 won a kWh from 22 to 8 o'clock, 200 from 10 to 12 and 13 to 17, 140 otherwise) plus **demand**: the highest quarter's kW × 8,000 won.
# > **Exercise 4 (2 points).** `bill_won(times, load_kw)` returns the total.


# %% nbgrader={"grade_id": "a10-bill", "solution": true}
def bill_won(times, load_kw):
    """한 달 요금(원) · a month's bill in won."""
    ### BEGIN SOLUTION
    hours, load = pd.DatetimeIndex(times).hour, np.asarray(load_kw, dtype=float)
    price = np.where((hours >= 22) | (hours < 8), 95, np.where(hours.isin([10, 11, 13, 14, 15, 16]), 200, 140))
    return float(np.sum(price * load / 4) + 8_000 * load.max())
    ### END SOLUTION


# %% nbgrader={"grade_id": "a10-bill-test", "grade": true, "points": 2}
assert bill_won(pd.DatetimeIndex(["2025-03-03 10:00"]), [400]) == 100 * 200 + 400 * 8_000, (
    "400 kW로 15분은 100 kWh입니다 · a quarter of an hour at 400 kW is 100 kWh"
)
### BEGIN HIDDEN TESTS
month = pd.date_range("2025-06-01", periods=96 * 30, freq="15min")
metered = np.random.default_rng(hidden_seed() % 2**32).uniform(300, 1200, len(month))
assert abs(bill_won(month, metered) / plant_load.bill_won(month, metered) - 1) < 1e-9
### END HIDDEN TESTS

# %%
may = log[(log["time"] >= "2025-05-01") & (log["time"] < "2025-06-01")]
total, demand = bill_won(may["time"], may["load_kw"]), 8_000 * may["load_kw"].max()
print(
    f"5월 요금 · May: {won(total)}, 가장 높은 15분의 몫 · for the highest quarter: {won(demand)} ({demand / total:.0%})"
)

# %% [markdown]
# ## 6. 내일을 예측하기 · Forecast tomorrow
#
# **문제 5 (8점).** `forecast(history, day)`: 자정에 불립니다. `history`는 지난 6주의 기록(모든 열, 시간 순서), `day`는 내일 96줄의 **자정에 아는 열**(`time`, `forecast_c`, `planned_a`, `planned_b`, `planned_furnaces`)입니다. 내일의 전력 96개를 돌려주십시오. 모델은 `log`로 **함수 밖에서 한 번만** 학습시킵니다.
#
# - 달력(문제 3), 계획, 예보를 특징으로 쓰십시오.
# - 노는 켠 뒤 한 시간 동안 가장 많이 씁니다. 계획에서 **한 시간 전에도 켜져 있었는가**를 알아내십시오(어제의 끝은 `history`에 있습니다).
#
# 채점: 추석이 낀 새 4주(28일)의 MASE. 지난주를 베낀 것(1)과 같으면 0점, 참고 풀이와의 거리를 95 % 이상 좁히면 8점입니다. 마지막 주들을 떼어 스스로 확인하십시오.
#
# > **Exercise 5 (8 points).** `forecast(history, day)` is called at midnight: `history` is the log of the last six weeks (every column), `day` the **columns known at midnight** for tomorrow's 96 rows. Return 96 loads. Train on `log` **once, outside the function**. Furnaces draw most in their first hour: find out from the plan **whether they were on an hour ago** (yesterday's end is in `history`).
# > Graded by MASE over four new weeks with Chuseok in them: 0 points at copying last week (1), 8 when 95 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a10-forecast", "solution": true}
### BEGIN SOLUTION
def features_of(history, day):
    """Calendar, plan, forecast, and how long furnaces have been on."""
    on = np.concatenate([history["planned_furnaces"].to_numpy()[-12:], day["planned_furnaces"].to_numpy()])
    back = {f"on_{k}": on[12 - k : len(on) - k] for k in (0, 2, 4, 12)}
    plan = day[["forecast_c", "planned_a", "planned_b"]].reset_index(drop=True)
    return pd.concat([calendar(day["time"]), plan, pd.DataFrame(back)], axis=1)


load_model = HistGradientBoostingRegressor(max_iter=150, random_state=0)
load_model.fit(features_of(log.iloc[:96], log.iloc[96:]), log["load_kw"].iloc[96:])


def forecast(history, day):
    return load_model.predict(features_of(history, day))


### END SOLUTION


# %% nbgrader={"grade_id": "a10-forecast-test", "grade": true, "points": 8}
### BEGIN HIDDEN TESTS
later = plant_load.load_log(learner_seed(), plant_load.LATER_FIRST, plant_load.LATER_DAYS, events=hidden_seed())
known = list(plant_load.PLAN_COLUMNS)
first_row, week = 96 * plant_load.HISTORY_DAYS, 96 * 7
truth = later["load_kw"].to_numpy()[first_row:]
copied = later["load_kw"].to_numpy()[first_row - week : -week]
nights = [
    (later.iloc[at - first_row : at].reset_index(drop=True), later[known].iloc[at : at + 96].reset_index(drop=True))
    for at in range(first_row, len(later), 96)
]
record = plant_load.load_log(learner_seed(), plant_load.RECORD_FIRST, plant_load.RECORD_DAYS)


def inputs_of(past, plan):
    times = pd.DatetimeIndex(plan["time"])
    on = np.concatenate([past["planned_furnaces"].to_numpy()[-12:], plan["planned_furnaces"].to_numpy()])
    lit = [on[12 - k : len(on) - k] for k in (0, 2, 4, 12)]
    shown = [plan[name].to_numpy() for name in ("forecast_c", "planned_a", "planned_b")]
    return np.column_stack([4 * times.hour + times.minute // 15, plant_load.kind_of_day(times), *shown, *lit])


reference_model = HistGradientBoostingRegressor(max_iter=150, random_state=0)
reference_model.fit(inputs_of(record.iloc[:96], record.iloc[96:]), record["load_kw"].iloc[96:])
reference_load = np.concatenate([reference_model.predict(inputs_of(*night)) for night in nights])


def scaled_error(told):
    return float(np.abs(truth - told).mean() / np.abs(truth - copied).mean())


### END HIDDEN TESTS
last_day = np.asarray(forecast(log.iloc[-43 * 96 : -96], log[list(plant_load.PLAN_COLUMNS)].iloc[-96:]), dtype=float)
assert last_day.shape == (96,), "내일의 값 96개 · 96 values"
assert np.isfinite(last_day).all(), "비어 있는 값이 있습니다 · a value is missing"
### BEGIN HIDDEN TESTS
answers = [np.asarray(forecast(*night), dtype=float) for night in nights]
assert all(each.shape == (96,) and np.isfinite(each).all() for each in answers)
error, error_reference = scaled_error(np.concatenate(answers)), scaled_error(reference_load)
error_mark = 1 - 0.95 * (1 - error_reference)
measured = {"mase": error, "mase_reference": error_reference, "mase_mark": error_mark}
8 * float(np.clip((1 - error) / (1 - error_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# 다른 4주에서 예측을 그립니다. **어느 날 가장 크게 틀렸고, 까닭은 무엇입니까?**
#
# > The forecast of other four weeks. **Which day went wrong most, and why?**

# %%
trial = plant_load.load_log(learner_seed(), plant_load.LATER_FIRST, plant_load.LATER_DAYS)
start = 96 * plant_load.HISTORY_DAYS
told = np.concatenate(
    [
        forecast(trial.iloc[at - start : at], trial[list(plant_load.PLAN_COLUMNS)].iloc[at : at + 96])
        for at in range(start, len(trial), 96)
    ]
)
meter = trial["load_kw"].to_numpy()
fig, ax = plt.subplots(figsize=(10, 3.2))
part = slice(start + 7 * 96, start + 21 * 96)
ax.plot(trial["time"][part], meter[part], lw=0.9, color="#8a94a0", label="실제 · actual")
ax.plot(trial["time"][part], told[7 * 96 : 21 * 96], lw=0.9, color="#1f5fa8", label="예측 · forecast")
ax.legend(loc="upper right", ncols=2)
ax.set(ylabel="kW")
fig.autofmt_xdate()
plt.show()
print(f"MASE = {mase(meter[start:], told, meter[start - 672 : -672]):.2f}")

# %% [markdown]
# ## 7. 가장 높은 두 시간 · The two highest hours
#
# 수요 반응에 참여하려면 자정에 **내일 가장 높을 15분 8개**를 적어 냅니다. 맞힌 15분마다 **30,000원**을 받습니다.
#
# **문제 6 (3점).** `announce(history, day)`: `forecast`와 같은 것을 받아 **서로 다른** 자리 번호(0–95) 8개를 돌려주십시오.
# 채점: 새 4주의 일하는 날에 맞힌 비율. 지난주의 8개를 적어 낸 것과 같으면 0점, 참고 풀이와의 거리를 절반 이상 좁히면 3점입니다.
#
# > For demand response, name **the eight quarters that will be highest** at midnight; each right one pays **30,000 won**.
# > **Exercise 6 (3 points).** `announce(history, day)` takes what `forecast` takes and returns eight **different** positions (0–95). Graded by the share that is right on working days of the new weeks: 0 points at last week's eight, 3 when half of the way to our reference is covered.


# %% nbgrader={"grade_id": "a10-announce", "solution": true}
### BEGIN SOLUTION
def announce(history, day):
    return [int(at) for at in np.argsort(-forecast(history, day), kind="stable")[:8]]


### END SOLUTION


# %% nbgrader={"grade_id": "a10-announce-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
def highest(values):
    return [set(np.argsort(-day, kind="stable")[:8]) for day in np.asarray(values).reshape(-1, 96)]


working = plant_load.kind_of_day(pd.DatetimeIndex(later["time"].iloc[first_row::96])) == 2


def right_share(named):
    return float(np.mean([len(a & b) / 8 for a, b, on in zip(highest(truth), named, working, strict=True) if on]))


### END HIDDEN TESTS
eight = [int(at) for at in announce(log.iloc[-43 * 96 : -96], log[list(plant_load.PLAN_COLUMNS)].iloc[-96:])]
assert len(set(eight)) == 8, "서로 다른 여덟 개 · eight different ones"
assert set(eight) <= set(range(96)), "0부터 95까지 · from 0 to 95"
### BEGIN HIDDEN TESTS
named = [[int(at) for at in announce(*night)] for night in nights]
assert all(len(each) == 8 and len(set(each)) == 8 for each in named)
share = right_share([set(each) for each in named])
share_naive, share_reference = right_share(highest(copied)), right_share(highest(reference_load))
share_mark = share_naive + 0.5 * (share_reference - share_naive)
measured = {"right": share, "right_naive": share_naive, "right_reference": share_reference, "right_mark": share_mark}
3 * float(np.clip((share - share_naive) / (share_mark - share_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 공장장에게 · To the plant manager
#
# 다른 4주의 결과를 원으로 바꿉니다.
#
# > The other four weeks in won.

# %%
right = {"내 예측 · mine": 0, "지난주 · last week": 0}
for at in range(start, len(trial), 96):
    real = set(np.argsort(-meter[at : at + 96])[:8])
    mine = announce(trial.iloc[at - start : at], trial[list(plant_load.PLAN_COLUMNS)].iloc[at : at + 96])
    right["내 예측 · mine"] += len(real & {int(each) for each in mine})
    right["지난주 · last week"] += len(real & set(np.argsort(-meter[at - 672 : at - 576])[:8]))
for name, count in right.items():
    print(f"{name}: {count} / {28 * 8} → {won(30_000 * count)}")

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 공장장에게 보내는 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. MASE, 맞힌 15분의 수, 받을 돈을 지난주를 베낀 것과 자신의 숫자로 견주십시오. (2점)
# 2. 컨설팅 업체가 R² 0.999를 자랑합니다. 무엇을 물어야 하며, 어떤 답이면 거절해야 합니까? (2점)
# 3. 예측이 가장 크게 틀린 날과 그 까닭을 들고, 무엇을 더 알면 나아질지 한 가지를 제안하십시오. (1점)
#
# > **Exercise 7 (5 points, graded by a person).** To the plant manager (5–8 sentences): MASE, right quarters and won against copying last week, in your figures (2); a consultant boasts of an R² of .999: what to ask, and which answer rules them out (2); the day that went wrong most, why, and one thing that would help to know (1).

# %% [markdown] nbgrader={"grade_id": "a10-manager", "grade": true, "solution": true, "points": 5}
# 새 4주에서 제 예측의 MASE는 0.2–0.3으로, 지난주를 베낀 것보다 네 배쯤 정확합니다. 224개 가운데 120개 안팎을 맞혀 360만 원가량을 받고, 지난주를 베끼면 그 절반도 못 받습니다.
# R² 0.999를 자랑하는 업체에는 "쓰신 열을 자정에 모두 알 수 있습니까, 시험한 주는 배운 주보다 나중입니까"라고 물어야 합니다. 배출량이나 무효 전력처럼 전력과 함께 나오는 값을 썼거나 무작위로 나누었다고 하면 거절합니다.
# 가장 크게 틀린 날은 설비가 오래 멈추었거나 노를 계획보다 늦게 켠 날입니다. 노를 실제로 켜는 시각을 한 시간 전에만 확정해도 예측이 나아집니다.
