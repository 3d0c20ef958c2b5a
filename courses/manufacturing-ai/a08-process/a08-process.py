# %% [markdown]
# # A08. 다변량 공정 이상 감지 · Multivariate process monitoring
#
# 진해의 한 화학 공장 제어실에는 신호 31개가 흐릅니다. 신호마다 경보 한계가 있어서 하루에도 수백 번 울리고, 이제는 **아무도 경보를 보지 않습니다.** 그런데 지난달 냉각수 밸브가 굳어 갈 때에는 어느 한계도 넘지 않았습니다.
# 신호 하나하나는 멀쩡했습니다. 깨진 것은 신호들 **사이의 관계**였습니다. 관계를 지켜보는 경보를 만들어 봅시다.
#
# > Thirty-one signals run through the control room of a chemical plant in Jinhae. Each has its own alarm limits; together they ring hundreds of times a day, so **nobody looks any more**. And last month, while a cooling-water valve was seizing, no limit was passed.
# > Every single signal looked fine; what had broken was the **relation between** them. Build an alarm that watches relations.
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 신호 보기, 신호마다 한계를 두면 · look at signals; a limit for each | – |
# | 3 | 97 %가 왜 틀렸는가 · why 97 % is wrong here | 2 |
# | 4 | 31개를 두 숫자로: T²와 SPE · two figures for 31 signals | 4 |
# | 5 | 어느 신호 탓인가 · which signal is to blame | 3 |
# | 6 | 경보의 값 · what alarms cost | 2 |
# | 7–8 | 이상한 정도, 경보 · strangeness, alarm | 6 + 3 |
# | 9 | 제어실장에게 · to the shift manager (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import tennessee_eastman as plant

prepare_notebook()
signals = list(plant.VARIABLES)
log = plant.plant_log(learner_seed(), "practice", part="practice", normal=8, faults=(1, 2, 4, 10, 13, 18))
normal = log[log["fault"] == 0]
log.iloc[:5, :9]

# %% [markdown]
# ## 1. 신호부터 봅니다 · Look at the signals
#
# `log`의 한 줄은 3분마다 읽은 신호 31개입니다. `run`은 운전 번호(한 번에 22시간), `hour`는 그 운전의 시각, `fault`는 고장 번호(0 = 정상 운전), `faulty`는 고장이 **시작된 뒤**이면 1입니다.
# 운전 1–8은 정상이고, 나머지 여섯은 도중에 고장이 하나씩 시작됩니다. 4번 고장은 반응기 냉각수가 갑자기 따뜻해지는 것입니다. **반응기 온도는 어떻게 될까요? 예상해 보고 실행하십시오.**
#
# > One row of `log` holds 31 signals, read every three minutes: `run` (22 hours each), `hour`, `fault` (0: none) and `faulty` (1 **after the fault has set in**). Runs 1 to 8 are normal; in each of the other six a fault sets in on the way.
# > In fault 4 the reactor's cooling water suddenly gets warmer. **What will happen to the reactor temperature?** Guess, then run.

# %%
warm = log[log["fault"] == 4]
shown = ["reactor_temperature", "reactor_pressure", "valve_reactor_water", "reactor_water_temperature"]
fig, axes = plt.subplots(4, 1, figsize=(9, 6.4), sharex=True)
for ax, signal in zip(axes, shown, strict=True):
    name, unit = plant.SIGNALS[signal]
    ax.plot(warm["hour"], warm[signal], lw=0.8, color="#1f5fa8")
    ax.axvline(warm.loc[warm["faulty"] == 1, "hour"].iloc[0], color="#c8102e", linestyle="--", lw=1)
    ax.set_title(f"{name} · {signal} ({unit})", fontsize=9, loc="left")
axes[-1].set_xlabel("시간 · hour")
plt.show()

# %% [markdown]
# 반응기 온도는 잠깐 흔들리고 제자리로 돌아왔습니다. **제어기가 냉각수 밸브를 더 열어 고장을 가렸기** 때문입니다. 제어가 잘될수록 중요한 신호는 조용하고, 흔적은 엉뚱한 곳(밸브)에 남습니다.
#
# ## 2. 신호마다 한계를 두면 · A limit for each signal
#
# 흔히 하는 대로 신호마다 평균 ± 3 표준편차를 한계로 삼습니다. 정상일 때 한 신호가 넘을 확률은 0.27 %뿐입니다. **신호가 31개면 정상인 줄의 몇 %에서 울릴까요?**
#
# > The temperature shivered and came back: **the controller opened the valve and hid the fault**. The better the control, the quieter the signals that matter.
# > As usual, set limits at mean ± 3 standard deviations: in normal operation one signal passes them with probability .27 %. **With 31 signals, in how many per cent of normal rows does one ring?**

