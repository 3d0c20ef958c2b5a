# %% [markdown]
# # A06. 사출성형 불량 선별 · Injection-moulding defect screening
#
# 마산의 한 사출 업체는 자동차용 ABS 덮개를 하루 2,500개 찍습니다. 불량은 백 개에 하나쯤인데, 하나라도 고객에게 가면 클레임 비용이 듭니다. 검사원은 한 명이라 **열 개 가운데 하나만** 볼 수 있습니다.
# 어느 하나를 보아야 할까요? 사출기는 한 번 찍을 때마다 압력, 온도, 시간을 기록합니다.
#
# > A moulder in Masan makes 2,500 ABS covers a day. About one in a hundred is bad, each one that reaches the customer is expensive, and the only inspector can look at **one part in ten**.
# > Which one? The machine records pressures, temperatures and times of every shot.
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 기록 보기, 수지의 점도 · look at the log; viscosity | 3 |
# | 3 | 99 %가 왜 틀렸는가, 로트로 나누기 · why 99 % is wrong; split by lot | 2 |
# | 4 | 열 개 가운데 하나를 고르는 점수 · a score for one in ten | 2 |
# | 5 | 공정을 아는 사람의 특징 · features of someone who knows the process | 4 |
# | 6–7 | 위험 순위, 검사 여부 · risk, inspection | 6 + 3 |
# | 8 | 품질 회의 · quality meeting (사람이 채점 · graded by a person) | 5 |
#
# KAMP에서 「사출성형기」 데이터를 직접 내려받은 분은 마지막에 `injection.read_kamp_file(경로)`로 같은 분석을 해 볼 수 있습니다(채점하지 않습니다).
#
# > If you have downloaded KAMP's moulding data yourself, `injection.read_kamp_file(path)` gives you the same columns to try afterwards (not graded).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import train_test_split

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import injection

prepare_notebook()
log = injection.moulding_log(learner_seed(), "shop")
log.head()

# %% [markdown]
# ## 1. 한 줄이 한 번의 사출입니다 · One row, one shot
#
# | 열 · Column | 뜻 · Meaning | 단위 · Unit |
# |---|---|---|
# | `time`, `lot` | 사출 시각, 수지 로트(250개마다 바뀜) · time, resin lot (250 shots each) | – |
# | `injection_speed_m_s`, `pressure_limit_mpa` | 작업자가 로트마다 정한 속도와 압력 한계 · speed and pressure limit that the operator set for the lot | m/s, MPa |
# | `max_pressure_mpa`, `filling_time_s` | 최대 사출압, 충전 시간 · highest pressure, filling time | MPa, s |
# | `plasticizing_time_s`, `cushion_mm`, `back_pressure_mpa` | 계량 시간, 쿠션, 배압 · dosing time, cushion, back pressure | s, mm, MPa |
# | `barrel_c`, `hopper_c`, `mould_c` | 실린더, 호퍼, 금형 온도 · barrel, hopper and mould temperature | °C |
# | `scrap_box` | 검사원이 부품을 넣은 상자 번호 · number of the box the inspector put the part into | – |
# | `reason`, `defect` | 불량 원인: 가스, 미성형, 초기 불량 · cause: gas, short shot, start-up; and 0/1 | – |
#
# 원인별로 몇 건인지, 언제 생기는지 봅니다. **불량은 고르게 흩어져 있을까요, 몰려 있을까요?**
#
# > How many of each cause, and when? **Are defects spread evenly, or do they come in clusters?**

# %%
fig, ax = plt.subplots(figsize=(9, 3))
names = {"gas": "가스 · gas", "short": "미성형 · short shot", "start": "초기 · start-up"}
for height, reason in enumerate(names):
    at = np.flatnonzero(log["reason"] == reason)
    ax.plot(at, np.full(len(at), height), "|", ms=14, color="#c8102e")
