# %% [markdown]
# # A09. 잔여수명 예측 · Remaining useful life
#
# 사천의 한 항공 정비 회사는 같은 기종의 엔진 100대를 맡고 있습니다. 정해진 비행 횟수마다 엔진을 내려 정비하는데, 멀쩡한 엔진을 내리기도 하고, 한 번은 정비 열흘 전에 엔진이 멈추었습니다.
# 비행마다 센서 14개의 값이 남습니다. **이 엔진은 앞으로 몇 번이나 더 날 수 있을까요?**
#
# > A maintenance firm in Sacheon looks after a hundred engines of one type. They are taken off the wing after a fixed number of flights: some are as good as new, and one stopped ten days before its turn.
# > Fourteen sensors are recorded on every flight. **How many more flights will this engine make?**
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 기록 보기, 정답 만들기 · look at the log; make the target | 2 |
# | 3 | 99 %가 왜 틀렸는가, 엔진 단위로 나누기 · why 99 % is wrong; split by engine | 2 |
# | 4 | 늦은 경고의 점수 · a score that hates late warnings | 3 |
# | 5 | 잡음 속의 추세 · the trend in the noise | 4 |
# | 6 | 잔여수명 · remaining life | 6 |
# | 7 | 언제 내릴 것인가 · when to take it off | 3 |
# | 8 | 항공사에 설명하기 · explain it to the airline (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import engine_life

prepare_notebook()
log = engine_life.engine_log(learner_seed(), "shop")
log.head()

# %% [markdown]
# ## 1. 한 줄이 한 번의 비행입니다 · One row, one flight
#
# `engine`은 엔진 번호, `flight`는 그 엔진의 몇 번째 비행인지, 그다음 14개는 센서(온도 °R, 압력 psi, 회전수 rpm 등)입니다. `overhaul_flights`는 **정비소에서** 적은 총 비행 횟수, `rul`은 남은 비행 횟수입니다(마지막 비행이 0).
# 엔진 여섯 대의 터빈 출구 온도를 그립니다. **언제부터 나빠진다고 말하겠습니까?**
#
# > `engine`, `flight` (which of its flights), 14 sensors (°R, psi, rpm …), `overhaul_flights` (total flights, written **in the workshop**) and `rul`, the flights left (0 at the last). Turbine exit temperature of six engines: **from when on is it getting worse?**

# %%
fig, ax = plt.subplots(figsize=(9, 3.6))
for engine in range(1, 7):
    rows = log[log["engine"] == engine]
    ax.plot(rows["flight"], rows["turbine_exit_r"], lw=0.8, label=f"{engine}")
ax.set(xlabel="비행 · flight", ylabel="터빈 출구 온도 · turbine exit (°R)")
ax.legend(title="엔진 · engine", ncols=3)
plt.show()
lives = log.groupby("engine").size()
print(f"수명 · life: {lives.min()}–{lives.max()}, 평균 · mean {lives.mean():.0f} 비행 · flights")

# %% [markdown]
# ## 2. 정답 만들기 · Make the target
#
# 처음에는 아무 변화가 없습니다. 새 엔진이 300번 날지 200번 날지는 **누구도 알 수 없고, 알 필요도 없습니다.** 그래서 잔여수명을 125에서 자릅니다. "아직 멀었다"는 뜻입니다.
#
# **문제 1 (2점).** `capped_rul(engine, flight)`: 엔진 번호와 비행 번호의 배열(전체 기록)에서 줄마다 **남은 비행 횟수, 많아야 125**를 배열로 돌려주십시오. 엔진마다 가장 큰 비행 번호가 마지막이고, 줄은 뒤섞여 있을 수 있습니다.
#
# > Nothing changes at first: whether a new engine will make 300 flights or 200 **nobody can know, and nobody needs to**, so the target is cut at 125: "not soon".
# > **Exercise 1 (2 points).** `capped_rul(engine, flight)` returns for each row of a complete log the **flights left, at most 125**. The largest flight of an engine is its last; rows may be in any order.


