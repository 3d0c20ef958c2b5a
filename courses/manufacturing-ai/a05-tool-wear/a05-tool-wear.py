# %% [markdown]
# # A05. CNC 공구 마모 예측 · Tool-wear regression
#
# 사천의 한 항공 부품 업체는 SCM440 축과 플랜지를 선삭합니다. 공구를 너무 일찍 바꾸면 멀쩡한 날을 버리고, 늦게 바꾸면 치수가 벗어난 부품을 버립니다.
# 현미경으로 날을 재려면 설비를 세워야 합니다. **설비를 세우지 않고, 힘과 진동만으로 지금 날이 얼마나 닳았는지 알 수 있을까요?**
#
# > An aircraft-parts maker in Sacheon turns SCM440 shafts and flanges. Change an insert too early and a good edge is thrown away; too late, and the part is.
# > Measuring the edge under the microscope means stopping the machine. **Can force and vibration tell how worn the edge is, while it cuts?**
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 마모 곡선 보기, 테일러 식 · look at wear; Taylor's equation | 2 |
# | 3 | 99 %가 왜 틀렸는가, 공구 단위로 나누기 · why 99 % is wrong; split by tool | 2 |
# | 4 | 부품 한 개의 값 · the cost of one part | 3 |
# | 5 | 새 날과 견주기 · compare with the fresh edge | 4 |
# | 6 | 마모 추정 · estimate wear | 6 |
# | 7 | 언제 바꿀 것인가 · when to change | 3 |
# | 8 | 반장에게 설명하기 · explain it to the foreman (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import tool_wear

prepare_notebook()
log = tool_wear.turning_log(learner_seed(), "shop")
log.head()

# %% [markdown]
# ## 1. 한 줄이 부품 하나입니다 · One row, one part
#
# | 열 · Column | 뜻 · Meaning | 단위 · Unit |
# |---|---|---|
# | `tool`, `part` | 공구 번호, 그 공구로 깎은 몇 번째 부품 · insert, and which of its parts | – |
# | `product`, `speed_m_min`, `feed_mm`, `depth_mm` | 제품과 절삭 조건: 속도, 이송, 절입 · product and cutting data: speed, feed, depth | m/min, mm |
# | `minutes` | 그 공구의 누적 절삭 시간 · minutes the insert has cut so far | min |
# | `force_n`, `thrust_n`, `vibration_g`, `emission_v` | 주분력, 배분력, 진동, 음향방출(AE) · cutting force, thrust, vibration, acoustic emission | N, N, g, V |
# | `wear_um` | 여유면 마모(현미경) · flank wear under the microscope | µm |
# | `parts_left` | 이 공구가 앞으로 더 깎은 부품 수 (**교체한 뒤** 공구 대장에 적음) · parts it made after this one (written in the tool book **after the change**) | – |
#
# 마모 300 µm이 한계입니다. 공구 30개의 마모 곡선을 그립니다. **같은 시간을 깎은 공구는 같은 만큼 닳았을까요?**
#
# > The limit is 300 µm. **Do inserts that have cut for the same time show the same wear?** Guess, then run.

# %%
fig, ax = plt.subplots()
for _, rows in log.groupby("tool"):
    ax.plot(rows["minutes"], rows["wear_um"], lw=0.8, color="#1f5fa8", alpha=0.6)
ax.axhline(tool_wear.WEAR_LIMIT_UM, color="#c8102e", linestyle="--", label="한계 · limit")
ax.set(xlabel="누적 절삭 시간 · minutes of cutting", ylabel="마모 · wear (µm)")
ax.legend()
plt.show()