ax.set(yticks=range(3), yticklabels=list(names.values()), xlabel="사출 순서 · shot", ylim=(-0.6, 2.6))
plt.show()
print(log["reason"].replace("", "양품 · good").value_counts().to_string())

# %% [markdown]
# 가스와 미성형은 **몰려서** 생깁니다. 건조기가 말썽을 부린 동안, 또는 압력 한계가 빠듯한 로트에서입니다. 초기 불량은 설비를 세웠다 켠 직후의 몇 개입니다.
#
# ## 2. 수지는 얼마나 뻑뻑한가 · How thick is the melt?
#
# 사출압의 대부분은 점도를 이기는 데 쓰입니다. 점도는 온도와 전단 속도에 따라 크게 변합니다 (Cross-WLF 모형, ABS).
#
# $$\eta_0(T) = D_1 \exp\!\left[-\frac{A_1 (T - T^*)}{A_2 + (T - T^*)}\right], \qquad \eta(\dot\gamma, T) = \frac{\eta_0}{1 + (\eta_0 \dot\gamma / \tau^*)^{1 - n}}$$
#
# $D_1 = 1.93 \times 10^{13}$ Pa·s, $A_1 = 31.4$, $A_2 = 51.6$ K, $T^* = 373.15$ K, $\tau^* = 99{,}700$ Pa, $n = 0.247$. **$T$는 켈빈**입니다.
#
# **문제 1 (3점).** `viscosity(shear_rate, melt_c)`: 전단 속도(1/s)와 수지 온도(**°C**)에서 점도(Pa·s)를 돌려주십시오. 배열도 받아야 합니다.
#
# > Most of the pressure overcomes viscosity, which depends strongly on temperature and shear (Cross-WLF, ABS; $T$ in **kelvin**).
# > **Exercise 1 (3 points).** `viscosity(shear_rate, melt_c)` returns the viscosity (Pa s) at a shear rate (1/s) and a melt temperature (**degrees Celsius**), for numbers and arrays.


# %% nbgrader={"grade_id": "a06-viscosity", "solution": true}
def viscosity(shear_rate, melt_c):
    """점도(Pa·s) · viscosity in Pa s."""
    ### BEGIN SOLUTION
    above = np.asarray(melt_c, dtype=float) + 273.15 - 373.15
    at_rest = 1.93e13 * np.exp(-31.4 * above / (51.6 + above))
    return at_rest / (1 + (at_rest * np.asarray(shear_rate) / 99_700) ** (1 - 0.247))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a06-viscosity-test", "grade": true, "points": 3}
assert abs(viscosity(2000.0, 239.0) - 120) < 1, (
    "2000 1/s, 239 °C에서 약 120 Pa·s입니다 · about 120 Pa s (kelvin? 1 - n?)"
)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(hidden_seed() % 2**32)
shear, melt = draw.uniform(10, 9000, 12), draw.uniform(215, 265, 12)
points_viscosity = int(abs(viscosity(1e-9, 239.0) / 2190 - 1) < 0.01)
points_viscosity += 2 * int(np.allclose(viscosity(shear, melt), injection.viscosity_pa_s(shear, melt), rtol=1e-3))
points_viscosity
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 급한 동료의 결과입니다. 열을 모두 넣고 줄을 무작위로 나누었습니다. 그다음 `scrap_box`를 뺐습니다. **두 결과 가운데 어느 쪽을 믿겠습니까?**
# (선별률 = 위험하다고 한 10 %를 보았을 때 찾은 불량의 비율)
#
# > A colleague in a hurry used every column and split at random; then left out `scrap_box`. **Which of the two would you believe?** (Recall: the share of all defects found in the riskiest 10 %.)


