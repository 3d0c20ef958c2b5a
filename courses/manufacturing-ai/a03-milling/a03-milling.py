# %% [markdown]
# # A03. 밀링 설비 고장 예측 · Milling failure prediction
#
# 창원의 한 부품 가공 업체가 도움을 청했습니다. 밀링 설비가 하루에도 몇 번씩 멈춥니다. 멈출 때마다 소재를 버리고, 공구를 갈고, 납기에 쫓깁니다.
# 설비에는 이미 센서가 달려 있고 부품 10,000개의 기록이 쌓여 있습니다. **다음 부품을 깎기 전에 "이번에는 위험하다"고 알려 줄 수 있을까요?**
#
# > A parts maker in Changwon asks for help: its milling machine stops several times a day, and every stop costs material, a tool and a delivery date.
# > The sensors are there, and so is a log of 10,000 parts. **Can we warn before the next part is cut?**
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 데이터 읽기, 그림 먼저 보기 · read the log, look first | 1 |
# | 3 | 잘못 판단한 값을 원으로 · the price of a mistake in won | 2 |
# | 4 | 99 %가 왜 틀렸는가 · why 99 % is wrong here | 1 |
# | 5 | 공구 단위로 나누기 · split by tool | 2 |
# | 6–7 | 기준선, 물리 특징 · baseline, physics features | 3 |
# | 8–9 | 모델과 경보 · model and alarm | 6 + 5 |
# | 10 | 공장장에게 보고 · report to the plant manager (사람이 채점 · graded by a person) | 5 |
#
# 여러분의 데이터는 여러분만의 것입니다(시드가 서로 다릅니다). 옆 사람과 숫자는 달라도 배우는 것은 같습니다.
#
# > Your data are yours alone (everyone has another seed): figures differ from your neighbour's, the lesson does not.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import milling

prepare_notebook()
log = milling.machine_log(learner_seed())
log.head()

# %% [markdown]
# ## 1. 한 줄이 부품 하나입니다 · One row, one part
#
# | 열 · Column | 뜻 · Meaning | 단위 · Unit |
# |---|---|---|
# | `part` | 가공 순서 · order of machining | – |
# | `tool` | 공구 번호 (교체하면 1 커집니다) · tool number (+1 at each change) | – |
# | `grade` | 제품 등급 L / M / H · product grade | – |
# | `air_temperature_k`, `process_temperature_k` | 주변 온도, 공정 온도 · air and process temperature | K |
# | `speed_rpm` | 주축 회전수 · spindle speed | rpm |
# | `torque_nm` | 주축 토크 · spindle torque | N·m |
# | `tool_wear_min` | 공구 사용 시간 · minutes the tool has been cutting | 분 · min |
# | `failure` | 설비 고장 (1 = 멈춤) · machine failure | 0/1 |
# | `twf` `hdf` `pwf` `osf` `rnf` | 정비팀이 **고장 뒤에** 적은 원인: 마모, 방열, 동력, 과부하, 우발 · cause written by maintenance **after** the stop: wear, heat, power, overstrain, random | 0/1 |
#
# **문제 1 (1점).** 고장 난 부품 수 `failure_count`와, "언제나 정상"이라고만 답했을 때의 정확도 `always_ok_accuracy`(0–1)를 구하십시오.
# 풀기 전에 예측해 보십시오. 아무 일도 하지 않는 답의 정확도는 몇 %쯤일까요?
#
# > **Exercise 1 (1 point).** Find `failure_count` and `always_ok_accuracy` (0–1), the accuracy of always answering "fine". Guess first: how accurate is doing nothing?

# %% nbgrader={"grade_id": "a03-count", "solution": true}
### BEGIN SOLUTION
failure_count = int(log["failure"].sum())
always_ok_accuracy = float((log["failure"] == 0).mean())
### END SOLUTION