# %% [markdown]
# 어떤 공구는 20분 남짓에, 어떤 공구는 50분이 넘어서야 한계에 닿습니다. 그래서 "30분마다 교체" 같은 규칙은 늘 너무 이르거나 너무 늦습니다. 절반은 절삭 조건 탓이고, 절반은 날마다 다른 탓입니다.
#
# > One reaches the limit after little more than 20 minutes, another after more than 50: a rule such as "change every 30 minutes" is always too early or too late. Half of that comes from the cutting data, half from the inserts themselves.
#
# ## 2. 테일러 식 · Taylor's equation
#
# 공구 수명 $T$(분)는 속도 $v$에 가장 민감합니다. 이송 $f$와 절입 $a_p$를 넣은 확장식은
#
# $$T = \left[\frac{C}{v}\left(\frac{f_0}{f}\right)^{0.5}\left(\frac{a_0}{a_p}\right)^{0.15}\right]^{1/n}, \qquad n = 0.25,\; C = 500,\; f_0 = 0.25,\; a_0 = 2.5$$
#
# **문제 1 (2점).** `tool_life_min(speed, feed, depth)`: 배열도 받을 수 있게 수명(분)을 돌려주십시오. 풀기 전에 맞혀 보십시오. 속도를 20 % 올리면 수명은 몇 % 줄어들까요?
#
# > **Exercise 1 (2 points).** `tool_life_min(speed, feed, depth)` returns the life in minutes, for numbers and arrays. Guess first: 20 % more speed costs how much life?


# %% nbgrader={"grade_id": "a05-taylor", "solution": true}
def tool_life_min(speed, feed, depth):
    """공구 수명(분) · tool life in minutes."""
    ### BEGIN SOLUTION
    speed, feed, depth = (np.asarray(value, dtype=float) for value in (speed, feed, depth))
    return (500 / speed * (0.25 / feed) ** 0.5 * (2.5 / depth) ** 0.15) ** (1 / 0.25)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a05-taylor-test", "grade": true, "points": 2}
assert abs(tool_life_min(250, 0.25, 2.5) - 16) < 1e-6, "250 m/min이면 16분입니다 · 16 minutes at 250 m/min (1/n = 4!)"
print(f"속도 +20 % → 수명 · life: {tool_life_min(240, 0.25, 2.5) / tool_life_min(200, 0.25, 2.5) - 1:.0%}")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(hidden_seed() % 2**32)
v, f, d = draw.uniform(120, 300, 8), draw.uniform(0.1, 0.4, 8), draw.uniform(1, 4, 8)
right_life = ((500 / v) * np.sqrt(0.25 / f) * (2.5 / d) ** 0.15) ** 4
points_taylor = int(np.allclose(tool_life_min(v, 0.25, 2.5), (500 / v) ** 4, rtol=1e-4))
points_taylor += int(np.allclose(tool_life_min(v, f, d), right_life, rtol=1e-4))
points_taylor
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 급한 동료가 숫자로 된 열을 모두 넣고, 줄을 무작위로 나누어 랜덤 포레스트를 학습시켰습니다. **결정계수가 얼마나 나올까요?**
#
# > A colleague in a hurry used every numeric column, split the rows at random and trained a forest. **What R² do you expect?**

# %%
numbers = ["part", "minutes", "speed_m_min", "feed_mm", "depth_mm", *tool_wear.SIGNALS, "parts_left"]
left, right = train_test_split(log, test_size=0.3, random_state=0)
hurried = RandomForestRegressor(12, min_samples_leaf=2, random_state=0).fit(left[numbers], left["wear_um"])
print(f"R² = {r2_score(right['wear_um'], hurried.predict(right[numbers])):.3f}")