# %%
def quick_look(train, test, columns):
    """정확도와 위험한 10 %의 선별률 · accuracy, and recall in the riskiest 10 %."""
    model = RandomForestClassifier(30, min_samples_leaf=5, random_state=0).fit(train[columns], train["defect"])
    risk = model.predict_proba(test[columns])[:, 1]
    top = np.argsort(-risk, kind="stable")[: round(0.1 * len(test))]
    accuracy = np.mean((risk > 0.5) == test["defect"])
    return f"정확도 · accuracy {accuracy:.1%}, 선별률 · recall {test['defect'].to_numpy()[top].sum() / test['defect'].sum():.0%}"


sensors = list(injection.SENSORS)
some, rest = train_test_split(log, test_size=0.3, random_state=0)
print("모든 열, 무작위 · all columns, random:   ", quick_look(some, rest, [*sensors, "scrap_box"]))
print("상자 번호 없이 · without the box:        ", quick_look(some, rest, sensors))
print("나중 로트로 시험 · tested on later lots: ", quick_look(log[log["lot"] <= 28], log[log["lot"] > 28], sensors))

# %% [markdown]
# 첫 줄은 **불량품 상자 번호**를 본 것이므로 답을 베낀 것입니다. 둘째 줄도 그럴듯하지만 틀렸습니다. 불량은 몰려서 생기므로, 무작위로 나누면 바로 옆 사출의 답이 학습용에 있습니다.
# 현장에서 모델은 **아직 오지 않은 로트**를 만납니다. 셋째 줄이 진짜 실력입니다. 그리고 정확도는 어느 줄이나 비슷합니다. 아무것도 하지 않아도 99 % 가까우니까요.
#
# **문제 2 (2점).** `later_lots(table, share)`: 로트 번호가 큰(나중에 온) `share`만큼의 로트를 시험용으로 하여 `(train, test)` 두 표를 돌려주십시오. 로트 수 × `share`는 반올림합니다.
#
# > Line one read the **box of rejects**: it copied the answer. Line two looks plausible and is wrong too: defects come in clusters, so a random split has the neighbour's answer in training. In the plant the model meets **lots that have not come yet**: line three is the real skill. Accuracy is much the same in all lines, since doing nothing is already nearly 99 % accurate.
# > **Exercise 2 (2 points).** `later_lots(table, share)` returns `(train, test)`, the test table being the last `share` of the lots (largest numbers; number of lots × `share`, rounded).


# %% nbgrader={"grade_id": "a06-lots", "solution": true}
def later_lots(table, share):
    """(train, test): 나중 로트는 시험용 · later lots are the test."""
    ### BEGIN SOLUTION
    lots = np.sort(table["lot"].unique())
    late = lots[len(lots) - round(len(lots) * share) :]
    in_test = table["lot"].isin(late)
    return table[~in_test], table[in_test]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a06-lots-test", "grade": true, "points": 2}
early, late = later_lots(log, 0.3)
assert len(early) + len(late) == len(log), "줄이 사라지거나 늘면 안 됩니다 · no row may be lost or doubled"
assert early["lot"].max() < late["lot"].min(), "시험용 로트는 모두 나중이어야 합니다 · test lots come later"
### BEGIN HIDDEN TESTS
numbers = np.sort(np.random.default_rng(hidden_seed() % 2**32).permutation(300)[:21])
mixed = pd.DataFrame({"lot": np.tile(numbers, 4), "shot": range(84)})
for wanted_share, wanted_count in ((0.3, 6), (0.5, 10), (0.1, 2)):
    first, second = later_lots(mixed, wanted_share)
    assert set(second["lot"]) == set(numbers[-wanted_count:])
    assert sorted([*first["shot"], *second["shot"]]) == list(range(84))
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 열 개 가운데 하나를 고르는 점수 · A score for one in ten
#
# **문제 3 (2점).** `recall_at(defect, risk, share)`: 위험도 `risk`가 큰 순서로 `share`만큼(줄 수 × `share`, 반올림) 검사했을 때 찾은 불량을 전체 불량으로 나눈 값을 돌려주십시오. 불량이 하나도 없으면 0.0입니다.
#
# > **Exercise 3 (2 points).** `recall_at(defect, risk, share)`: inspect the `share` of rows with the highest `risk` (rows × `share`, rounded) and return the defects found over all defects; 0.0 if there are none.