# %% nbgrader={"grade_id": "a03-count-test", "grade": true, "points": 1}
assert 0 < failure_count < 1000, "고장은 수백 건입니다 · there are some hundred failures"
assert 0 <= always_ok_accuracy <= 1, "정확도는 0과 1 사이입니다 · an accuracy lies between 0 and 1"
### BEGIN HIDDEN TESTS
own_failures = milling.machine_log(learner_seed())["failure"]
assert failure_count == own_failures.sum()
assert abs(always_ok_accuracy - (1 - own_failures.mean())) < 1e-6
### END HIDDEN TESTS

# %% [markdown]
# 아무것도 하지 않아도 정확도가 96 %를 넘습니다. 그래서 이 과제에서는 **정확도를 쓰지 않습니다.** 드문 고장을 얼마나 잘 골라내는지 보는
# 평균 정밀도(AP)와 F1, 그리고 돈으로 재겠습니다.
#
# > Doing nothing is more than 96 % accurate, so **we don't use accuracy**: average precision (AP) and F1 say how well rare failures are found, and won says what that is worth.
#
# ## 2. 계산하기 전에 그림부터 · Look before you compute
#
# 회전수와 토크를 두 축에 놓고 고장을 붉게 칠합니다. **붉은 점은 어디에 모일까요?** 먼저 말해 본 다음 실행하십시오.
#
# > Speed against torque, failures in red. **Where will the red points gather?** Say it first, then run.

# %%
fine, failed = log[log["failure"] == 0], log[log["failure"] == 1]
fig, ax = plt.subplots()
ax.scatter(fine["torque_nm"], fine["speed_rpm"], s=3, color="#b8c4d0", label="정상 · fine")
ax.scatter(failed["torque_nm"], failed["speed_rpm"], s=12, color="#c8102e", label="고장 · failure")
ax.set(
    xlabel="토크 · torque (N·m)",
    ylabel="회전수 · speed (rpm)",
    title="고장은 어디에 모입니까? · Where do failures gather?",
)
ax.legend()
plt.show()

# %% [markdown]
# 왼쪽 위(빠르고 가벼움)와 오른쪽 아래(느리고 무거움)에 몰려 있습니다. **직선 하나로는 양 끝을 함께 잘라 낼 수 없습니다.** 가운데 흩어진 붉은 점은 다른 까닭이 있다는 뜻입니다.
# 공구 사용 시간에 따라서는 어떨까요?
#
# > They sit at upper left (fast, light) and lower right (slow, heavy): **one straight line can't cut off both ends**, and the red points in the middle must have another cause. What about tool wear?

# %%
wear_class = pd.cut(log["tool_wear_min"], np.arange(0, 241, 20), right=False)
share = log.groupby(wear_class, observed=True)["failure"].mean() * 100
fig, ax = plt.subplots()
ax.bar([f"{interval.left:.0f}" for interval in share.index], share, color="#1f5fa8")
ax.set(
    xlabel="공구 사용 시간, 20분 구간의 시작 · tool wear, start of 20-minute class (min)",
    ylabel="고장 비율 · failure share (%)",
)
ax.set_title("공구 사용 시간과 고장 · Tool wear and failures")
plt.show()

# %% [markdown]
# ## 3. 실수의 값은 같지 않습니다 · Mistakes don't cost the same
#
# - 고장을 **놓치면**: 소재 폐기, 공구 파손, 30분 정지 → **1,500,000원**
# - **경보를 낼 때마다** (맞든 틀리든): 세우고 공구를 점검하거나 교체 → **60,000원**
#
# **문제 2 (2점).** `cost_won(actual, alarm)`: 실제 고장(0/1)과 경보(0/1)를 받아 총비용(원)을 돌려주는 함수를 쓰십시오.
# 경보를 낸 부품에서는 고장이 예방되므로 놓친 값은 들지 않습니다.
#
# > A **missed** failure costs 1,500,000 won (scrap, broken tool, half an hour). **Every alarm**, right or false, costs 60,000 won (stop, check, change the tool).
# > **Exercise 2 (2 points).** Write `cost_won(actual, alarm)`: the total cost in won for failures and alarms given as 0/1. An alarm prevents the failure, so nothing is missed there.