# %% [markdown]
# 두 가지가 잘못되었습니다.
#
# 1. `parts_left`는 공구를 **버린 뒤에야** 압니다. 지금 돌고 있는 공구에는 없습니다.
# 2. 무작위로 나누면 시험용 줄의 바로 앞뒤 부품이 학습용에 있습니다. 모델은 마모를 재는 것이 아니라 **앞뒤 값 사이를 메웁니다.**
#
# **문제 2 (2점).** `fold_of_tool(tools, folds, seed)`: 공구 번호의 배열을 받아 줄마다 0부터 `folds - 1`까지의 조 번호를 담은 정수 배열을 돌려주십시오.
# 한 공구의 줄은 모두 같은 조에 있어야 하고, 조마다 공구 수는 많아야 하나 차이 나야 하며, 같은 `seed`에는 같은 결과, 다른 `seed`에는 다른 결과가 나와야 합니다.
#
# > Two things are wrong: `parts_left` is known only **after** the insert has been thrown away; and in a random split the parts just before and after are in the training rows, so the model **fills gaps** instead of measuring wear.
# > **Exercise 2 (2 points).** `fold_of_tool(tools, folds, seed)` takes the tool number of each row and returns integers from 0 to `folds - 1`: all rows of a tool in one fold, numbers of tools in the folds differing by at most one; same seed, same result.


# %% nbgrader={"grade_id": "a05-folds", "solution": true}
def fold_of_tool(tools, folds, seed):
    """줄마다 조 번호 · the fold of each row."""
    ### BEGIN SOLUTION
    names = np.random.default_rng(seed).permutation(np.unique(tools))
    fold = {name: number % folds for number, name in enumerate(names)}
    return np.array([fold[name] for name in np.asarray(tools)])
    ### END SOLUTION


# %% nbgrader={"grade_id": "a05-folds-test", "grade": true, "points": 2}
fold = np.asarray(fold_of_tool(log["tool"].to_numpy(), 5, seed=1))
assert fold.shape == (len(log),), "줄마다 값 하나 · one value for each row"
assert (pd.Series(fold).groupby(log["tool"]).nunique() == 1).all(), (
    "한 공구가 두 조에 있습니다 · a tool is in two folds"
)
### BEGIN HIDDEN TESTS
names_of_rows = np.repeat(np.random.default_rng(hidden_seed() % 2**32).permutation(500)[:23], 7)
seen = [np.asarray(fold_of_tool(names_of_rows, 4, seed=number)).astype(int) for number in (1, 1, 2, 3)]
for one in seen:
    owners = pd.DataFrame({"tool": names_of_rows, "fold": one}).drop_duplicates()
    assert len(owners) == 23 and set(one) == {0, 1, 2, 3}
    assert owners["fold"].value_counts().max() - owners["fold"].value_counts().min() <= 1
assert (seen[0] == seen[1]).all()
assert (seen[0] != seen[2]).any() and (seen[2] != seen[3]).any()
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 부품 한 개의 값 · The cost of one part
#
# - 공구 교체: 날과 정지 3분 → **40,000원**
# - 마모가 **300 µm을 넘은** 날로 깎은 부품: 치수 불량 → **200,000원**
#
# **문제 3 (3점).** `cost_per_part(wear_um, parts_made)`: 한 공구의 부품별 마모와, 그 공구로 깎고 나서 바꾼 부품 수를 받아 **부품 한 개당** 비용(원)을 돌려주십시오.
# 예: 40개를 깎고 바꾸었는데 그 가운데 하나가 한계를 넘었다면 (40,000 + 200,000) / 40 = 6,000원입니다.
#
# > Changing the insert costs **40,000** won (edge, three minutes of standstill); a part turned with an edge **beyond 300 µm** is scrap, **200,000** won.
# > **Exercise 3 (3 points).** `cost_per_part(wear_um, parts_made)` takes the wear at each part of one tool and after how many parts it was changed, and returns the cost **of one part**. Forty parts of which one is beyond the limit: (40,000 + 200,000) / 40 = 6,000 won.


# %% nbgrader={"grade_id": "a05-cost", "solution": true}
def cost_per_part(wear_um, parts_made):
    """부품 한 개당 비용(원) · won for each part made."""
    ### BEGIN SOLUTION
    scrap = np.sum(np.asarray(wear_um)[:parts_made] > 300)
    return float((40_000 + 200_000 * scrap) / parts_made)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a05-cost-test", "grade": true, "points": 3}