# %% nbgrader={"grade_id": "a06-recall", "solution": true}
def recall_at(defect, risk, share):
    """찾은 불량 / 전체 불량 · defects found over all defects."""
    ### BEGIN SOLUTION
    defect, risk = np.asarray(defect), np.asarray(risk)
    looked_at = np.argsort(-risk, kind="stable")[: round(len(risk) * share)]
    return float(defect[looked_at].sum() / defect.sum()) if defect.sum() else 0.0
    ### END SOLUTION


# %% nbgrader={"grade_id": "a06-recall-test", "grade": true, "points": 2}
assert recall_at([1, 0, 1, 0], [0.9, 0.8, 0.1, 0.2], 0.5) == 0.5, "둘을 보아 하나를 찾았습니다 · one of two found"
assert recall_at([0, 0, 0, 0], [0.4, 0.3, 0.2, 0.1], 0.5) == 0, "불량이 없으면 0입니다 · 0 without defects"
### BEGIN HIDDEN TESTS
dice = np.random.default_rng(hidden_seed() % 2**32)
for looked_share in (0.1, 0.25, 0.8):
    truth, order = dice.integers(0, 2, 200), dice.permutation(200) / 200
    found = truth[np.argsort(-order)[: round(200 * looked_share)]].sum() / truth.sum()
    assert abs(recall_at(truth, order, looked_share) - found) < 1e-9
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 공정을 아는 사람의 특징 · Features of someone who knows the process
#
# 사출 기사의 말: "압력 숫자만 봐서는 몰라요. **한계까지 얼마나 남았는지**를 봐야 미성형을 알고, 같은 로트인데 **갑자기 묽어지면** 수지가 젖은 겁니다. 그리고 **세웠다 켠 뒤 처음 몇 개**는 금형이 식어 있어요."
#
# 충전에 필요한 이론 압력은 두께 $h = 1.5$ mm, 길이 $L = 0.2$ m에서 ($v$ 사출 속도)
#
# $$P = \frac{12\,\eta\,v L}{h^2}, \qquad \dot\gamma = \frac{6 v}{h}$$
#
# 잰 압력을 이론 압력으로 나누면 수지가 얼마나 뻑뻑한지가 남습니다. 로트마다 다르므로 **그 로트의 처음 30개와 견줍니다.** 그림으로 봅시다. **가스 불량은 어디에서 생깁니까?**
#
# > The setter says: "The pressure alone tells nothing. See **how far it is from the limit** for short shots; if a lot **suddenly runs thin**, the resin is wet; and **the first few after a stop** fall into a cold mould."
# > Measured over theoretical pressure says how thick the melt is; since lots differ, **compare with the first 30 shots of the lot**. **Where do gas defects appear?**

# %%
eta = injection.viscosity_pa_s(6 * log["injection_speed_m_s"] / 0.0015, log["barrel_c"])
stiffness = log["max_pressure_mpa"] * 1e6 / (12 * eta * log["injection_speed_m_s"] * 0.2 / 0.0015**2)
against_lot = stiffness / stiffness.groupby(log["lot"]).transform(lambda rows: rows.iloc[:30].median())
lot = int(log.loc[log["reason"] == "gas", "lot"].mode()[0])
rows = log["lot"].between(lot - 2, lot + 2)
fig, axes = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
for ax, values, label in (
    (axes[0], log["max_pressure_mpa"], "잰 압력 · pressure (MPa)"),
    (axes[1], against_lot, "로트 처음과의 비 · over start of lot"),
):
    ax.plot(log.index[rows], values[rows], ".", ms=2, color="#1f5fa8")
    gas = rows & (log["reason"] == "gas")
    ax.plot(log.index[gas], values[gas], "o", ms=4, color="#c8102e")
    ax.set_ylabel(label)