# %% nbgrader={"grade_id": "a09-target", "solution": true}
def capped_rul(engine, flight):
    """남은 비행 횟수, 많아야 125 · flights left, at most 125."""
    ### BEGIN SOLUTION
    flights = pd.Series(np.asarray(flight))
    last = flights.groupby(np.asarray(engine)).transform("max")
    return np.minimum(last - flights, 125).to_numpy()
    ### END SOLUTION


# %% nbgrader={"grade_id": "a09-target-test", "grade": true, "points": 2}
assert list(capped_rul([1, 1, 1, 2], [1, 2, 3, 1])) == [2, 1, 0, 0], "마지막 비행이 0입니다 · 0 at the last flight"
assert max(capped_rul([1] * 300, list(range(1, 301)))) == 125, "125에서 자릅니다 · cut at 125"
### BEGIN HIDDEN TESTS
mixed = engine_life.engine_log(hidden_seed(), "target", 4).sample(frac=1, random_state=1)
answer = np.asarray(capped_rul(mixed["engine"].to_numpy(), mixed["flight"].to_numpy()))
assert np.array_equal(answer, np.minimum(mixed["rul"].to_numpy(), 125))
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 급한 동료가 "얼마나 늙었는가"라는 특징을 만들었습니다: **비행 번호 ÷ 그 엔진의 총 비행 횟수**. **결정계수는 얼마일까요?**
#
# > A colleague in a hurry made a feature "how old is it": **flight over the engine's total flights**. **What R² do you expect?**

# %%
hurried = log.assign(age=log["flight"] / log["overhaul_flights"])
inputs = ["age", "flight", *engine_life.SENSORS]
left, right = train_test_split(hurried[::4], test_size=0.3, random_state=0)
model = HistGradientBoostingRegressor(max_iter=60, random_state=0).fit(left[inputs], left["rul"])
print(f"R² = {r2_score(right['rul'], model.predict(right[inputs])):.3f}")

# %% [markdown]
# 총 비행 횟수는 **엔진이 다 닳은 뒤에야** 압니다. 지금 날고 있는 엔진의 나이를 총수명으로 나눌 수는 없습니다. 게다가 줄을 무작위로 나누면 같은 엔진의 앞뒤 비행이 양쪽에 들어갑니다.
#
# **문제 2 (2점).** `engines_for_test(engine, share, seed)`: 엔진 번호의 배열(줄마다 하나)을 받아 엔진의 `share`만큼(반올림)을 무작위로 골라, 그 엔진의 **모든** 줄을 참으로 하는 불 배열을 돌려주십시오. 같은 `seed`에는 같은 결과가 나와야 합니다.
#
# > The total is known **after the engine has worn out**; a flying engine's age can't be divided by it. And a random split has flights of one engine on both sides.
# > **Exercise 2 (2 points).** `engines_for_test(engine, share, seed)` draws `share` of the engines (rounded) and returns a boolean array, true for **all** their rows; same seed, same result.


# %% nbgrader={"grade_id": "a09-split", "solution": true}
def engines_for_test(engine, share, seed):
    """참 = 시험용 줄 · true for rows of the test engines."""
    ### BEGIN SOLUTION
    names = np.unique(engine)
    chosen = np.random.default_rng(seed).choice(names, round(len(names) * share), replace=False)
    return np.isin(engine, chosen)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a09-split-test", "grade": true, "points": 2}