assert cost_per_part([100, 200, 290, 310], 4) == 60_000, "네 개째가 불량입니다 · the fourth is scrap"
assert cost_per_part([100, 200, 290, 310], 2) == 20_000, (
    "바꾼 뒤의 부품은 세지 않습니다 · parts after the change don't count"
)
### BEGIN HIDDEN TESTS
one_tool = tool_wear.turning_log(hidden_seed(), "price", 1)["wear_um"].to_numpy()
points_cost = 0
for made in (10, len(one_tool) - 5, len(one_tool)):
    wanted_cost = (40_000 + 200_000 * int((one_tool[:made] > 300).sum())) / made
    points_cost += int(abs(cost_per_part(one_tool, made) - wanted_cost) < 0.01)
points_cost
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 새 날과 견줍니다 · Compare with the fresh edge
#
# 힘을 마모에 대하여 그립니다. 왼쪽은 잰 그대로입니다. **오른쪽에서는 무엇을 나누었을까요?**
#
# > Force against wear; on the left as measured. **What was divided out on the right?**

# %%
force_per_fresh = log["force_n"] / tool_wear.cutting_force_n(log["feed_mm"], log["depth_mm"])
fig, axes = plt.subplots(1, 2, figsize=(10, 4))
for product, colour in zip(tool_wear.PRODUCTS, ("#1f5fa8", "#e08a00", "#6a3d9a"), strict=True):
    rows = log["product"] == product
    axes[0].scatter(log["wear_um"][rows], log["force_n"][rows], s=3, color=colour, label=product)
    axes[1].scatter(log["wear_um"][rows], force_per_fresh[rows], s=3, color=colour)
axes[0].set(xlabel="마모 · wear (µm)", ylabel="주분력 · force (N)")
axes[1].set(xlabel="마모 · wear (µm)", ylabel="주분력 / 이론값 · force over theory")
axes[0].legend(markerscale=3)
plt.show()

# %% [markdown]
# 왼쪽의 띠 셋은 제품입니다. 킨즐레(Kienzle) 식 $F = k_{c1.1}\, a_p\, f^{1-m_c}$ ($m_c = 0.26$)로 나누면 제품 차이가 사라집니다. 그래도 남은 띠는 **공구마다 다른 감도**입니다. 인서트가 앉은 자리와 센서를 붙인 자리가 매번 조금씩 다르기 때문입니다.
# 그래서 두 번 나눕니다. 먼저 절삭 조건으로, 그다음 **그 공구 자신의 새 날**로.
#
# | 신호 · Signal | 절삭 조건에 따른 크기 · grows with |
# |---|---|
# | `force_n`, `thrust_n` | $a_p\, f^{0.74}$ |
# | `vibration_g` | $v$ |
# | `emission_v` | $\sqrt{v f a_p}$ |
#
# **문제 4 (4점).** `relative_signals(parts)`: 네 신호를 각각 위의 크기로 나눈 다음, 같은 공구의 **첫 다섯 부품의 중앙값**으로 나눈 표를 돌려주십시오. 열 이름은 신호 이름 그대로, 줄의 순서와 인덱스는 받은 그대로입니다.
# 공구를 바꾼 지 얼마 되지 않아 다섯 줄이 안 되면 있는 만큼만 씁니다.
#
# > The three bands on the left are products; Kienzle's formula removes them. What is left is **the gain of each insert**: seat and sensor sit a little differently each time. So divide twice: by the cutting data, then by **the tool's own fresh edge**.
# > **Exercise 4 (4 points).** `relative_signals(parts)` divides each signal by the term in the table and then by the **median of the first five parts of the same tool** (fewer if there are fewer). Same column names, same order and index as given.