axes[1].set_xlabel("사출 순서 · shot (붉은 점: 가스 불량 · red: gas)")
plt.show()

# %% [markdown]
# 위 그림에서는 로트마다 층이 져서 아무것도 보이지 않습니다. 아래에서는 붉은 점이 **푹 꺼진 곳**에 모입니다. 젖은 수지는 묽습니다.
#
# **문제 4 (4점).** `add_process_features(shots)`: 시간 순서로 이어진 표를 받아, 그 표는 그대로 두고 다음 세 열을 더한 새 표를 돌려주십시오.
#
# - `pressure_margin_mpa`: 압력 한계 − 최대 사출압 (1점)
# - `viscosity_ratio`: 최대 사출압 / 이론 압력(위 식, 온도는 `barrel_c`)을 같은 로트 **처음 30개의 중앙값**으로 나눈 값 (2점)
# - `shots_since_stop`: 앞 사출과의 간격이 **300초를 넘으면** 0부터 다시 세는 정수. 표의 첫 줄도 0입니다. (1점)
#
# > Above, the steps between lots hide everything; below, the red points sit **where the curve sags**: wet resin runs thin.
# > **Exercise 4 (4 points).** `add_process_features(shots)` takes consecutive shots and returns a new table with `pressure_margin_mpa` (limit − highest pressure), `viscosity_ratio` (highest over theoretical pressure with `barrel_c`, over the **median of the first 30 shots of the lot**) and `shots_since_stop` (counts from 0, again from 0 after a gap of **more than 300 s**; the first row is 0).


# %% nbgrader={"grade_id": "a06-features", "solution": true}
def add_process_features(shots):
    """세 열을 더한 새 표 · a new table with three more columns."""
    ### BEGIN SOLUTION
    speed = shots["injection_speed_m_s"]
    theory = 12 * viscosity(6 * speed / 0.0015, shots["barrel_c"]) * speed * 0.2 / 0.0015**2 / 1e6
    stiffness = shots["max_pressure_mpa"] / theory
    stopped = shots["time"].diff().dt.total_seconds().gt(300).cumsum()
    return shots.assign(
        pressure_margin_mpa=shots["pressure_limit_mpa"] - shots["max_pressure_mpa"],
        viscosity_ratio=stiffness / stiffness.groupby(shots["lot"]).transform(lambda rows: rows.iloc[:30].median()),
        shots_since_stop=stopped.groupby(stopped).cumcount(),
    )
    ### END SOLUTION


# %% nbgrader={"grade_id": "a06-features-test", "grade": true, "points": 4}
### BEGIN HIDDEN TESTS
def process_table(shots):
    theory = injection.filling_pressure_mpa(shots["injection_speed_m_s"], shots["barrel_c"])
    thick = shots["max_pressure_mpa"] / theory
    block = shots["time"].diff().dt.total_seconds().gt(300).cumsum()
    return shots.assign(
        pressure_margin_mpa=shots["pressure_limit_mpa"] - shots["max_pressure_mpa"],
        viscosity_ratio=thick / thick.groupby(shots["lot"]).transform(lambda rows: rows.iloc[:30].median()),
        shots_since_stop=block.groupby(block).cumcount(),
    )


### END HIDDEN TESTS
richer = add_process_features(log)
assert {"pressure_margin_mpa", "viscosity_ratio", "shots_since_stop"} <= set(richer.columns), (
    "세 열이 있어야 합니다 · three columns are needed"
)
assert "viscosity_ratio" not in log.columns, "받은 표를 바꾸지 마십시오 · leave the given table as it is"
assert abs(richer["viscosity_ratio"].median() - 1) < 0.1, "비의 중앙값은 1 근처입니다 · the ratio is near 1"
### BEGIN HIDDEN TESTS
unseen = injection.machine_only(injection.moulding_log(hidden_seed(), "features", 6))
mine, truth_table = add_process_features(unseen), process_table(unseen)
points_features = 0
for column, worth in (("pressure_margin_mpa", 1), ("viscosity_ratio", 2), ("shots_since_stop", 1)):
    if column in mine.columns and np.allclose(
        mine[column].to_numpy().astype(float), truth_table[column].to_numpy().astype(float), rtol=1e-3, atol=1e-6
    ):
        points_features += worth