# %% nbgrader={"grade_id": "a03-cost", "solution": true}
def cost_won(actual, alarm):
    """총비용(원) · total cost in won."""
    ### BEGIN SOLUTION
    actual, alarm = np.asarray(actual), np.asarray(alarm)
    missed = np.sum((actual == 1) & (alarm == 0))
    return float(missed * milling.MISSED_FAILURE_WON + np.sum(alarm == 1) * milling.ALARM_WON)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a03-cost-test", "grade": true, "points": 2}
assert cost_won([1, 0, 0], [0, 0, 0]) == 1_500_000, "놓친 고장 한 건은 1,500,000원입니다 · one missed failure"
assert cost_won([1, 0, 0], [1, 1, 0]) == 120_000, "경보 두 번은 120,000원입니다 · two alarms"
### BEGIN HIDDEN TESTS
some = np.random.default_rng(hidden_seed() % 2**32)
for _ in range(3):
    truth, alarms = some.integers(0, 2, 50), some.integers(0, 2, 50)
    expected_won = int(np.sum((truth == 1) & (alarms == 0)) * 1_500_000 + alarms.sum() * 60_000)
    assert abs(cost_won(truth, alarms) - expected_won) < 1
assert cost_won(np.zeros(5, int), np.zeros(5, int)) == 0
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 급한 동료가 모든 열을 넣고 모델을 만들었습니다. 결과가 눈부십니다. **박수를 치기 전에 실행해 보고, 무엇이 이상한지 찾으십시오.**
#
# > A colleague in a hurry used every column, and the result is dazzling. **Run it, and before you applaud, find what is wrong.**

# %%
everything = [*milling.SENSORS, *milling.MODES]
half = len(log) // 2
hurried = HistGradientBoostingClassifier(max_iter=50, random_state=0).fit(log[everything][:half], log["failure"][:half])
dazzling = f1_score(log["failure"][half:], hurried.predict(log[everything][half:]))
print(f"F1 = {dazzling:.3f}")

# %% [markdown]
# `twf`–`rnf`는 **고장이 난 뒤에** 정비팀이 적은 칸입니다. 깎기 전에는 비어 있습니다. 답을 보고 답을 맞힌 셈입니다. 이것을 **데이터 누설(leakage)**이라 합니다.
# 묻는 법은 하나입니다: *"예측하는 순간에 이 값을 알고 있는가?"*
#
# **문제 3 (1점).** 깎기 전에 알 수 있고 설비 상태를 말해 주는 열의 이름을 리스트 `usable_columns`에 담으십시오. (부품 번호와 공구 번호는 상태가 아니라 이름표이므로 뺍니다.)
#
# > `twf` to `rnf` are written by maintenance **after** the stop; before cutting they are empty. The model read the answer: **leakage**. One question finds it: *"Do we know this value at the moment we predict?"*
# > **Exercise 3 (1 point).** Put the names of the columns that are known before cutting and describe the machine's state into the list `usable_columns` (part and tool number are labels, not states: leave them out).

# %% nbgrader={"grade_id": "a03-columns", "solution": true}
### BEGIN SOLUTION
usable_columns = ["grade", "air_temperature_k", "process_temperature_k", "speed_rpm", "torque_nm", "tool_wear_min"]
### END SOLUTION