# %% nbgrader={"grade_id": "a05-relative", "solution": true}
def relative_signals(parts):
    """새 날에 대한 비 · ratios to the fresh edge."""
    ### BEGIN SOLUTION
    v, f, d = parts["speed_m_min"], parts["feed_mm"], parts["depth_mm"]
    force = d * f**0.74
    scaled = pd.DataFrame(
        {
            "force_n": parts["force_n"] / force,
            "thrust_n": parts["thrust_n"] / force,
            "vibration_g": parts["vibration_g"] / v,
            "emission_v": parts["emission_v"] / np.sqrt(v * f * d),
        }
    )
    return scaled / scaled.groupby(parts["tool"]).transform(lambda rows: rows.iloc[:5].median())
    ### END SOLUTION


# %% nbgrader={"grade_id": "a05-relative-test", "grade": true, "points": 4}
### BEGIN HIDDEN TESTS
def ratios_of(table):
    v, f, d = table["speed_m_min"], table["feed_mm"], table["depth_mm"]
    terms = {
        "force_n": d * f**0.74,
        "thrust_n": d * f**0.74,
        "vibration_g": v,
        "emission_v": np.sqrt(v * f * d),
    }
    flat = pd.DataFrame({name: table[name] / term for name, term in terms.items()})
    return flat / flat.groupby(table["tool"]).transform(lambda rows: rows.iloc[:5].median())


### END HIDDEN TESTS
relative = relative_signals(log)
assert list(relative.columns) == list(tool_wear.SIGNALS), "열 이름과 순서를 확인하십시오 · check names and order"
assert (relative.index == log.index).all(), "줄의 순서는 그대로 · keep the order of rows"
first_five = relative[log["part"] <= 5].groupby(log["tool"]).median()
assert np.allclose(first_five, 1), "첫 다섯 부품의 중앙값은 1이어야 합니다 · the first five have median 1"

### BEGIN HIDDEN TESTS
others = tool_wear.machine_only(tool_wear.turning_log(hidden_seed(), "ratio", 4))
others = others[(others["tool"] != 2) | (others["part"] <= 3)]
made, wanted = relative_signals(others), ratios_of(others)
points_relative = 0
for name in tool_wear.SIGNALS:
    points_relative += int(np.allclose(made[name].to_numpy(), wanted[name].to_numpy(), rtol=1e-6))
points_relative
### END HIDDEN TESTS

# %% [markdown]
# 이제 같은 그림을 다시 그립니다. **띠가 하나로 모였습니까?**
#
# > The same figure again. **Have the bands become one?**

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharex=True)
axes[0].scatter(log["wear_um"], relative["force_n"], s=3, color="#1f5fa8")
axes[1].scatter(log["wear_um"], relative["thrust_n"], s=3, color="#1f5fa8")
axes[0].set(xlabel="마모 · wear (µm)", ylabel="주분력 / 새 날 · force over fresh")
axes[1].set(xlabel="마모 · wear (µm)", ylabel="배분력 / 새 날 · thrust over fresh")
plt.show()

# %% [markdown]
# ## 6. 마모 추정 · Estimate the wear
#
# 먼저 기준선입니다. 잰 그대로의 신호와 절삭 시간으로 학습한 모델을 **공구 단위로** 시험합니다. **오차는 몇 µm일까요?**
#
# > The baseline first: raw signals and minutes, tested **by tool**. **How many µm is it off?**


# %%
def error_by_tool(inputs, make_model):
    """공구 단위 5조 검증의 RMSE와 예측 · RMSE and predictions, five folds by tool."""
    guess = np.zeros(len(log))
    for number in range(5):
        seen, unseen = fold != number, fold == number
        guess[unseen] = make_model().fit(inputs[seen], log["wear_um"][seen]).predict(inputs[unseen])
    return float(np.sqrt(np.mean((guess - log["wear_um"]) ** 2))), guess


raw_columns = ["minutes", *tool_wear.SIGNALS, "speed_m_min", "feed_mm", "depth_mm"]
raw_error, _ = error_by_tool(log[raw_columns], lambda: RandomForestRegressor(10, min_samples_leaf=3, random_state=0))
print(f"기준선 · baseline: RMSE {raw_error:.0f} µm   (평균만 답하면 · the mean alone: {log['wear_um'].std():.0f} µm)")