# %%
centre, spread = normal[signals].mean(), normal[signals].std()


def any_signal_out(table):
    """어느 한 신호라도 3시그마를 넘는가 · whether any signal is beyond three standard deviations."""
    return ((table[signals] - centre).abs() > 3 * spread).any(axis=1)


rings = any_signal_out(normal)
print(f"정상인 줄에서 울림 · rings on normal rows: {rings.mean():.1%} = 하루 · a day {rings.mean() * 480:.0f}")
for fault, rows in log[log["faulty"] == 1].groupby("fault"):
    print(f"고장 · fault {fault:2}: {any_signal_out(rows).mean():.0%}  {' · '.join(plant.FAULTS[fault])}")

# %% [markdown]
# 정상일 때 하루 수십 번 울리는 경보는 곧 꺼집니다. 한계를 넓히면 조용해지지만 고장도 놓칩니다.
#
# ## 3. 97 %가 왜 틀렸는가 · Why 97 % is wrong here
#
# 급한 동료가 고장 기록으로 분류기를 가르쳤습니다. 줄을 무작위로 나누어 시험하니 **정확도 97 %**. 그런데 고장은 늘 새로운 얼굴로 옵니다. **가르칠 때 없던 고장도 찾을까요?**
#
# > A colleague in a hurry trained a classifier on the recorded faults, split the rows at random and reports **97 % accuracy**. But faults come with new faces. **Will it find one that was not in training?**


# %%
def classifier(train):
    return RandomForestClassifier(25, min_samples_leaf=2, random_state=0).fit(train[signals], train["faulty"])


some, rest = train_test_split(log, test_size=0.3, random_state=0)
print(f"무작위 · at random: 정확도 · accuracy {classifier(some).score(rest[signals], rest['faulty']):.0%}")
for fault in (1, 4, 10):
    unseen = log[(log["fault"] == fault) & (log["faulty"] == 1)]
    found = classifier(log[log["fault"] != fault]).predict(unseen[signals]).mean()
    print(f"처음 보는 고장 · unseen fault {fault:2}: 찾은 줄 · rows found {found:.0%}")

# %% [markdown]
# 3분 간격의 이웃한 줄은 거의 같습니다. 무작위로 나누면 **시험 문제의 바로 옆 답**을 보고 외운 것입니다. 게다가 분류기는 배운 고장만 압니다.
#
# **문제 1 (2점).** `hold_out(table, fault)`: `(train, test)` 두 표를 돌려주십시오. 시험용은 그 고장이 있는 운전의 **모든** 줄이고, 학습용은 나머지 줄 전부입니다. 고장이 시작되기 전의 줄도 그 운전에 속합니다. 순서와 열은 그대로 둡니다.
#
# > Neighbouring rows, three minutes apart, are nearly equal: a random split shows **the answer next to the question**. And a classifier knows only the faults it was taught.
# > **Exercise 1 (2 points).** `hold_out(table, fault)` returns `(train, test)`: the test table has **all** rows of the runs with that fault (those before it set in too), the training table all others. Keep order and columns.


# %% nbgrader={"grade_id": "a08-hold-out", "solution": true}
def hold_out(table, fault):
    """(train, test): 그 고장의 운전은 통째로 시험용 · runs with that fault are the test."""
    ### BEGIN SOLUTION
    runs = table.loc[table["fault"] == fault, "run"].unique()
    in_test = table["run"].isin(runs)
    return table[~in_test], table[in_test]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a08-hold-out-test", "grade": true, "points": 2}
without, only = hold_out(log, 4)
assert len(without) + len(only) == len(log), "줄이 사라지거나 겹쳤습니다 · rows are lost or doubled"
assert not set(without["run"]) & set(only["run"]), "한 운전이 양쪽에 있습니다 · a run is on both sides"
### BEGIN HIDDEN TESTS
numbers = np.random.default_rng(hidden_seed() % 2**32).permutation(90)[:9]
story = pd.DataFrame({"run": np.repeat(numbers, 6), "hour": np.tile(np.arange(6) / 20, 9)})
story["faulty"] = (story["hour"] > 0.12).astype(int)
story["fault"] = np.repeat([0, 7, 2, 7, 0, 2, 5, 0, 7], 6)
for told in (2, 5, 7):
    left, right = hold_out(story, told)
    assert list(right.index) == list(story.index[story["fault"] == told])
    assert list(left.index) == list(story.index[story["fault"] != told])
    assert list(left.columns) == list(story.columns)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 31개를 두 숫자로 · Two figures for 31 signals