points_features
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 위험 순위 · Rank by risk
#
# **문제 5 (6점).** `defect_risk(shots)`: 사출기가 아는 열만 있는, 시간 순서로 이어진 표를 받아 줄마다 위험도(클수록 위험)를 담은 1차원 배열을 돌려주십시오. 모델은 함수 밖에서 한 번만 학습시키십시오.
#
# - 열을 많이 넣는다고 좋아지지 않습니다. 로트를 외우게 하는 열은 오히려 해가 됩니다.
# - 점도의 비는 한 번씩 튑니다. **지난 몇 개의 평균**을 더해 보십시오.
# - `later_lots`로 나누어 스스로 확인하십시오.
#
# 채점: 아직 오지 않은 로트 60개에서 10 %를 검사했을 때의 선별률. 잰 그대로의 값으로 학습한 랜덤 포레스트와 같으면 0점, 참고 풀이와의 거리를 70 % 이상 좁히면 6점입니다.
#
# > **Exercise 5 (6 points).** `defect_risk(shots)` takes consecutive shots with the machine's columns and returns the risk of each (larger is riskier). Train once, outside the function.
# > More columns are not better: those that let the model learn lots by heart do harm. The ratio jumps about, so add **means of the last few shots**. Check yourself with `later_lots`.
# > Graded by recall when 10 % of sixty lots that have not come yet are inspected: 0 points at a forest on raw values, 6 when 70 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a06-risk", "solution": true}
### BEGIN SOLUTION
def risk_inputs(shots):
    table = add_process_features(shots)
    recent = table.groupby("lot")["viscosity_ratio"].transform(lambda rows: rows.rolling(10, min_periods=1).mean())
    chosen = ["pressure_margin_mpa", "viscosity_ratio", "shots_since_stop", "barrel_c", "hopper_c"]
    return table[[*chosen, "injection_speed_m_s"]].assign(recent=recent)


risk_model = HistGradientBoostingClassifier(
    max_iter=80, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=30, early_stopping=False, random_state=0
)
risk_model.fit(risk_inputs(log), log["defect"])


def defect_risk(shots):
    return risk_model.predict_proba(risk_inputs(shots))[:, 1]


### END SOLUTION


# %% nbgrader={"grade_id": "a06-risk-test", "grade": true, "points": 6}
### BEGIN HIDDEN TESTS
def reference_inputs(shots):
    table = process_table(shots)
    recent = table.groupby("lot")["viscosity_ratio"].transform(lambda rows: rows.rolling(10, min_periods=1).mean())
    chosen = ["pressure_margin_mpa", "viscosity_ratio", "shots_since_stop", "barrel_c", "hopper_c"]
    return table[[*chosen, "injection_speed_m_s"]].assign(recent=recent)


def top_tenth(truth, risk):
    return float(truth[np.argsort(-risk, kind="stable")[: round(0.1 * len(truth))]].sum() / truth.sum())


shop = injection.moulding_log(learner_seed(), "shop")
future = injection.moulding_log(hidden_seed(), "future", 60)
bad = future["defect"].to_numpy()
reference = HistGradientBoostingClassifier(
    max_iter=80, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=30, early_stopping=False, random_state=0
)
reference_risk = reference.fit(reference_inputs(shop), shop["defect"]).predict_proba(reference_inputs(future))[:, 1]
raw = list(injection.SENSORS)
naive = RandomForestClassifier(40, min_samples_leaf=10, random_state=0).fit(shop[raw], shop["defect"])
naive_risk = naive.predict_proba(future[raw])[:, 1]