# %% [markdown]
# **문제 5 (6점).** `wear_now(parts)`: 설비에서 아는 열만 있는 표를 받아 줄마다 마모(µm)를 담은 1차원 배열을 돌려주십시오. 모델은 함수 밖에서 한 번만 학습시키십시오.
#
# - 어떤 줄을 추정할 때는 **그 줄과 같은 공구의 앞선 줄**만 쓸 수 있습니다. 앞으로 깎을 부품은 아직 없으니까요. (채점할 때 뒤를 잘라 내고 다시 불러 봅니다.)
# - `relative_signals`가 출발점입니다. 잡음을 줄이려면 지난 몇 부품의 평균을, 감을 더하려면 테일러 수명 대비 깎은 몫을 넣어 보십시오.
#
# 채점: 새 공구 60개를 아무 때나 멈추어 세우고 그때의 마모를 묻습니다. 기준선의 RMSE와 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 6점입니다.
#
# > **Exercise 5 (6 points).** `wear_now(parts)` takes a table with the machine's columns and returns the wear (µm) of each row. Train once, outside the function. For a row you may use **that row and earlier rows of the same tool**: later parts don't exist yet (grading cuts them off and asks again).
# > Start from `relative_signals`; means of the last parts reduce noise, the share of Taylor's life adds knowledge.
# > Graded by RMSE on sixty new tools stopped at any moment: 0 points at the baseline, 6 when 85 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a05-wear", "solution": true}
### BEGIN SOLUTION
def wear_features(parts):
    ratios = relative_signals(parts)
    tool = parts["tool"]
    smooth = ratios.groupby(tool).transform(lambda rows: rows.rolling(5, min_periods=1).mean())
    life = tool_life_min(parts["speed_m_min"], parts["feed_mm"], parts["depth_mm"])
    step = parts["minutes"].groupby(tool).diff().fillna(parts["minutes"])
    return np.column_stack([ratios, smooth, (step / life).groupby(tool).cumsum()])


wear_model = RandomForestRegressor(40, min_samples_leaf=3, random_state=0)
wear_model.fit(wear_features(log), log["wear_um"])


def wear_now(parts):
    return wear_model.predict(wear_features(parts))


### END SOLUTION


# %% nbgrader={"grade_id": "a05-wear-test", "grade": true, "points": 6}
### BEGIN HIDDEN TESTS
def reference_features(table):
    ratios, tool = ratios_of(table), table["tool"]
    smooth = ratios.groupby(tool).transform(lambda rows: rows.rolling(5, min_periods=1).mean())
    life = tool_wear.tool_life_min(table["speed_m_min"], table["feed_mm"], table["depth_mm"])
    step = table["minutes"].groupby(tool).diff().fillna(table["minutes"])
    return np.column_stack([ratios, smooth, (step / life).groupby(tool).cumsum()])


shop = tool_wear.turning_log(learner_seed(), "shop")
plant = tool_wear.turning_log(hidden_seed(), "plant", 60)
running = tool_wear.until_now(plant, hidden_seed(), "plant")
last_rows = running.groupby("tool").tail(1).index
reference = RandomForestRegressor(40, min_samples_leaf=3, random_state=0)
reference.fit(reference_features(shop), shop["wear_um"])
inputs = ["minutes", *tool_wear.SIGNALS, "speed_m_min", "feed_mm", "depth_mm"]
naive = RandomForestRegressor(20, min_samples_leaf=3, random_state=0).fit(shop[inputs], shop["wear_um"])


def rmse_of(estimate):
    return float(np.sqrt(np.mean((estimate - running["wear_um"].to_numpy()[last_rows]) ** 2)))


### END HIDDEN TESTS
own = np.asarray(wear_now(tool_wear.machine_only(log)), dtype=float)
assert own.shape == (len(log),), "줄마다 값 하나 · one value for each row"
assert np.isfinite(own).all(), "비어 있는 추정이 있습니다 · an estimate is missing"