# %% nbgrader={"grade_id": "a03-columns-test", "grade": true, "points": 1}
assert "failure" not in usable_columns, "답 자체를 쓸 수는 없습니다 · the answer itself is not an input"
assert len(usable_columns) > 2, "쓸 수 있는 열이 더 있습니다 · there are more usable columns"
### BEGIN HIDDEN TESTS
assert set(usable_columns) == {"grade", *milling.SENSORS}
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 공구 단위로 나눕니다 · Split by tool
#
# 줄을 무작위로 나누면 같은 공구의 앞뒤 부품이 양쪽에 섞입니다. 온도는 천천히 변하고 마모는 이어지므로 이웃한 두 줄은 거의 쌍둥이입니다.
# 현장에서 모델은 **아직 한 번도 본 적 없는 공구**를 만납니다. 시험도 그렇게 봐야 합니다.
#
# **문제 4 (2점).** `split_by_tool(table, test_share, seed)`: 공구의 `test_share`(예: 0.25)를 무작위로 골라 그 공구의 모든 줄을 시험용으로, 나머지를 학습용으로 하여
# `(train, test)` 두 표를 돌려주십시오. 한 공구가 양쪽에 있으면 안 되고, 같은 `seed`에는 같은 결과가 나와야 합니다.
#
# > A random split puts neighbours of one tool on both sides, and neighbours are near twins. In the plant the model meets **a tool it has never seen**; so must the test.
# > **Exercise 4 (2 points).** `split_by_tool(table, test_share, seed)` draws `test_share` of the tools at random; all their rows are the test table, the others the training table. Return `(train, test)`; no tool on both sides, same seed, same result.


# %% nbgrader={"grade_id": "a03-split", "solution": true}
def split_by_tool(table, test_share, seed):
    """(train, test): 공구가 겹치지 않는 두 표 · two tables without a common tool."""
    ### BEGIN SOLUTION
    tools = np.unique(table["tool"])
    chosen = np.random.default_rng(seed).choice(tools, round(len(tools) * test_share), replace=False)
    in_test = table["tool"].isin(chosen)
    return table[~in_test], table[in_test]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a03-split-test", "grade": true, "points": 2}
train, test = split_by_tool(log, 0.25, seed=1)
assert len(train) + len(test) == len(log), "줄이 사라지거나 늘면 안 됩니다 · no row may be lost or doubled"
assert not set(train["tool"]) & set(test["tool"]), "한 공구가 양쪽에 있습니다 · a tool is on both sides"
### BEGIN HIDDEN TESTS
for number in range(2):
    other = milling.machine_log((hidden_seed() + number) % 2**64, parts=2_000)
    left, right = split_by_tool(other, 0.3, seed=number)
    assert not set(left["tool"]) & set(right["tool"])
    assert sorted([*left["part"], *right["part"]]) == list(other["part"])
    assert abs(right["tool"].nunique() / other["tool"].nunique() - 0.3) < 0.1
    assert list(split_by_tool(other, 0.3, seed=number)[1]["part"]) == list(right["part"])
assert set(split_by_tool(other, 0.3, seed=7)[1]["tool"]) != set(split_by_tool(other, 0.3, seed=8)[1]["tool"])
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 기준선부터 · Baseline first
#
# 영리한 모델을 만들기 전에 가장 단순한 모델의 점수를 알아 둡니다. 로지스틱 회귀에 센서 값을 그대로 넣습니다. **F1은 얼마나 될까요?**
#
# > Before anything clever, know what the simplest model scores: logistic regression on raw sensors. **What F1 do you expect?**

# %%
train_rows, test_rows = split_by_tool(log, 0.25, seed=1)
sensors = list(milling.SENSORS)
baseline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(
    train_rows[sensors], train_rows["failure"]
)
baseline_probability = baseline.predict_proba(test_rows[sensors])[:, 1]
print(f"F1 = {f1_score(test_rows['failure'], baseline_probability > 0.5):.2f}")
print(
    f"AP = {average_precision_score(test_rows['failure'], baseline_probability):.2f}   (무작위 · chance: {test_rows['failure'].mean():.2f})"
)