### END HIDDEN TESTS
own_risk = np.asarray(defect_risk(injection.machine_only(log)), dtype=float)
assert own_risk.shape == (len(log),), "줄마다 값 하나 · one value for each row"
assert np.isfinite(own_risk).all(), "비어 있는 위험도가 있습니다 · a risk is missing"
### BEGIN HIDDEN TESTS
given = np.asarray(defect_risk(injection.machine_only(future)), dtype=float)
assert given.shape == (len(future),) and np.isfinite(given).all()
recall = top_tenth(bad, given)
recall_naive, recall_reference = top_tenth(bad, naive_risk), top_tenth(bad, reference_risk)
recall_mark = recall_naive + 0.7 * (recall_reference - recall_naive)
measured = {
    "recall": recall,
    "recall_naive": recall_naive,
    "recall_reference": recall_reference,
    "recall_mark": recall_mark,
    "defect_percent": 100 * bad.mean(),
}
6 * float(np.clip((recall - recall_naive) / (recall_mark - recall_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# 아직 오지 않은 로트에서 몇 %를 보면 몇 %를 찾는지 그려 봅니다. **반을 찾으려면 몇 %를 보아야 할까요?**
#
# > How much must be inspected to find how much, on lots that have not come yet? **What share must one see to find half?**

# %%
coming = injection.moulding_log(learner_seed(), "next month", 20)
shares = np.linspace(0.01, 1, 60)
coming_risk = defect_risk(injection.machine_only(coming))
plain = RandomForestClassifier(30, min_samples_leaf=10, random_state=1).fit(log[sensors], log["defect"])
plain_risk = plain.predict_proba(coming[sensors])[:, 1]
fig, ax = plt.subplots()
for risk, label, colour in (
    (coming_risk, "내 위험도 · mine", "#1f5fa8"),
    (plain_risk, "잰 그대로 · raw values", "#e08a00"),
):
    ax.plot(shares, [recall_at(coming["defect"], risk, share) for share in shares], color=colour, label=label)
ax.plot([0, 1], [0, 1], "--", color="#888888", label="아무렇게나 · at random")
ax.set(xlabel="검사한 비율 · share inspected", ylabel="찾은 불량 · defects found")
ax.legend()
plt.show()

# %% [markdown]
# ## 7. 검사할 것인가 · To inspect or not
#
# - 부품 하나를 검사: **1,500원**
# - 고객에게 간 불량 하나: **120,000원**
#
# 모두 검사하면 한 달 15,000개에 2,250만 원, 하나도 검사하지 않으면 불량 값이 2,000만 원쯤입니다. 둘 다 비쌉니다. 부품 하나를 검사하지 않을 때의 기댓값은 $p \times 120{,}000$원입니다. **$p$가 얼마일 때 검사 값과 같아집니까?**
#
# **문제 6 (3점).** `inspect(shots)`: 같은 표를 받아 줄마다 0 또는 1(검사)을 담은 배열을 돌려주십시오.
# 채점: 새 로트에서 든 비용. 모두 검사하거나 하나도 검사하지 않는 것 가운데 싼 쪽과 같으면 0점, 참고 풀이와의 거리를 70 % 이상 좁히면 3점입니다.
#
# > Looking at one part costs **1,500** won, a defect at the customer's **120,000**. Inspecting all 15,000 parts of a month costs 22.5 million won, inspecting none about 20 million: both are dear. Silence costs $p \times 120{,}000$ won on average: **at which $p$ is a look worth it?**
# > **Exercise 6 (3 points).** `inspect(shots)` returns 0 or 1 (inspect) for each row. Graded by the cost on new lots: 0 points at the cheaper of inspecting all and none, 3 when 70 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a06-inspect", "solution": true}
### BEGIN SOLUTION
def inspect(shots):
    return (defect_risk(shots) > 1_500 / 120_000).astype(int)


### END SOLUTION

# %% nbgrader={"grade_id": "a06-inspect-test", "grade": true, "points": 3}
looked = np.asarray(inspect(injection.machine_only(coming)))
assert looked.shape == (len(coming),), "줄마다 값 하나 · one value for each row"
assert set(np.unique(looked)) <= {0, 1}, "0 또는 1만 · only 0 or 1"
spent = 1_500 * looked.sum() + 120_000 * coming["defect"].to_numpy()[looked == 0].sum()
print(
    f"다음 달 · next month: {looked.mean():.0%} 검사 · inspected, {won(spent)} (모두 · all: {won(1_500 * len(coming))})"
)


### BEGIN HIDDEN TESTS
def bill(looks):
    return float(1_500 * np.sum(looks) + 120_000 * bad[np.asarray(looks) == 0].sum())


chosen_looks = np.asarray(inspect(injection.machine_only(future))).astype(int)
assert chosen_looks.shape == (len(future),) and set(np.unique(chosen_looks)) <= {0, 1}
cost_plain = min(bill(np.ones(len(future))), bill(np.zeros(len(future))))
cost, cost_reference = bill(chosen_looks), bill((reference_risk > 0.0125).astype(int))
cost_mark = cost_plain - 0.7 * (cost_plain - cost_reference)
measured = {"cost": cost, "cost_plain": cost_plain, "cost_reference": cost_reference, "cost_mark": cost_mark}
3 * float(np.clip((cost_plain - cost) / (cost_plain - cost_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 품질 회의 · Quality meeting
#
# 회의 전에 놓친 불량을 원인별로 봅니다. **어느 원인을 가장 많이 놓쳤습니까?**
#
# > Before the meeting, the defects missed, by cause. **Which is missed most?**

# %%
outcome = coming.assign(looked=looked).query("defect == 1")
pd.DataFrame(
    {
        label: [
            int((outcome["reason"] == reason).sum()),
            int(((outcome["reason"] == reason) & (outcome["looked"] == 0)).sum()),
        ]
        for reason, label in names.items()
    },
    index=["불량 · defects", "놓침 · missed"],
).T

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 품질 회의에 낼 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 몇 %를 검사해 불량 몇 건 가운데 몇 건을 찾았고, 한 달에 얼마를 아끼는지 자신의 숫자로 (2점)
# 2. 같은 데이터로 "정확도 99 %, 선별률 90 %"라 한 동료의 결과가 왜 현장에서 통하지 않는지 (2점)
# 3. 불량을 **골라내는** 대신 **줄이는** 조치 한 가지를, 원인과 함께 (1점)
#
# > **Exercise 7 (5 points, graded by a person).** For the quality meeting (5–8 sentences): what share is inspected, how many of how many defects are found, what is saved in a month, in your figures (2); why the colleague's "accuracy 99 %, recall 90 %" would not hold in the plant (2); one measure that **prevents** defects instead of sorting them out, with its cause (1).

# %% [markdown] nbgrader={"grade_id": "a06-meeting", "grade": true, "solution": true, "points": 5}
# 다음 달 5,000개의 약 10 %를 검사해 불량의 80 % 남짓을 찾습니다. 모두 검사하면 750만 원, 위험한 것만 검사하면 200만 원 안팎이므로 한 달에 500만 원 넘게 아낍니다.
# 동료의 결과는 불량품 상자 번호를 보고 맞힌 것이고, 상자 번호를 빼도 남은 선별률은 바로 옆 사출의 답이 학습용에 있었기 때문입니다. 나중 로트로 시험하면 절반 남짓으로 떨어집니다.
# 가스 불량은 건조기가 멈춘 동안 몰려서 생기므로, 점도의 비가 0.95 아래로 내려가면 경보를 울려 건조기를 먼저 살피게 합니다.