### BEGIN HIDDEN TESTS
given = np.asarray(wear_now(tool_wear.machine_only(running)), dtype=float)
assert given.shape == (len(running),) and np.isfinite(given).all()
early = running[running["part"] <= 12]
again = np.asarray(wear_now(tool_wear.machine_only(early)), dtype=float)
assert np.allclose(again, given[early.index], atol=1), "uses later parts"
rmse = rmse_of(given[last_rows])
rmse_naive = rmse_of(naive.predict(running.loc[last_rows, inputs]))
rmse_reference = rmse_of(reference.predict(reference_features(running))[last_rows])
rmse_mark = rmse_naive - 0.85 * (rmse_naive - rmse_reference)
measured = {"rmse": rmse, "rmse_naive": rmse_naive, "rmse_reference": rmse_reference, "rmse_mark": rmse_mark}
6 * float(np.clip((rmse_naive - rmse) / (rmse_naive - rmse_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 7. 언제 바꿀 것인가 · When to change
#
# 추정이 어떤 값을 넘으면 그 부품까지 깎고 바꿉니다. 그 값이 300 µm이면 될까요? 추정에는 오차가 있고, 마모는 부품마다 조금씩 늘어납니다.
# **공구 단위로 검증한 추정**으로 비용을 그려 봅니다. (학습에 쓴 공구의 추정은 지나치게 좋아서 쓸 수 없습니다.) **가장 싼 값은 300보다 클까요, 작을까요?**
#
# > The insert is changed after the first part whose estimate exceeds some value. Is 300 µm right? Estimates err, and wear grows with each part. Draw the cost, with estimates **validated by tool** (those for training tools are too good). **Is the cheapest value above or below 300?**


# %%
def mean_cost(table, estimate, limit_um):
    """공구를 limit_um에서 바꿀 때 부품당 평균 비용 · mean won for a part when changing at limit_um."""
    costs = []
    for rows in table.groupby("tool").indices.values():
        beyond = np.flatnonzero(estimate[rows] > limit_um)
        made = int(beyond[0]) + 1 if len(beyond) else len(rows)
        costs.append(cost_per_part(table["wear_um"].to_numpy()[rows], made))
    return float(np.mean(costs))


validated = np.zeros(len(log))
for number in range(5):
    test_tools = fold == number
    model = RandomForestRegressor(10, min_samples_leaf=3, random_state=0)
    model.fit(relative[~test_tools], log["wear_um"][~test_tools])
    validated[test_tools] = model.predict(relative[test_tools])
limits = np.arange(150, 321, 10)
curve = [mean_cost(log, validated, limit) for limit in limits]
fig, ax = plt.subplots()
ax.plot(limits, curve, marker="o", ms=3, color="#1f5fa8")
ax.set(xlabel="교체하는 추정값 · change at (µm)", ylabel="부품당 비용 · won for a part", ylim=(0, None))
plt.show()
print(f"300 µm: {won(mean_cost(log, validated, 300))}   200 µm: {won(mean_cost(log, validated, 200))}")

# %% [markdown]
# 그림의 모델은 네 비율만 쓴 간단한 것입니다. 여러분의 `wear_now`는 더 정확할 것이므로 한계에 더 다가가도 됩니다.
#
# **문제 6 (3점).** 여러분의 `wear_now`에 쓸 교체 기준 `change_at_um`(숫자 하나, µm)을 정하십시오.
# 채점: 새 공구 60개에서 부품당 비용을 잽니다. 기준선 모델로 300 µm에서 바꿀 때와 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 3점입니다.
#
# > The model of the figure uses the four ratios only; yours should be better and may go nearer to the limit.
# > **Exercise 6 (3 points).** Set `change_at_um`, the estimate (µm) of your `wear_now` at which the insert is changed. Graded by the cost of a part on sixty new tools: 0 points at the baseline model with 300 µm, 3 when 85 % of the way to our reference is covered.

# %% nbgrader={"grade_id": "a05-change", "solution": true}
### BEGIN SOLUTION
change_at_um = 260
### END SOLUTION


# %% nbgrader={"grade_id": "a05-change-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
def plant_cost(estimate, limit):
    total, true_wear = [], plant["wear_um"].to_numpy()
    for rows in plant.groupby("tool").indices.values():
        over = np.flatnonzero(estimate[rows] > limit)
        made = int(over[0]) + 1 if len(over) else len(rows)
        total.append((40_000 + 200_000 * int((true_wear[rows][:made] > 300).sum())) / made)
    return float(np.mean(total))


### END HIDDEN TESTS
assert 50 < change_at_um < 400, "µm로 쓰십시오 · in µm"

### BEGIN HIDDEN TESTS
full = np.asarray(wear_now(tool_wear.machine_only(plant)), dtype=float)
assert full.shape == (len(plant),) and np.isfinite(full).all()
cost = plant_cost(full, float(change_at_um))
cost_naive = plant_cost(naive.predict(plant[inputs]), 300)
cost_reference = plant_cost(reference.predict(reference_features(plant)), 260)
cost_mark = cost_naive - 0.85 * (cost_naive - cost_reference)
measured = {"cost": cost, "cost_naive": cost_naive, "cost_reference": cost_reference, "cost_mark": cost_mark}
3 * float(np.clip((cost_naive - cost) / (cost_naive - cost_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 반장에게 설명하기 · Explain it to the foreman
#
# 보고하기 전에, 여러분의 규칙과 "시간으로 바꾸기"를 견주어 봅니다. **시간 규칙의 가장 좋은 값은 몇 분이고, 얼마나 더 비쌀까요?**
#
# > Before the report, compare with changing by the clock. **What is the best number of minutes, and how much dearer is it?**

# %%
clock = [mean_cost(log, log["minutes"].to_numpy(), minutes) for minutes in range(10, 41, 2)]
best_minutes = 10 + 2 * int(np.argmin(clock))
print(f"시간으로 · by the clock: {best_minutes} 분 · min, {won(min(clock))}")
print(f"간단한 추정으로 · by the simple estimate: {won(min(curve))}")

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 반장은 "센서를 믿느니 30분마다 바꾸겠다"고 합니다. 설득하는 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 시간 규칙과 추정 규칙의 부품당 비용을 자신의 숫자로 견주십시오. (2점)
# 2. 잰 그대로의 힘으로는 왜 안 되고, 새 날과 견주면 왜 되는지 설명하십시오. (2점)
# 3. 추정이 틀렸을 때를 대비한 안전장치 하나를 제안하십시오. (1점)
#
# > **Exercise 7 (5 points, graded by a person).** The foreman would "rather change every 30 minutes than trust sensors". Convince him (5–8 sentences): compare the costs in your figures (2); why raw force fails and the ratio to the fresh edge works (2); one safeguard for when the estimate is wrong (1).

# %% [markdown] nbgrader={"grade_id": "a05-foreman", "grade": true, "solution": true, "points": 5}
# 시간으로만 바꾸면 가장 좋은 값에서도 부품 한 개에 1,350원쯤 들지만, 추정으로 바꾸면 1,000원 안팎입니다. 공구마다 수명이 두 배까지 다르기 때문입니다.
# 잰 그대로의 힘에는 제품(절입과 이송)과 공구마다 다른 센서 감도가 섞여 있어, 같은 2,000 N이 새 날일 수도 닳은 날일 수도 있습니다.
# 절삭 조건으로 나누고 그 공구의 새 날로 다시 나누면 둘 다 사라지고, 늘어난 몫은 마모에서 온 것만 남습니다.
# 안전장치로, 추정과 상관없이 테일러 수명의 1.2배가 지나면 반드시 바꾸고, 매일 한 개는 현미경으로 재어 추정과 견줍니다.