#
# 고장을 배우지 말고 **정상을 배웁니다.** 정상일 때 신호들은 함께 움직입니다. 밸브를 열면 유량이 늘고, 온도가 오르면 압력이 오릅니다. **두 신호만 그려 보면 어떤 모양일까요?**
#
# > Learn **what is normal**, not the faults. In normal operation signals move together. **What shape do two of them make?**

# %%
pair = ["separator_temperature", "stripper_temperature"]
fig, ax = plt.subplots(figsize=(6, 4.4))
ax.scatter(normal[pair[0]], normal[pair[1]], s=3, color="#8a94a0", label="정상 · normal")
strange = log[(log["faulty"] == 1) & (log["fault"] == 13)]
ax.scatter(strange[pair[0]], strange[pair[1]], s=7, color="#c8102e", label="고장 13 · fault 13")
for sign in (-3, 3):
    ax.axvline(centre[pair[0]] + sign * spread[pair[0]], color="#1f5fa8", lw=0.8, linestyle="--")
    ax.axhline(centre[pair[1]] + sign * spread[pair[1]], color="#1f5fa8", lw=0.8, linestyle="--")
ax.set(xlabel="분리기 온도 · separator temperature (°C)", ylabel="탈기탑 온도 · stripper temperature (°C)")
ax.set(
    xlim=centre[pair[0]] + np.array([-6, 6]) * spread[pair[0]],
    ylim=centre[pair[1]] + np.array([-6, 6]) * spread[pair[1]],
)
ax.legend()
plt.show()

# %% [markdown]
# 정상은 길쭉한 구름이고 한계는 네모입니다. 네모 안에 있으면서 구름 밖인 점은 신호별 한계로는 보이지 않습니다.
#
# 주성분 분석(PCA)은 31차원 구름의 긴 축들을 찾습니다. 표준화한 신호 $z$와 긴 축 $P$(31 × k)로 두 숫자를 만듭니다.
#
# $$t = P^\top z, \qquad T^2 = \sum_{j=1}^{k} \frac{t_j^2}{\lambda_j}, \qquad \mathrm{SPE} = \lVert z - P\,t \rVert^2$$
#
# $T^2$은 **구름의 긴 방향으로 얼마나 멀리** 갔는가, SPE는 **구름에서 얼마나 벗어났는가**(관계가 깨졌는가)입니다. $\lambda_j$는 정상에서 $t_j$의 분산입니다. 축을 찾는 함수는 드립니다.
#
# **문제 2 (4점).** `t2_spe(rows, mean, spread, loadings, variances)`: 줄 수 × 31의 배열에서 $T^2$과 SPE 두 배열(줄마다 하나)을 돌려주십시오.
#
# > Normal operation is a long cloud; limits are a box. A point inside the box and off the cloud is invisible to single limits.
# > Principal component analysis finds the long axes of the cloud in 31 dimensions. $T^2$ says **how far out along them**, SPE **how far off the cloud** a row lies: whether relations are broken. $\lambda_j$ is the variance of $t_j$ in normal operation. A function that finds the axes is given.
# > **Exercise 2 (4 points).** `t2_spe(rows, mean, spread, loadings, variances)` returns the arrays $T^2$ and SPE, one value a row.


# %%
def find_axes(rows, share=0.9):
    """(mean, spread, loadings, variances) · the axes that hold this share of the normal variance."""
    rows = np.asarray(rows, dtype=float)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    _, lengths, axes_of = np.linalg.svd((rows - mean) / deviation, full_matrices=False)
    variance = lengths**2 / (len(rows) - 1)
    count = int(np.searchsorted(np.cumsum(variance) / variance.sum(), share)) + 1
    return mean, deviation, axes_of[:count].T, variance[:count]


axes_found = find_axes(normal[signals])
print(f"31개 신호의 변동 90 %를 축 {len(axes_found[3])}개로 · axes that hold 90 % of the variance")


# %% nbgrader={"grade_id": "a08-t2-spe", "solution": true}
def t2_spe(rows, mean, spread, loadings, variances):
    """(T², SPE), 줄마다 하나 · one value of each for every row."""
    ### BEGIN SOLUTION
    z = (np.asarray(rows, dtype=float) - mean) / spread
    t = z @ loadings
    return (t**2 / variances).sum(axis=1), ((z - t @ loadings.T) ** 2).sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a08-t2-spe-test", "grade": true, "points": 4}