in_test = np.asarray(engines_for_test(log["engine"].to_numpy(), 0.3, seed=1))
assert in_test.shape == (len(log),), "줄마다 값 하나 · one value for each row"
assert not set(log["engine"][in_test]) & set(log["engine"][~in_test]), (
    "한 엔진이 양쪽에 있습니다 · an engine is on both sides"
)
### BEGIN HIDDEN TESTS
names_of_rows = np.tile(np.random.default_rng(hidden_seed() % 2**32).permutation(400)[:20], 6)
rows_chosen = [np.asarray(engines_for_test(names_of_rows, 0.4, seed=n)).astype(bool) for n in (1, 1, 2, 3)]
for rows in rows_chosen:
    assert not set(names_of_rows[rows]) & set(names_of_rows[~rows])
    assert len(set(names_of_rows[rows])) == 8
assert (rows_chosen[0] == rows_chosen[1]).all()
assert len({rows.tobytes() for rows in rows_chosen}) > 1
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 늦은 경고의 점수 · A score that hates late warnings
#
# 너무 일찍 내리면 돈을 잃고, **너무 늦으면 엔진을 잃습니다.** 2008년 PHM 대회는 오차 $d$ = 예측 − 정답을 이렇게 벌했습니다. 작을수록 좋습니다.
#
# $$s = \sum \begin{cases} e^{-d/13} - 1 & d < 0 \text{ (이르다 · early)} \\ e^{d/10} - 1 & d \ge 0 \text{ (늦다 · late)} \end{cases}$$
#
# **문제 3 (3점).** `phm_score(true_rul, told_rul)`: 위 점수를 돌려주십시오. 먼저 맞혀 보십시오. 20번 늦은 것은 20번 이른 것보다 몇 배 비쌉니까?
#
# > Too early costs money, **too late costs an engine**. The PHM 2008 challenge punished the error $d$ = told − true as above; smaller is better.
# > **Exercise 3 (3 points).** `phm_score(true_rul, told_rul)` returns the sum. Guess first: how many times dearer is being 20 late than 20 early?


# %% nbgrader={"grade_id": "a09-score", "solution": true}
def phm_score(true_rul, told_rul):
    """작을수록 좋은 점수 · score, smaller is better."""
    ### BEGIN SOLUTION
    d = np.asarray(told_rul, dtype=float) - np.asarray(true_rul, dtype=float)
    return float(np.sum(np.where(d < 0, np.exp(-d / 13), np.exp(d / 10)) - 1))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a09-score-test", "grade": true, "points": 3}
assert abs(phm_score([50], [60]) - 1.71828) < 1e-4, "10번 늦으면 e − 1입니다 · ten late: e − 1"
assert phm_score([50, 20], [50, 20]) == 0, "맞히면 0입니다 · 0 when right"
print(f"20번 · flights: 늦음 · late {phm_score([50], [70]):.1f}, 이름 · early {phm_score([50], [30]):.1f}")
### BEGIN HIDDEN TESTS
dice = np.random.default_rng(hidden_seed() % 2**32)
points_score = 0
for shift in (-25, 25, 0):
    truth = dice.integers(0, 125, 30)
    told = np.clip(truth + shift + dice.integers(-9, 10, 30), 0, 125)
    points_score += int(abs(phm_score(truth, told) / engine_life.phm_score(truth, told) - 1) < 1e-6)
points_score
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 잡음 속의 추세 · The trend in the noise
#
# 한 번의 비행만 보면 잡음이 큽니다. **여러 비행의 평균**은 지금 어디에 있는지를, **최근 평균과 그 앞 평균의 차이**는 얼마나 빨리 나빠지는지를 말해 줍니다. 왼쪽과 오른쪽 가운데 **어느 쪽에서 잔여수명을 더 잘 읽을 수 있습니까?**
#
# > A single flight is noisy. The **mean of several flights** says where the engine is, the **difference between the last mean and the one before** how fast it gets worse. Where can you read the remaining life better, **left or right**?

# %%
smooth = log.groupby("engine")["turbine_exit_r"].transform(lambda rows: rows.rolling(20, min_periods=1).mean())
fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), sharey=True)
for ax, values, title in (
    (axes[0], log["turbine_exit_r"], "한 비행 · one flight"),
    (axes[1], smooth, "지난 20비행 평균 · mean of 20"),
):
    ax.scatter(values[::5], np.minimum(log["rul"], 125)[::5], s=2, color="#1f5fa8")
    ax.set(xlabel="터빈 출구 온도 · turbine exit (°R)", title=title)