# %% [markdown]
# 2절의 그림이 까닭을 말해 줍니다. 고장은 **양 끝**에 있는데 로지스틱 회귀는 직선 하나만 그을 수 있습니다.
#
# ## 7. 설비를 아는 사람의 특징 · Features by someone who knows the machine
#
# 정비 반장의 말: "주축이 **힘에 부치거나** 헛돌면 멈춰요. **열이 안 빠지면서** 천천히 돌 때도요. 그리고 **닳은 공구로 세게** 깎으면 부러집니다."
# 이 말을 숫자로 옮기면 그림이 달라집니다.
#
# > The figure in section 2 says why: failures sit at **both ends**, and logistic regression draws one line.
# > The foreman says: "It stops when the spindle is **overloaded** or runs idle, when **heat can't leave** at low speed, and when you **push a worn tool**." Put into numbers, the picture changes.

# %%
power_kw = milling.power_w(log["speed_rpm"], log["torque_nm"]) / 1000
strain = log["tool_wear_min"] * log["torque_nm"] / 1000
fig, axes = plt.subplots(1, 2, figsize=(10, 4))
for mode, colour, name in (
    ("pwf", "#c8102e", "동력 · power"),
    ("osf", "#e08a00", "과부하 · overstrain"),
    ("hdf", "#6a3d9a", "방열 · heat"),
):
    rows = log[mode] == 1
    axes[0].scatter(power_kw[rows], strain[rows], s=12, color=colour, label=name, zorder=3)
    gap = log["process_temperature_k"] - log["air_temperature_k"]
    axes[1].scatter(gap[rows], log["speed_rpm"][rows], s=12, color=colour, label=name, zorder=3)
axes[0].scatter(power_kw, strain, s=2, color="#d0d8e0")
axes[1].scatter(gap, log["speed_rpm"], s=2, color="#d0d8e0")
axes[0].set(xlabel="동력 · power (kW)", ylabel="마모 × 토크 · wear × torque (1000 min·N·m)")
axes[1].set(xlabel="공정 온도 − 주변 온도 · temperature gap (K)", ylabel="회전수 · speed (rpm)")
axes[0].legend()
plt.show()

# %% [markdown]
# 흩어져 있던 고장이 **네모난 구역**에 모였습니다. 이제 모델이 할 일은 쉽습니다.
#
# **문제 5 (3점).** `add_physics(parts)`: 받은 표는 그대로 두고, 다음 세 열을 더한 새 표를 돌려주십시오.
#
# - `power_w`: 동력 $P = T \cdot \dfrac{2\pi n}{60}$ (W; $T$ 토크 N·m, $n$ 회전수 rpm)
# - `temperature_gap_k`: 공정 온도 − 주변 온도 (K)
# - `strain_min_nm`: 공구 사용 시간 × 토크 (min·N·m)
#
# > The scattered failures now gather in **rectangles**, and the model's work becomes easy.
# > **Exercise 5 (3 points).** `add_physics(parts)` returns a new table with the three columns above (power, temperature gap, strain) and leaves the given table as it was.


# %% nbgrader={"grade_id": "a03-physics", "solution": true}
def add_physics(parts):
    """세 물리 특징을 더한 새 표 · a new table with three physics features."""
    ### BEGIN SOLUTION
    return parts.assign(
        power_w=parts["torque_nm"] * parts["speed_rpm"] * 2 * np.pi / 60,
        temperature_gap_k=parts["process_temperature_k"] - parts["air_temperature_k"],
        strain_min_nm=parts["tool_wear_min"] * parts["torque_nm"],
    )
    ### END SOLUTION


# %% nbgrader={"grade_id": "a03-physics-test", "grade": true, "points": 3}
one = pd.DataFrame(
    {
        "air_temperature_k": [300.0],
        "process_temperature_k": [310.0],
        "speed_rpm": [1500.0],
        "torque_nm": [40.0],
        "tool_wear_min": [100.0],
    }
)
richer = add_physics(one)
assert abs(richer["power_w"].iloc[0] - 6283.2) < 1, (
    "1500 rpm, 40 N·m 이면 약 6283 W입니다 · about 6283 W (rpm → rad/s!)"
)
assert "power_w" not in one.columns, "받은 표를 바꾸지 마십시오 · leave the given table as it is"
### BEGIN HIDDEN TESTS
points_physics = 0
parts = milling.sensors_only(milling.machine_log(hidden_seed(), parts=500))
made = add_physics(parts)
truths = {
    "power_w": parts["torque_nm"] * parts["speed_rpm"] * 2 * np.pi / 60,
    "temperature_gap_k": parts["process_temperature_k"] - parts["air_temperature_k"],
    "strain_min_nm": parts["tool_wear_min"] * parts["torque_nm"],
}
for column, truth in truths.items():
    if column in made.columns and np.allclose(made[column].to_numpy(), truth.to_numpy()):
        points_physics += 1