flat = np.array([[1.0], [0.0]])
on_axis, off_axis = t2_spe([[3.0, 0.0], [0.0, 2.0]], np.zeros(2), np.ones(2), flat, np.array([4.0]))
assert np.allclose(on_axis, [9 / 4, 0]), "축 위로 3, 분산 4: T² = 9/4 · three along an axis of variance four"
assert np.allclose(off_axis, [0, 4]), "축에서 2만큼 벗어남: SPE = 4 · two off the axis"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(hidden_seed() % 2**32)
cloud = draw.normal(size=(300, 8)) @ draw.normal(size=(8, 8)) + draw.normal(size=8)
middle, sizes, directions, strengths = given_axes = (
    cloud.mean(axis=0),
    cloud.std(axis=0),
    np.linalg.qr(draw.normal(size=(8, 3)))[0],
    draw.uniform(0.5, 3, 3),
)
scaled = (cloud - middle) / sizes
along = scaled @ directions
wanted_t2 = (along**2 / strengths).sum(axis=1)
wanted_spe = ((scaled - along @ directions.T) ** 2).sum(axis=1)
given_t2, given_spe = (np.asarray(each, dtype=float) for each in t2_spe(cloud, *given_axes))
points_statistics = 2 * int(given_t2.shape == (300,) and np.allclose(given_t2, wanted_t2, rtol=1e-6))
points_statistics += 2 * int(given_spe.shape == (300,) and np.allclose(given_spe, wanted_spe, rtol=1e-6))
points_statistics
### END HIDDEN TESTS

# %% [markdown]
# 냉각수 고장(4번)에서 두 숫자를 그립니다. 어느 쪽이 먼저, 더 크게 움직입니까?
#
# > Both figures for the cooling-water fault. **Which one moves first, and further?**

# %%
t2, spe = t2_spe(warm[signals], *axes_found)
normal_t2, normal_spe = t2_spe(normal[signals], *axes_found)
fig, axes = plt.subplots(2, 1, figsize=(9, 4), sharex=True)
for ax, values, usual, name in ((axes[0], t2, normal_t2, "T²"), (axes[1], spe, normal_spe, "SPE")):
    ax.semilogy(warm["hour"], values, lw=0.8, color="#1f5fa8")
    ax.axhline(np.quantile(usual, 0.99), color="#c8102e", linestyle="--", lw=1, label="정상의 99 % · 99 % of normal")
    ax.set_ylabel(name)
axes[0].legend(loc="upper left")
axes[-1].set_xlabel("시간 · hour")
plt.show()

# %% [markdown]
# ## 5. 어느 신호 탓인가 · Which signal is to blame?
#
# 경보가 울리면 제어실은 **어디를 볼지** 묻습니다. SPE는 신호마다의 어긋남을 더한 것이므로, 거꾸로 나누면 됩니다.
#
# **문제 3 (3점).** `contributions(rows, mean, spread, loadings)`: 신호마다 어긋남의 제곱 $(z - P P^\top z)_i^2$을 **줄에 대해 평균한** 길이 31의 배열을 돌려주십시오. 모두 더하면 SPE의 평균입니다.
#
# > When it rings, the control room asks **where to look**. SPE is a sum over signals; take it apart again.
# > **Exercise 3 (3 points).** `contributions(rows, mean, spread, loadings)` returns for each signal the squared residual $(z - P P^\top z)_i^2$, **averaged over the rows**. They add up to the mean of SPE.


# %% nbgrader={"grade_id": "a08-contributions", "solution": true}
def contributions(rows, mean, spread, loadings):
    """신호마다 SPE의 몫 · each signal's share of SPE."""
    ### BEGIN SOLUTION
    z = (np.asarray(rows, dtype=float) - mean) / spread
    return ((z - z @ loadings @ loadings.T) ** 2).mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a08-contributions-test", "grade": true, "points": 3}