axes[0].set_ylabel("잔여수명 · flights left")
plt.show()

# %% [markdown]
# **문제 4 (4점).** `window_features(flights)`: 엔진마다 비행 순서로 늘어선 표를 받아, 줄 수와 인덱스가 같은 새 표를 돌려주십시오. 센서마다 열이 둘입니다.
#
# - `<센서>_mean`: 같은 엔진의 지난 20비행(지금 포함, 모자라면 있는 만큼)의 평균 (2점)
# - `<센서>_trend`: 지난 10비행의 평균 − 그 앞 10비행의 평균. 곧 10비행 평균에서 **10줄 앞의 10비행 평균**을 뺀 값이고, 앞이 없으면 0입니다. (2점)
#
# > **Exercise 4 (4 points).** `window_features(flights)` takes flights in order within each engine and returns a table of the same rows and index, two columns a sensor: `<sensor>_mean`, the mean of the engine's last 20 flights (this one included, fewer at the start), and `<sensor>_trend`, the mean of the last 10 flights minus that **ten rows earlier** (0 where there is none).


# %% nbgrader={"grade_id": "a09-window", "solution": true}
def window_features(flights):
    """센서마다 평균과 추세 · mean and trend of each sensor."""
    ### BEGIN SOLUTION
    engine, sensors = flights["engine"], list(engine_life.SENSORS)

    def rolled(length):
        means = flights.groupby("engine")[sensors].rolling(length, min_periods=1).mean()
        return means.reset_index(level=0, drop=True).reindex(flights.index)

    short = rolled(10)
    trend = (short - short.groupby(engine).shift(10)).fillna(0)
    return pd.concat([rolled(20).add_suffix("_mean"), trend.add_suffix("_trend")], axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a09-window-test", "grade": true, "points": 4}
### BEGIN HIDDEN TESTS
def windows_of(flights):
    parts = []
    for _, rows in flights.groupby("engine"):
        values = rows[list(engine_life.SENSORS)]
        ten = values.rolling(10, min_periods=1).mean()
        twenty = values.rolling(20, min_periods=1).mean().add_suffix("_mean")
        parts.append(pd.concat([twenty, (ten - ten.shift(10)).fillna(0).add_suffix("_trend")], axis=1))
    return pd.concat(parts).loc[flights.index]


### END HIDDEN TESTS
some = log[log["engine"] <= 3]
windows = window_features(some)
assert len(windows) == len(some) and windows.shape[1] == 28, "센서마다 두 열 · two columns a sensor"
assert abs(windows["fan_rpm_mean"].iloc[0] - some["fan_rpm"].iloc[0]) < 1e-6, (
    "첫 비행의 평균은 그 값입니다 · the mean of the first flight is its value"
)
assert windows["fan_rpm_trend"].iloc[0] == 0, "앞이 없으면 0입니다 · 0 where nothing is before"
### BEGIN HIDDEN TESTS
unseen = engine_life.machine_only(engine_life.engine_log(hidden_seed(), "windows", 4))
made, wanted = window_features(unseen), windows_of(unseen)
points_window = 0
for suffix in ("_mean", "_trend"):
    columns = [name + suffix for name in engine_life.SENSORS]
    close = set(columns) <= set(made.columns) and np.allclose(
        made[columns].to_numpy(), wanted[columns].to_numpy(), atol=1e-6
    )
    points_window += 2 * int(close)
points_window
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 잔여수명 · Remaining life
#
# 기준선은 지금의 정비 규칙입니다: **비행 횟수만** 봅니다. 시험은 날고 있는 엔진처럼, 아무 때나 멈추어 세우고 그때의 잔여수명을 묻습니다. **몇 비행이나 틀릴까요?**
#
# > The baseline is today's rule: **the number of flights alone**. Engines in service are stopped at any moment and asked for their remaining life. **How many flights is it off?**

# %%
service = engine_life.in_service(engine_life.engine_log(learner_seed(), "service"), learner_seed(), "service")
asked = service.groupby("engine").tail(1)
calendar = LinearRegression().fit(log[["flight"]], np.minimum(log["rul"], 125))


def rmse(told):
    """125에서 자른 잔여수명의 오차 · error of the capped remaining life."""
    return float(np.sqrt(np.mean((np.minimum(told, 125) - np.minimum(asked["rul"], 125)) ** 2)))


print(f"비행 횟수만 · flights alone: RMSE {rmse(calendar.predict(asked[['flight']])):.1f}")

# %% [markdown]
# **문제 5 (6점).** `flights_left(flights)`: 설비에서 아는 열(`engine`, `flight`, 센서)만 있는 표를 받아 줄마다 잔여수명(많아야 125)을 담은 1차원 배열을 돌려주십시오. 모델은 함수 밖에서 한 번만 학습시키십시오.
#
# - 어떤 줄을 예측할 때는 **그 줄과 같은 엔진의 앞선 줄**만 쓸 수 있습니다(뒤를 잘라 내고 다시 불러 봅니다).
# - `window_features`가 출발점입니다. 이웃한 줄은 거의 같으므로 학습에는 서너 줄에 하나만 써도 됩니다.
#
# 채점: 새 엔진 100대의 RMSE. 비행 횟수만 볼 때와 같으면 0점, 참고 풀이와의 거리를 75 % 이상 좁히면 6점입니다. 공개된 FD001 성적은 12–18입니다.
#
# > **Exercise 5 (6 points).** `flights_left(flights)` takes a table with what is known after each flight and returns the remaining life (at most 125) of each row. Train once, outside the function. For a row use **that row and earlier rows of the engine** only (grading cuts the later ones off and asks again). One row in three or four is enough to train on.
# > Graded by RMSE on 100 new engines: 0 points at flights alone, 6 when 75 % of the way to our reference is covered. Published results on FD001 are 12 to 18.


# %% nbgrader={"grade_id": "a09-life", "solution": true}
### BEGIN SOLUTION
def life_inputs(flights):
    return window_features(flights).assign(flight=flights["flight"])


life_model = HistGradientBoostingRegressor(
    max_iter=80, max_leaf_nodes=15, min_samples_leaf=30, early_stopping=False, random_state=0
)
life_model.fit(life_inputs(log)[::4], np.minimum(log["rul"], 125)[::4])


def flights_left(flights):
    return np.clip(life_model.predict(life_inputs(flights)), 0, 125)


### END SOLUTION


# %% nbgrader={"grade_id": "a09-life-test", "grade": true, "points": 6}
### BEGIN HIDDEN TESTS
def reference_inputs(flights):
    return windows_of(flights).assign(flight=flights["flight"])


shop = engine_life.engine_log(learner_seed(), "shop")
fleet = engine_life.engine_log(hidden_seed(), "fleet")
flying = engine_life.in_service(fleet, hidden_seed(), "fleet")
now = flying.groupby("engine").tail(1).index
due = np.minimum(flying["rul"].to_numpy()[now], 125)
target = np.minimum(shop["rul"], 125)
reference = HistGradientBoostingRegressor(
    max_iter=80, max_leaf_nodes=15, min_samples_leaf=30, early_stopping=False, random_state=0
).fit(reference_inputs(shop)[::4], target[::4])
naive = LinearRegression().fit(shop[["flight"]], target)


def off_by(told_life):
    return float(np.sqrt(np.mean((np.clip(told_life, 0, 125) - due) ** 2)))


### END HIDDEN TESTS
own = np.asarray(flights_left(engine_life.machine_only(service)), dtype=float)
assert own.shape == (len(service),), "줄마다 값 하나 · one value for each row"
assert np.isfinite(own).all(), "비어 있는 예측이 있습니다 · a prediction is missing"
print(f"RMSE {rmse(own[asked.index]):.1f}")
### BEGIN HIDDEN TESTS
given = np.asarray(flights_left(engine_life.machine_only(flying)), dtype=float)
assert given.shape == (len(flying),) and np.isfinite(given).all()
early = flying[flying["flight"] <= 25]
again = np.asarray(flights_left(engine_life.machine_only(early)), dtype=float)
assert np.allclose(again, given[early.index], atol=0.5), "uses later flights"
error, error_naive = off_by(given[now]), off_by(naive.predict(flying.loc[now, ["flight"]]))
error_reference = off_by(reference.predict(reference_inputs(flying).loc[now]))
error_mark = error_naive - 0.75 * (error_naive - error_reference)
measured = {
    "rmse": error,
    "rmse_naive": error_naive,
    "rmse_reference": error_reference,
    "rmse_mark": error_mark,
    "phm_score": engine_life.phm_score(due, np.clip(given[now], 0, 125)),
}
6 * float(np.clip((error_naive - error) / (error_naive - error_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 7. 언제 내릴 것인가 · When to take it off
#
# - 날다가 다 닳으면: **300,000,000원** (우회 착륙, 엔진 교체)
# - 내릴 때 남아 있던 비행: 하나에 **1,000,000원**을 버린 셈
#
# 예측이 어떤 값 **아래로 처음 내려가면** 그 비행 뒤에 내립니다. 끝까지 내려가지 않으면 날다가 멈춥니다. `log`의 절반으로 배우고 나머지 절반에서 그려 봅니다. **가장 싼 값은 0에 가까울까요?**
#
# > Wearing out in service costs **300 million won**, each flight still left when it is taken off **one million**. The engine comes off after the first flight whose prediction is **below** some value; if none is, it stops in service. Learn from half of `log`, draw the cost on the other half. **Is the cheapest value near 0?**


# %%
def fleet_cost(flights, told, take_off_below):
    """엔진 한 대당 비용 · mean won for an engine."""
    costs = []
    for rows in flights.groupby("engine").indices.values():
        below = np.flatnonzero(told[rows] < take_off_below)
        waste = len(rows) - 1 - below[0] if len(below) else 0
        costs.append(1_000_000 * waste if waste else 300_000_000)
    return float(np.mean(costs))


first_half = (log["engine"] <= 50).to_numpy()
windows_all = window_features(log)
half_model = HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=0)
half_model.fit(windows_all[first_half][::4], np.minimum(log["rul"], 125)[first_half][::4])
second_half = log[~first_half].reset_index(drop=True)
told_half = half_model.predict(windows_all[~first_half])
limits = np.arange(2, 61, 2)
curve = [fleet_cost(second_half, told_half, limit) for limit in limits]
fig, ax = plt.subplots()
ax.plot(limits, np.array(curve) / 1e6, marker="o", ms=3, color="#1f5fa8")
ax.set(xlabel="내리는 예측값 · take off below (flights)", ylabel="엔진당 비용 (백만 원) · million won", ylim=(0, None))
plt.show()

# %% [markdown]
# **문제 6 (3점).** 여러분의 `flights_left`에 쓸 기준 `take_off_below`(숫자 하나, 비행)를 정하십시오.
# 채점: 새 엔진 100대의 엔진당 비용. 지금의 규칙(가장 짧았던 수명보다 5비행 앞에서 내림)과 같으면 0점, 참고 풀이와의 거리를 80 % 이상 좁히면 3점입니다.
#
# > **Exercise 6 (3 points).** Set `take_off_below`, the prediction (flights) of your `flights_left` below which an engine comes off. Graded by the cost of an engine on 100 new ones: 0 points at today's rule (off five flights before the shortest life seen), 3 when 80 % of the way to our reference is covered.

# %% nbgrader={"grade_id": "a09-off", "solution": true}
### BEGIN SOLUTION
take_off_below = 20
### END SOLUTION


# %% nbgrader={"grade_id": "a09-off-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
def cost_of(told_life, limit):
    bills = []
    for rows in fleet.groupby("engine").indices.values():
        low = np.flatnonzero(told_life[rows] < limit)
        wasted = len(rows) - 1 - low[0] if len(low) else 0
        bills.append(1_000_000 * wasted if wasted else 300_000_000)
    return float(np.mean(bills))


shortest = shop.groupby("engine").size().min()
cost_today = cost_of(shortest - fleet["flight"].to_numpy(), 6)
cost_reference = cost_of(reference.predict(reference_inputs(fleet)), 20)
### END HIDDEN TESTS
assert 0 < take_off_below < 125, "비행 횟수로 쓰십시오 · in flights"
### BEGIN HIDDEN TESTS
full = np.asarray(flights_left(engine_life.machine_only(fleet)), dtype=float)
assert full.shape == (len(fleet),) and np.isfinite(full).all()
cost = cost_of(full, float(take_off_below))
cost_mark = cost_today - 0.8 * (cost_today - cost_reference)
measured = {"cost": cost, "cost_today": cost_today, "cost_reference": cost_reference, "cost_mark": cost_mark}
3 * float(np.clip((cost_today - cost) / (cost_today - cost_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 항공사에 설명하기 · Explain it to the airline
#
# 보고하기 전에 지금의 규칙과 견줍니다. **한 대당 얼마를 아낍니까?**
#
# > Before the report, compare with today's rule. **How much is saved per engine?**

# %%
rest_lives = second_half.groupby("engine").size()
today = fleet_cost(second_half, lives[:50].min() - second_half["flight"].to_numpy(), 6)
print(f"지금의 규칙 · today: {won(today)}   간단한 예측으로 · simple prediction: {won(min(curve))}")
print(f"PHM 점수 · score: {engine_life.phm_score(np.minimum(asked['rul'], 125), own[asked.index]):.0f}")

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 항공사는 "센서 예측으로 엔진을 더 오래 달아 두는 것은 위험하다"고 합니다. 설득하는 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 지금의 규칙과 예측의 오차와 비용을 자신의 숫자로 견주십시오. (2점)
# 2. 예측이 틀리는 방향이 왜 중요하며, 내리는 기준을 0이 아니라 그 값으로 정한 까닭을 설명하십시오. (2점)
# 3. 예측을 믿으면 안 되는 엔진을 알아차리는 방법 한 가지를 제안하십시오. (1점)
#
# > **Exercise 7 (5 points, graded by a person).** The airline finds it "risky to keep engines on the wing because sensors say so". Convince it (5–8 sentences): errors and costs of today's rule and of the prediction, in your figures (2); why the direction of an error matters and why you chose that limit and not 0 (2); one way to notice an engine whose prediction must not be trusted (1).

# %% [markdown] nbgrader={"grade_id": "a09-airline", "grade": true, "solution": true, "points": 5}
# 비행 횟수만 보면 잔여수명을 28비행쯤 틀리고, 예측은 17비행쯤 틀립니다. 지금의 규칙은 한 대에 8천만 원쯤의 비행을 버리지만 예측으로는 2천만 원 안팎입니다.
# 이르게 틀리면 비행 몇 번을 버릴 뿐이지만 늦게 틀리면 엔진을 잃으므로, 오차만큼 여유를 두어 20비행 아래에서 내립니다. 끝에 가까울수록 예측은 더 정확해져 20비행의 여유면 충분했습니다.
# 학습한 엔진 가운데 비슷한 것이 없는 엔진, 곧 센서 평균이 학습 범위를 벗어난 엔진은 예측을 쓰지 않고 지금의 규칙을 따릅니다.