points_physics
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 모델 · The model
#
# **문제 6 (6점).** `failure_probability(parts)`: 깎기 전에 아는 열(`part`, `tool`, `grade`와 센서)만 있는 표를 받아, 줄마다 고장 확률(0–1)을 담은 1차원 배열을 돌려주는 함수를 쓰십시오.
# 모델은 함수 밖에서 여러분의 `log`로 **한 번만** 학습시키십시오. 물리 특징과 트리 계열 모델(예: `HistGradientBoostingClassifier`)로 시작하면 좋습니다.
#
# 채점: 여러분이 본 적 없는 새 기록에서 평균 정밀도(AP)를 잽니다. 기준선과 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 6점이고, 그 사이는 비례합니다.
#
# > **Exercise 6 (6 points).** `failure_probability(parts)` takes a table with only what is known before cutting (`part`, `tool`, `grade`, sensors) and returns a one-dimensional array of failure probabilities.
# > Train **once**, outside the function, on your `log`. Physics features and a tree ensemble are a good start.
# > Graded by AP on a new log: 0 points at the baseline, 6 when 85 % of the way to our reference is covered, proportional in between.


# %% nbgrader={"grade_id": "a03-model", "solution": true}
### BEGIN SOLUTION
def features(parts):
    table = add_physics(parts)
    table["grade"] = table["grade"].map({"L": 0, "M": 1, "H": 2})
    return table[[*usable_columns, "power_w", "temperature_gap_k", "strain_min_nm"]]


model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.08, early_stopping=False, random_state=0)
model.fit(features(train_rows), train_rows["failure"])


def failure_probability(parts):
    return model.predict_proba(features(parts))[:, 1]


### END SOLUTION


# %% nbgrader={"grade_id": "a03-model-test", "grade": true, "points": 6}
### BEGIN HIDDEN TESTS
def grade_code(table):
    return table["grade"].map({"L": 0, "M": 1, "H": 2}).astype(int)


def reference_table(table):
    raw = table[list(milling.SENSORS)].astype(float)
    gap = raw["process_temperature_k"] - raw["air_temperature_k"]
    power = raw["torque_nm"] * raw["speed_rpm"] * 2 * np.pi / 60
    return raw.assign(grade=grade_code(table), gap=gap, power=power, strain=raw["tool_wear_min"] * raw["torque_nm"])


own_log = milling.machine_log(learner_seed())
own_rows = own_log[own_log["tool"] % 4 != 0]
new_log = milling.machine_log(hidden_seed())
reference = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.08, early_stopping=False, random_state=0)
reference.fit(reference_table(own_rows), own_rows["failure"])
reference_probability = reference.predict_proba(reference_table(new_log))[:, 1]
naive = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(
    own_rows[list(milling.SENSORS)], own_rows["failure"]
)
naive_probability = naive.predict_proba(new_log[list(milling.SENSORS)])[:, 1]