slanted = np.array([[0.6], [0.8]])
assert np.allclose(contributions([[0.8, -0.6], [0.6, 0.8]], np.zeros(2), np.ones(2), slanted), [0.32, 0.18]), (
    "첫 줄만 축에서 벗어납니다 · only the first row is off the axis"
)
### BEGIN HIDDEN TESTS
roll = np.random.default_rng(hidden_seed() % 2**32)
swarm = roll.normal(size=(120, 9)) @ roll.normal(size=(9, 9))
basis = np.linalg.qr(roll.normal(size=(9, 4)))[0]
unit = (swarm - swarm.mean(axis=0)) / swarm.std(axis=0)
shares = np.asarray(contributions(swarm, swarm.mean(axis=0), swarm.std(axis=0), basis), dtype=float)
assert shares.shape == (9,)
assert np.allclose(shares, ((unit - unit @ basis @ basis.T) ** 2).mean(axis=0), rtol=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# 고장마다 몫이 가장 큰 신호 셋입니다(정상일 때의 몇 배인지). **고장의 이름과 맞습니까?**
#
# > The three largest for each fault, as multiples of normal operation. **Do they fit the fault's name?**

# %%
usual_share = contributions(normal[signals], *axes_found[:3])
for fault, rows in log[log["faulty"] == 1].groupby("fault"):
    times = pd.Series(contributions(rows[signals], *axes_found[:3]) / usual_share, index=signals).nlargest(3)
    guilty = ", ".join(f"{plant.SIGNALS[name][0]} ×{value:.0f}" for name, value in times.items())
    print(f"{fault:2} {' · '.join(plant.FAULTS[fault])}\n     → {guilty}")

# %% [markdown]
# 4번은 냉각수 밸브를 바로 짚습니다. 크게 번진 고장(1, 2번)에서는 여러 신호가 함께 어긋나므로, 몫은 **원인이 아니라 증상**입니다. 처음 몇 줄로 계산하면 원인에 가까워집니다.
#
# ## 6. 경보의 값 · What alarms cost
#
# - **헛경보 한 번**: 운전원이 확인하고 부하를 낮춤 → **400,000원**. 이어지는 울림은 한 번으로 셉니다.
# - 고장 난 뒤 **울리지 않은 3분마다**: 규격을 벗어난 제품 → **20,000원**
#
# **문제 4 (2점).** `bill_won(alarm, faulty)`: 한 운전의 시간 순서대로 놓인 0/1 배열 둘을 받아 총비용을 돌려주십시오. 헛경보는 `faulty`가 0일 때 **울리기 시작한** 횟수입니다(0에서 1로 바뀐 줄, 첫 줄이 1이면 그것도).
#
# > Each **false alarm**: 400,000 won (an unbroken ring counts once). Each **three minutes of a fault without an alarm**: 20,000 won (off-grade product).
# > **Exercise 4 (2 points).** `bill_won(alarm, faulty)` takes two arrays of 0/1 in time order, of one run. A false alarm is a ring that **starts** while `faulty` is 0 (from 0 to 1, or a 1 in the first row).


# %% nbgrader={"grade_id": "a08-bill", "solution": true}
def bill_won(alarm, faulty):
    """한 운전의 비용(원) · cost of one run in won."""
    ### BEGIN SOLUTION
    alarm, faulty = np.asarray(alarm).astype(bool), np.asarray(faulty).astype(bool)
    starts = alarm & ~np.concatenate([[False], alarm[:-1]])
    return int(400_000 * np.sum(starts & ~faulty) + 20_000 * np.sum(faulty & ~alarm))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a08-bill-test", "grade": true, "points": 2}
assert bill_won([1, 1, 0, 1, 0], [0, 0, 0, 0, 0]) == 800_000, "두 번 울리기 시작했습니다 · two rings"
assert bill_won([0, 0, 0, 1], [0, 1, 1, 1]) == 40_000, "두 줄을 놓쳤습니다 · two rows unnoticed"
### BEGIN HIDDEN TESTS
coin = np.random.default_rng(hidden_seed() % 2**32)
for _ in range(4):
    rung, broken = coin.integers(0, 2, 60), (np.arange(60) >= coin.integers(5, 60)).astype(int)
    due, before = 0, 0
    for ring, bad in zip(rung, broken, strict=True):
        due += 400_000 if ring and not before and not bad else 20_000 if bad and not ring else 0
        before = ring
    assert abs(bill_won(rung, broken) - due) < 1
### END HIDDEN TESTS

# %% [markdown]
# ## 7. 얼마나 이상한가 · How strange is it?
#
# **문제 5 (6점).** `strangeness(run)`: 한 운전의 표(신호 31열, 시간 순서)를 받아 줄마다 이상한 정도(클수록 이상)를 돌려주십시오. 정상 운전(`normal`)에서 **함수 밖에서 한 번만** 배웁니다.
#
# - $T^2$과 SPE를 각각 정상의 99 %로 나누고 큰 쪽을 쓰면 둘을 하나로 합칠 수 있습니다.
# - 고장은 오래가고 잡음은 금방 지나갑니다. **최근 몇 줄의 (지수) 평균**을 쓰면 작은 고장이 드러납니다.
# - **아직 오지 않은 줄은 쓸 수 없습니다.** 운전을 도중에 잘라도 그때까지의 값은 같아야 합니다(다르면 0점).
#
# 채점: 새 정상 줄의 2 %에서만 울리도록 문턱을 두었을 때, 새 고장 17가지에서 울린 줄의 비율(평균). 신호별 한계(표준화한 신호 가운데 가장 큰 것)와 같으면 0점, 참고 풀이와의 거리를 70 % 이상 좁히면 6점입니다.
#
# > **Exercise 5 (6 points).** `strangeness(run)` takes the table of one run (31 signals, in time order) and returns for each row how strange it is. Learn from `normal` **once, outside the function**. Divide $T^2$ and SPE by their 99 % in normal operation and take the larger; faults last and noise passes, so an **(exponential) mean of recent rows** brings small faults out. **Rows yet to come can't be used**: cutting a run short must not change the values before (0 points otherwise).
# > Graded with the threshold at which 2 % of new normal rows ring: the share of rows that ring in 17 new faults. 0 points at a limit for each signal (the largest standardised signal), 6 when 70 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a08-strangeness", "solution": true}
### BEGIN SOLUTION
def recent(values, weight=0.2):
    """Exponential mean of each row and those before it."""
    return pd.Series(values).ewm(alpha=weight, adjust=False).mean().to_numpy()


def both_recent(rows):
    return [recent(values) for values in t2_spe(rows, *axes_found)]


usual = [both_recent(rows[signals]) for _, rows in normal.groupby("run")]
t2_limit, spe_limit = (np.quantile(np.concatenate(values), 0.99) for values in zip(*usual, strict=True))


def strangeness(run):
    t2_now, spe_now = both_recent(run[signals])
    return np.maximum(t2_now / t2_limit, spe_now / spe_limit)


### END SOLUTION


# %% nbgrader={"grade_id": "a08-strangeness-test", "grade": true, "points": 6}
### BEGIN HIDDEN TESTS
DETECTABLE = [number for number in range(1, 21) if number not in plant.UNDETECTABLE]
names = list(plant.VARIABLES)
later = plant.plant_log(hidden_seed(), "later", part="later", normal=8, faults=DETECTABLE)
parts = [(rows[names].reset_index(drop=True), rows["faulty"].to_numpy()) for _, rows in later.groupby("run")]
own = plant.plant_log(learner_seed(), "practice", part="practice", normal=8, faults=(1, 2, 4, 10, 13, 18))
own_runs = [rows[names].to_numpy() for _, rows in own[own["fault"] == 0].groupby("run")]
stacked = np.concatenate(own_runs)
own_mean, own_sd = stacked.mean(axis=0), stacked.std(axis=0)
_, stretched, turned = np.linalg.svd((stacked - own_mean) / own_sd, full_matrices=False)
power = stretched**2 / (len(stacked) - 1)
kept = int(np.searchsorted(np.cumsum(power) / power.sum(), 0.9)) + 1


def smooth_statistics(rows):
    z = (np.asarray(rows) - own_mean) / own_sd
    t = z @ turned[:kept].T
    both = [(t**2 / power[:kept]).sum(axis=1), ((z - t @ turned[:kept]) ** 2).sum(axis=1)]
    return [pd.Series(values).ewm(alpha=0.2, adjust=False).mean().to_numpy() for values in both]


own_limits = [np.quantile(np.concatenate(v), 0.99) for v in zip(*map(smooth_statistics, own_runs), strict=True)]


def reference_of(rows):
    return np.max([values / top for values, top in zip(smooth_statistics(rows), own_limits, strict=True)], axis=0)


def largest_signal(rows):
    return np.abs((np.asarray(rows) - own_mean) / own_sd).max(axis=1)


def detection(scores):
    calm = np.concatenate([score[bad == 0] for score, (_, bad) in zip(scores, parts, strict=True)])
    ringing = [
        float(np.mean(score[bad == 1] > np.quantile(calm, 0.98)))
        for score, (_, bad) in zip(scores, parts, strict=True)
        if bad.any()
    ]
    return float(np.mean(ringing))


### END HIDDEN TESTS
own_strangeness = np.asarray(strangeness(warm[signals]), dtype=float)
assert own_strangeness.shape == (len(warm),), "줄마다 값 하나 · one value a row"
assert np.isfinite(own_strangeness).all(), "비어 있는 값이 있습니다 · a value is missing"
cut_short = np.asarray(strangeness(warm[signals].iloc[:250]), dtype=float)
assert np.allclose(cut_short, own_strangeness[:250]), "아직 오지 않은 줄을 썼습니다 · rows yet to come were used"
### BEGIN HIDDEN TESTS
given = [np.asarray(strangeness(rows), dtype=float) for rows, _ in parts]
assert all(
    score.shape == (len(rows),) and np.isfinite(score).all() for score, (rows, _) in zip(given, parts, strict=True)
)
half = np.asarray(strangeness(parts[9][0].iloc[:300]), dtype=float)
assert np.allclose(half, given[9][:300])
found_rate = detection(given)
found_naive = detection([largest_signal(rows) for rows, _ in parts])
found_reference = detection([reference_of(rows) for rows, _ in parts])
found_mark = found_naive + 0.7 * (found_reference - found_naive)
measured = {
    "detection": found_rate,
    "detection_naive": found_naive,
    "detection_reference": found_reference,
    "detection_mark": found_mark,
}
6 * float(np.clip((found_rate - found_naive) / (found_mark - found_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# 이번에는 고장 스무 가지를 모두 봅니다. **끝까지 보이지 않는 고장이 있을까요?**
#
# > All twenty faults now. **Are there some that nobody sees?**

# %%
every_fault = plant.plant_log(learner_seed(), "all faults", part="practice", normal=2, faults=range(1, 21))
top = np.quantile(np.concatenate([strangeness(rows[signals]) for _, rows in normal.groupby("run")]), 0.98)
rates = {
    fault: np.mean(np.asarray(strangeness(rows[signals]))[rows["faulty"].to_numpy() == 1] > top)
    for fault, rows in every_fault[every_fault["fault"] > 0].groupby("fault")
}
fig, ax = plt.subplots(figsize=(9, 3.4))
ax.bar(list(rates), list(rates.values()), color=["#c8102e" if rate < 0.2 else "#1f5fa8" for rate in rates.values()])
ax.set(xticks=range(1, 21), xlabel="고장 번호 · fault", ylabel="울린 줄 · rows that ring", ylim=(0, 1))
plt.show()

# %% [markdown]
# 3, 9, 15번은 어떤 방법으로도 거의 보이지 않습니다. 문제가 되는 고장이 아니어서가 아니라, **제어기가 남김없이 메워서** 신호에 흔적이 남지 않기 때문입니다. 1990년대부터 알려진 사실이고, 이 셋까지 모두 찾는다는 모델은 의심해야 합니다. 채점에서도 빠집니다. 5번은 시작할 때 잠깐만 보이고, 곧 제어기가 메웁니다.
#
# ## 8. 경보 · The alarm
#
# **문제 6 (3점).** `alarm(run)`: 한 운전의 표를 받아 줄마다 0 또는 1을 돌려주십시오. 문턱은 여러분이 정합니다. **정상 운전에서 한 번도 울리지 않을 만큼 높으면** 고장을 놓치고, 너무 낮으면 헛경보가 쌓입니다.
# 채점: 새 운전 25번(정상 8, 고장 17)의 비용. 신호별 한계(정상의 99.5 %)와 같으면 0점, 참고 풀이와의 거리를 60 % 이상 좁히면 3점입니다.
#
# > Faults 3, 9 and 15 are hardly seen by any method: **the controllers make good for them without a trace**. That has been known since the 1990s; doubt a model that claims to find them. They are not graded. Fault 5 shows for a moment only, until the controllers have made good for it.
# > **Exercise 6 (3 points).** `alarm(run)` returns 0 or 1 for each row; the threshold is yours. Graded by the cost of 25 new runs (8 normal, 17 faults): 0 points at a limit for each signal (99.5 % of normal), 3 when 60 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a08-alarm", "solution": true}
### BEGIN SOLUTION
quiet = np.quantile(np.concatenate([strangeness(rows[signals]) for _, rows in normal.groupby("run")]), 0.995)


def alarm(run):
    return (strangeness(run) > 1.2 * quiet).astype(int)


### END SOLUTION


# %% nbgrader={"grade_id": "a08-alarm-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
def bill_of(decisions):
    due = 0
    for rang, (_, bad) in zip(decisions, parts, strict=True):
        begins = rang & ~np.concatenate([[False], rang[:-1]])
        due += 400_000 * int(np.sum(begins & (bad == 0))) + 20_000 * int(np.sum(~rang & (bad == 1)))
    return float(due)


def rings_above(function, times):
    top_of = times * np.quantile(np.concatenate([function(rows) for rows in own_runs]), 0.995)
    return [function(rows) > top_of for rows, _ in parts]


### END HIDDEN TESTS
own_alarm = np.asarray(alarm(warm[signals]))
assert own_alarm.shape == (len(warm),), "줄마다 값 하나 · one value a row"
assert set(np.unique(own_alarm)) <= {0, 1}, "0 또는 1만 · only 0 or 1"
### BEGIN HIDDEN TESTS
decided = [np.asarray(alarm(rows)).astype(bool) for rows, _ in parts]
assert all(rang.shape == (len(rows),) for rang, (rows, _) in zip(decided, parts, strict=True))
early_only = np.asarray(alarm(parts[9][0].iloc[:300])).astype(bool)
assert (early_only == decided[9][:300]).all()
cost, cost_naive = bill_of(decided), bill_of(rings_above(largest_signal, 1.0))
cost_reference = bill_of(rings_above(reference_of, 1.2))
cost_mark = cost_naive - 0.6 * (cost_naive - cost_reference)
measured = {"cost": cost, "cost_naive": cost_naive, "cost_reference": cost_reference, "cost_mark": cost_mark}
3 * float(np.clip((cost_naive - cost) / (cost_naive - cost_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 9. 제어실장에게 · To the shift manager
#
# 보고하기 전에 연습용 운전의 비용을 견줍니다. **신호별 3시그마 경보보다 얼마나 쌉니까?**
#
# > Before reporting, the bill of the practice runs. **How much cheaper than three sigma on each signal?**

# %%
table = {}
for name, rule in (("3시그마 · three sigma", any_signal_out), ("내 경보 · mine", lambda rows: alarm(rows[signals]))):
    told = [(np.asarray(rule(rows)), rows["faulty"].to_numpy()) for _, rows in log.groupby("run")]
    calm = np.concatenate([rang[bad == 0] for rang, bad in told])
    found = np.concatenate([rang[bad == 1] for rang, bad in told])
    table[name] = {
        "정상에서 울림 · rings on normal": f"{calm.mean():.1%}",
        "고장에서 울림 · rings on faults": f"{found.mean():.0%}",
        "비용 · cost": won(sum(bill_won(rang, bad) for rang, bad in told)),
    }
pd.DataFrame(table).T

# %% [markdown]
# **문제 7 (5점, 사람이 채점).** 제어실장에게 보내는 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 헛경보의 비율, 고장에서 울린 비율, 비용을 신호별 3시그마와 자신의 숫자로 견주십시오. (2점)
# 2. 3, 9, 15번이 보이지 않는 까닭을 제어기의 일로 설명하고, 그래도 찾아야 한다면 **무엇을 더 재야** 하는지 쓰십시오. (2점)
# 3. 다음 달에 생산량을 20 % 올립니다. 이 경보에 무슨 일이 생기며, 무엇을 해야 합니까? (1점)
#
# > **Exercise 7 (5 points, graded by a person).** To the shift manager (5–8 sentences): false alarms, detection and cost against three sigma, in your figures (2); why faults 3, 9 and 15 stay hidden, in terms of what the controllers do, and **what one would have to measure** to find them (2); next month production goes up by 20 %: what happens to this alarm, and what must be done (1)?

# %% [markdown] nbgrader={"grade_id": "a08-manager", "grade": true, "solution": true, "points": 5}
# 신호별 3시그마는 정상인 줄의 6 % 안팎에서 울려 하루 서른 번 가까이 사람을 부릅니다. 제 경보는 1 %가 안 되면서 고장에서는 더 자주 울리고, 비용은 절반 아래입니다.
# 3번과 9번은 원료 D의 온도가, 15번은 응축기 냉각수 밸브가 달라지는 것인데, 제어기가 다른 밸브를 조금 움직여 온도와 압력을 그대로 지킵니다. 그 움직임은 평소의 흔들림보다 작아 신호에 남지 않습니다. 찾으려면 원료 온도나 밸브의 실제 열림처럼 지금 재지 않는 것을 재야 합니다.
# 생산량을 올리면 정상의 중심과 신호 사이의 관계가 함께 옮겨 가므로 경보가 쉬지 않고 울립니다. 새 부하에서 정상 운전을 며칠 모아 축과 한계를 다시 배우고, 그동안은 옛 경보를 끄지 말고 사람이 함께 보아야 합니다.