### END HIDDEN TESTS
visible = milling.sensors_only(test_rows)
probability = np.asarray(failure_probability(visible))
assert probability.shape == (len(visible),), "부품마다 확률 하나 · one probability for each part"
assert probability.min() >= 0 and probability.max() <= 1, "확률은 0과 1 사이입니다 · a probability lies between 0 and 1"
visible_ap = average_precision_score(test_rows["failure"], probability)
print(f"내 시험 공구에서 AP · AP on your test tools: {visible_ap:.2f}")
### BEGIN HIDDEN TESTS
given = np.asarray(failure_probability(milling.sensors_only(new_log)), dtype=float)
assert given.shape == (len(new_log),) and np.isfinite(given).all()
ap = average_precision_score(new_log["failure"], given)
ap_naive = average_precision_score(new_log["failure"], naive_probability)
ap_reference = average_precision_score(new_log["failure"], reference_probability)
ap_mark = ap_naive + 0.85 * (ap_reference - ap_naive)
measured = {
    "ap": ap,
    "ap_naive": ap_naive,
    "ap_reference": ap_reference,
    "ap_mark": ap_mark,
    "f1": f1_score(new_log["failure"], given > 0.5),
}
6 * float(np.clip((ap - ap_naive) / (ap_mark - ap_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 9. 확률을 경보로 · From probability to alarm
#
# 확률이 얼마를 넘으면 경보를 낼까요? 0.5일 까닭이 없습니다. 문턱값을 바꾸며 총비용을 그려 봅니다. **가장 싼 문턱은 0.5보다 클까요, 작을까요?**
#
# > Above which probability do we raise the alarm? There is no reason for 0.5. Draw the cost against the threshold. **Is the cheapest one above or below 0.5?**

# %%
probability = np.asarray(failure_probability(milling.sensors_only(test_rows)))
thresholds = np.round(np.geomspace(0.0002, 0.9, 80), 5)
costs = [cost_won(test_rows["failure"], (probability > limit).astype(int)) / 1e6 for limit in thresholds]
nothing = cost_won(test_rows["failure"], np.zeros(len(test_rows), int)) / 1e6
fig, ax = plt.subplots()
ax.plot(thresholds, costs, color="#1f5fa8", label="모델 · model")
ax.axhline(nothing, color="#888888", linestyle="--", label="아무것도 하지 않음 · doing nothing")
ax.set(xscale="log", xlabel="문턱값 · threshold", ylabel="총비용 (백만 원) · cost (million won)", ylim=(0, None))
ax.legend()
plt.show()
print(f"가장 싼 문턱 · cheapest threshold: {thresholds[int(np.argmin(costs))]:.3f}, {won(min(costs) * 1e6)}")

# %% [markdown]
# 셈으로도 알 수 있습니다. 경보의 값은 60,000원, 경보를 내지 않을 때의 기댓값은 $p \times 1{,}500{,}000$원입니다. 둘이 같아지는 $p$는 얼마입니까?
#
# **문제 7 (5점).** `raise_alarm(parts)`: 같은 표를 받아 부품마다 0 또는 1(경보)을 담은 1차원 배열을 돌려주십시오.
# 채점: 새 기록에서 "아무것도 하지 않음"보다 얼마나 아꼈는지 잽니다. 0.5 문턱의 기준선과 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 5점입니다.
#
# > Arithmetic agrees: an alarm costs 60,000 won, silence costs $p \times 1{,}500{,}000$ won on average. At which $p$ are they equal?
# > **Exercise 7 (5 points).** `raise_alarm(parts)` returns 0 or 1 (alarm) for each part. Graded by the won saved on a new log: 0 points at the baseline with threshold 0.5, 5 when 85 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a03-alarm", "solution": true}
### BEGIN SOLUTION
def raise_alarm(parts):
    return (failure_probability(parts) > 60_000 / 1_500_000).astype(int)


### END SOLUTION


# %% nbgrader={"grade_id": "a03-alarm-test", "grade": true, "points": 5}
### BEGIN HIDDEN TESTS
def saved_share(truth, alarms):
    missed = np.sum((np.asarray(truth) == 1) & (alarms == 0))
    return 1 - (missed * 1_500_000 + alarms.sum() * 60_000) / (np.sum(truth) * 1_500_000)


### END HIDDEN TESTS
alarm = np.asarray(raise_alarm(milling.sensors_only(test_rows)))
assert alarm.shape == (len(test_rows),), "부품마다 값 하나 · one value for each part"
assert set(np.unique(alarm)) <= {0, 1}, "0 또는 1만 · only 0 or 1"
stopped = (test_rows["failure"] == 1).to_numpy()
print(
    "시험 공구에서 아낀 금액 · saved on your test tools:", won(1_500_000 * alarm[stopped].sum() - 60_000 * alarm.sum())
)
### BEGIN HIDDEN TESTS
given_alarm = np.asarray(raise_alarm(milling.sensors_only(new_log))).astype(int)
assert given_alarm.shape == (len(new_log),) and set(np.unique(given_alarm)) <= {0, 1}
saved = saved_share(new_log["failure"], given_alarm)
saved_naive = saved_share(new_log["failure"], (naive_probability > 0.5).astype(int))
saved_reference = saved_share(new_log["failure"], (reference_probability > 0.04).astype(int))
saved_mark = saved_naive + 0.85 * (saved_reference - saved_naive)
measured = {"saved": saved, "saved_naive": saved_naive, "saved_reference": saved_reference, "saved_mark": saved_mark}
5 * float(np.clip((saved - saved_naive) / (saved_mark - saved_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 10. 무엇을 놓쳤는가 · What did we miss?
#
# 보고하기 전에, 시험 공구에서 놓친 고장을 원인별로 봅니다. (원인 열은 **예측에는** 못 쓰지만 **돌아볼 때는** 씁니다.) **어떤 고장을 가장 많이 놓쳤을까요?**
#
# > Before you report, look at the failures missed, by cause. (The cause columns are no input, but hindsight may use them.) **Which kind is missed most?**

# %%
found = test_rows.assign(alarm=np.asarray(raise_alarm(milling.sensors_only(test_rows)))).query("failure == 1")
names = {
    "twf": "마모 · wear",
    "hdf": "방열 · heat",
    "pwf": "동력 · power",
    "osf": "과부하 · overstrain",
    "rnf": "우발 · random",
}
by_cause = pd.DataFrame(
    {name: [found[mode].sum(), (found[mode] * (1 - found["alarm"])).sum()] for mode, name in names.items()},
    index=["고장 · failures", "놓침 · missed"],
).T
by_cause

# %% [markdown]
# **문제 8 (5점, 사람이 채점).** 공장장에게 보내는 짧은 보고를 아래 칸에 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 시험 공구에서 고장은 몇 건, 경보는 몇 번, 아낀 금액은 얼마입니까? (2점: 자신의 결과에서 정확히)
# 2. 놓친 고장은 어떤 것이며, 아무도 미리 알 수 없는 것과 더 나아질 수 있는 것은 각각 무엇입니까? (2점)
# 3. 현장이 내일 할 수 있는 일 한 가지를 제안하십시오. (1점)
#
# > **Exercise 8 (5 points, graded by a person).** Write a short report to the plant manager (5–8 sentences, Korean or English): failures, alarms and won saved on your test tools (2); which failures are missed, which of them nobody can foresee and which could improve (2); one thing the shop floor can do tomorrow (1).

# %% [markdown] nbgrader={"grade_id": "a03-report", "grade": true, "solution": true, "points": 5}
# 시험 공구에서 고장의 대부분(동력·과부하·방열)을 미리 알렸고, 아무것도 하지 않을 때보다 비용을 80 % 넘게 줄였습니다.
# 놓친 것은 주로 공구 마모와 우발 고장입니다. 우발 고장은 아무 신호 없이 일어나므로 누구도 예측할 수 없습니다.
# 마모 고장은 200–240분 사이의 언제인지가 우연이라 지금 센서로는 어렵지만, 진동이나 절삭력 센서를 더하면 나아질 수 있습니다.
# 내일 할 수 있는 일: 공구를 200분에 미리 교체하고, 그 비용(60,000원)과 줄어든 고장을 한 달 동안 기록합니다.
