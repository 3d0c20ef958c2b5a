# %% [markdown]
# # A02. 관리도와 공정능력 · Control charts and process capability
#
# 양산의 한 정밀 선삭 업체는 지름 **25.000 ± 0.030 mm** 축을 깎습니다. 30분마다 다섯 개를 재어 기록합니다. 고객은 "공정능력지수 Cpk가 얼마입니까?" 하고 묻고,
# 현장은 "언제 설비를 세워야 합니까?" 하고 묻습니다. 이번 과제는 두 질문에 모두 답합니다.
#
# > A precision turning shop in Yangsan makes shafts of **25.000 ± 0.030 mm** and measures five pieces every 30 minutes.
# > The customer asks for Cpk, the shop floor asks when to stop. This assignment answers both.
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 그림 먼저, 관리한계 · look first; control limits | 3 |
# | 3 | 이상 원인이 섞인 데이터 · data with special causes | 4 |
# | 4 | 공정능력: 99 %가 왜 틀렸는가 · capability: why 99 % is wrong here | 4 |
# | 5 | 늦은 경보의 값 · the price of a late alarm | 2 |
# | 6 | 작은 변화를 빨리 찾기 · find small shifts early | 7 |
# | 7 | 관리 계획 · control plan (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import control_chart

prepare_notebook()
phase_one, _ = control_chart.pieces_with_assignable_causes(learner_seed())
phase_one.head()

# %% [markdown]
# ## 1. 한 줄이 부분군 하나입니다 · One row, one subgroup
#
# 한 줄은 같은 때에 연달아 깎은 다섯 개(`x1`–`x5`, mm)입니다. 부분군 **안**의 차이는 설비의 타고난 흔들림, 부분군 **사이**의 차이는 시간에 따른 변화입니다.
# 먼저 평균과 범위를 그려 봅시다. **수상한 부분군은 몇 번입니까?**
#
# > One row is five pieces cut in a row (`x1` to `x5`, mm). Differences **within** a subgroup are the machine's natural scatter, differences **between** subgroups are change over time.
# > Means and ranges first. **Which subgroups look suspicious?**

# %%
means, ranges = phase_one.mean(axis=1), phase_one.max(axis=1) - phase_one.min(axis=1)
fig, axes = plt.subplots(2, 1, figsize=(9, 4.6), sharex=True)
axes[0].plot(means, marker="o", ms=3, color="#1f5fa8")
axes[0].set_ylabel("평균 · mean (mm)")
axes[1].plot(ranges, marker="o", ms=3, color="#e08a00")
axes[1].set(ylabel="범위 · range (mm)", xlabel="부분군 번호 · subgroup")
plt.show()

# %% [markdown]
# ## 2. 관리한계 · Control limits
#
# 관리한계는 **공차가 아닙니다.** 고객이 정하는 것이 아니라 공정이 스스로 말하는 것입니다. 부분군 크기가 5일 때:
#
# $$\bar{\bar x} \pm A_2 \bar R, \qquad D_3 \bar R \;\dots\; D_4 \bar R, \qquad A_2 = 0.577,\; D_3 = 0,\; D_4 = 2.114$$
#
# **문제 1 (3점).** `control_limits(table)`: 부분군 표를 받아 `{"mean": (하한, 중심, 상한), "range": (하한, 중심, 상한)}` 사전을 돌려주십시오.
#
# > Control limits are **not tolerances**: the customer does not set them, the process states them itself.
# > **Exercise 1 (3 points).** `control_limits(table)` takes a table of subgroups and returns the dictionary `{"mean": (lower, centre, upper), "range": (lower, centre, upper)}`.


# %% nbgrader={"grade_id": "a02-limits", "solution": true}
def control_limits(table):
    """평균과 범위의 관리한계 · limits of the mean and range charts."""
    ### BEGIN SOLUTION
    means, ranges = table.mean(axis=1), table.max(axis=1) - table.min(axis=1)
    centre, spread = float(means.mean()), float(ranges.mean())
    return {"mean": (centre - 0.577 * spread, centre, centre + 0.577 * spread), "range": (0.0, spread, 2.114 * spread)}
    ### END SOLUTION


# %% nbgrader={"grade_id": "a02-limits-test", "grade": true, "points": 3}
### BEGIN HIDDEN TESTS
def limits_of(table):
    span = table.max(axis=1) - table.min(axis=1)
    middle, width = table.mean(axis=1).mean(), span.mean()
    return (middle - 0.577 * width, middle, middle + 0.577 * width), (0.0, width, 2.114 * width)


### END HIDDEN TESTS
limits = control_limits(phase_one)
assert set(limits) == {"mean", "range"}, "열쇠는 mean, range 입니다 · the keys are mean and range"
assert limits["mean"][0] < limits["mean"][1] < limits["mean"][2], "하한 < 중심 < 상한 · lower < centre < upper"
assert 24.9 < limits["mean"][1] < 25.1, "중심은 25 mm 근처입니다 · the centre is near 25 mm"

### BEGIN HIDDEN TESTS
stretch = control_chart.subgroups(hidden_seed(), "limits", 40)
found = control_limits(stretch)
wanted_mean, wanted_range = limits_of(stretch)
points_limits = 2 * int(np.allclose(found["mean"], wanted_mean, atol=1e-5)) + int(
    np.allclose(found["range"], wanted_range, atol=1e-5)
)
points_limits
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 이상 원인이 섞인 데이터 · Data with special causes
#
# 한계를 그려 넣어 봅시다. 실행하기 전에 생각해 보십시오. **나쁜 부분군이 섞인 채 계산한 한계는 넓을까요, 좁을까요?**
#
# > Draw the limits. Before you run: are limits computed **with bad subgroups inside** too wide or too narrow?

# %%
limits = control_limits(phase_one)
fig, ax = plt.subplots(figsize=(9, 3))
ax.plot(means, marker="o", ms=3, color="#1f5fa8")
for value, style in zip(limits["mean"], ("--", "-", "--"), strict=True):
    ax.axhline(value, color="#c8102e", linestyle=style, lw=1)
ax.set(
    xlabel="부분군 번호 · subgroup",
    ylabel="평균 · mean (mm)",
    title="한계는 믿을 만합니까? · Can these limits be trusted?",
)
plt.show()

# %% [markdown]
# 한계를 벗어난 부분군의 기록을 찾아보니 모두 **설비를 세웠다가 다시 켠 직후**였습니다. 부품이 식기 전에 재어 크게 나온 것입니다. 까닭을 아는 점은 빼고 다시 계산합니다.
#
# **문제 2 (4점).** `clean_limits(table)`: 평균이나 범위가 한계를 벗어난 부분군을 **모두** 빼고 한계를 다시 계산하는 일을, 벗어난 것이 없을 때까지 되풀이하십시오.
# `(한계 사전, 뺀 부분군 번호를 작은 것부터 담은 리스트)`를 돌려주십시오.
#
# > The log says that all of them were measured **right after a restart**, on warm parts. Points whose cause is known are removed.
# > **Exercise 2 (4 points).** `clean_limits(table)`: remove **all** subgroups whose mean or range is outside the limits, compute the limits again, repeat until none is outside. Return `(limits, list of removed subgroup numbers in rising order)`.


# %% nbgrader={"grade_id": "a02-clean", "solution": true}
def clean_limits(table):
    """(한계, 뺀 번호) · (limits, removed)."""
    ### BEGIN SOLUTION
    removed = []
    while True:
        kept = table.drop(index=removed)
        limits = control_limits(kept)
        means, ranges = kept.mean(axis=1), kept.max(axis=1) - kept.min(axis=1)
        inside = means.between(limits["mean"][0], limits["mean"][2])
        inside &= ranges.between(limits["range"][0], limits["range"][2])
        if inside.all():
            return limits, sorted(removed)
        removed += [int(number) for number in kept.index[~inside]]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a02-clean-test", "grade": true, "points": 4}
clean, removed = clean_limits(phase_one)
assert len(removed) >= 4, "재가동 직후의 부분군은 더 있습니다 · there are more subgroups after restarts"
assert clean["mean"][2] < phase_one.mean(axis=1).max(), "상한이 낮아져야 합니다 · the upper limit must come down"


### BEGIN HIDDEN TESTS
def removed_by_rule(table):
    out = []
    while True:
        kept = table.drop(index=out)
        mean_limits, range_limits = limits_of(kept)
        span = kept.max(axis=1) - kept.min(axis=1)
        bad = ~kept.mean(axis=1).between(mean_limits[0], mean_limits[2]) | (span > range_limits[2])
        if not bad.any():
            return sorted(out), mean_limits
        out += list(kept.index[bad])


points_clean = 0.0
for number in range(2):
    dirty, _ = control_chart.pieces_with_assignable_causes((hidden_seed() + number) % 2**64)
    wanted_removed, wanted_limits = removed_by_rule(dirty)
    found_limits, found_removed = clean_limits(dirty)
    points_clean += 1.0 * (list(found_removed) == wanted_removed) + 1.0 * np.allclose(
        found_limits["mean"], wanted_limits, atol=1e-5
    )
float(points_clean)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 공정능력: 99 %가 왜 틀렸는가 · Capability: why 99 % is wrong here
#
# 고객에게 보낼 지수입니다. $\hat\sigma$를 **어디서** 얻느냐가 모든 것을 가릅니다.
#
# $$C_p = \frac{U - L}{6\hat\sigma_w},\quad C_{pk} = \frac{\min(U - \bar{\bar x},\; \bar{\bar x} - L)}{3\hat\sigma_w},\quad \hat\sigma_w = \bar R / d_2\;(d_2 = 2.326)$$
#
# $P_p$와 $P_{pk}$는 같은 식에 **모든 값의 표준편차** $s$ (자유도 $n-1$)를 씁니다.
#
# **문제 3 (4점).** `capability(table)`: `{"cp", "cpk", "pp", "ppk"}` 사전을 돌려주십시오. 규격은 $L = 24.970$, $U = 25.030$ mm입니다.
#
# > The figures for the customer: **where** sigma comes from decides everything. $P_p$ and $P_{pk}$ use the standard deviation $s$ of **all values** ($n-1$) in the same formulas.
# > **Exercise 3 (4 points).** `capability(table)` returns the dictionary `{"cp", "cpk", "pp", "ppk"}` for the limits 24.970 and 25.030 mm.


# %% nbgrader={"grade_id": "a02-capability", "solution": true}
def capability(table):
    """cp, cpk (단기 · within), pp, ppk (장기 · overall)."""
    ### BEGIN SOLUTION
    values = table.to_numpy()
    room = min(25.030 - values.mean(), values.mean() - 24.970)
    within = (values.max(axis=1) - values.min(axis=1)).mean() / 2.326
    overall = values.std(ddof=1)
    return {
        "cp": 0.06 / (6 * within),
        "cpk": room / (3 * within),
        "pp": 0.06 / (6 * overall),
        "ppk": room / (3 * overall),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "a02-capability-test", "grade": true, "points": 4}
figures = capability(phase_one)
assert set(figures) == {"cp", "cpk", "pp", "ppk"}, "네 지수가 모두 있어야 합니다 · all four figures"
assert figures["cpk"] <= figures["cp"], "Cpk는 Cp보다 클 수 없습니다 · Cpk is never above Cp"
### BEGIN HIDDEN TESTS
drifting = control_chart.subgroups(
    hidden_seed(), "capability", 60, disturbance=control_chart.Disturbance.DRIFT, start=20, size=2.5
)
numbers = drifting.to_numpy()
nearest = min(25.030 - numbers.mean(), numbers.mean() - 24.970)
sigma_within = (numbers.max(axis=1) - numbers.min(axis=1)).mean() / 2.326
sigma_overall = numbers.std(ddof=1)
right = {
    "cp": 0.01 / sigma_within,
    "cpk": nearest / 3 / sigma_within,
    "pp": 0.01 / sigma_overall,
    "ppk": nearest / 3 / sigma_overall,
}
told = capability(drifting)
points_capability = sum(int(abs(float(told[name]) / right[name] - 1) < 0.002) for name in right)
points_capability
### END HIDDEN TESTS

# %% [markdown]
# 이제 공구가 닳아 평균이 밀려가는 공정입니다. 담당자는 "**Cp가 1보다 크니 99.7 % 이상이 양품**"이라고 보고했습니다. 실제 불량은 얼마나 될까요? 짐작한 다음 실행하십시오.
#
# > Now a process whose mean drifts with tool wear. The engineer reports: "**Cp is above 1, so more than 99.7 % of the parts are good.**" How many are really bad? Guess, then run.

# %%
drift = control_chart.subgroups(
    learner_seed(), "drift", 300, disturbance=control_chart.Disturbance.DRIFT, start=60, size=2.5
)
all_values = drift.to_numpy().ravel()
drift_figures = capability(drift)
bad_share = np.mean((all_values < control_chart.LOWER_MM) | (all_values > control_chart.UPPER_MM))
fig, ax = plt.subplots(figsize=(9, 3))
ax.plot(drift.mean(axis=1), color="#1f5fa8", lw=1, label="부분군 평균 · mean")
ax.axhline(control_chart.UPPER_MM, color="#c8102e", label="규격 상한 · tolerance")
ax.set(xlabel="부분군 번호 · subgroup", ylabel="mm")
ax.legend()
plt.show()
print(
    {name: round(float(value), 2) for name, value in drift_figures.items()},
    f"실제 불량률 · really bad: {bad_share:.2%}",
)

# %% [markdown]
# $C_p$는 평균이 어디에 있는지 보지 않고, $\hat\sigma_w$는 부분군 **안**만 봅니다. 시간에 따라 밀려가는 것은 보지 못하므로, 관리 상태가 아닌 공정에서 $C_p$와 $C_{pk}$는 **듣기 좋은 거짓말**을 합니다. $P_p$와 $P_{pk}$가 훨씬 낮으면 공정이 안정되어 있지 않다는 뜻입니다.
#
# 흔한 누설이 하나 더 있습니다. 감시할 데이터까지 **넣고** 한계를 계산하는 것입니다. 밀려간 점들이 한계를 넓혀 스스로를 숨깁니다. 한계는 언제나 **지난 안정 구간**에서 정합니다.
#
# > $C_p$ ignores where the mean is, and $\hat\sigma_w$ looks only **within** subgroups: for a process out of control both $C_p$ and $C_{pk}$ are **pleasant lies**. Much lower $P_p$ and $P_{pk}$ say that the process is not stable.
# > One more common leak: computing limits **with the data to be monitored**. The shifted points widen the limits and hide themselves. Limits come from a **past, stable** stretch.
#
# ## 5. 늦은 경보의 값 · The price of a late alarm
#
# - 평균이 밀린 뒤 경보까지 부분군 하나가 지날 때마다 선별 비용 **90,000원**
# - 아무 일도 없는데 세우면 (밀리기 **전**의 경보) **150,000원**
#
# **문제 4 (2점).** `loss_won(alarm, start)`: 첫 경보의 부분군 번호 `alarm`(없으면 `None`)과 평균이 밀리기 시작한 번호 `start`를 받아 손실(원)을 돌려주십시오.
# 밀리기 전의 경보면 150,000원, 아니면 `start`부터 경보까지(경보 부분군 **포함**) 부분군 수 × 90,000원. 경보가 없으면 100개를 놓친 것으로 칩니다.
#
# > Each subgroup between shift and alarm costs **90,000 won** of sorting; a stop for nothing (an alarm **before** the shift) **150,000 won**.
# > **Exercise 4 (2 points).** `loss_won(alarm, start)`: 150,000 for an alarm before `start`; otherwise 90,000 for each subgroup from `start` to the alarm, the alarm's **included**; no alarm (`None`) counts as 100 subgroups.


# %% nbgrader={"grade_id": "a02-loss", "solution": true}
def loss_won(alarm, start):
    """손실(원) · loss in won."""
    ### BEGIN SOLUTION
    if alarm is None:
        return 100 * 90_000
    return 150_000 if alarm < start else (alarm - start + 1) * 90_000
    ### END SOLUTION


# %% nbgrader={"grade_id": "a02-loss-test", "grade": true, "points": 2}
assert loss_won(10, 10) == 90_000, "바로 알아챘으면 부분군 하나입니다 · caught at once is one subgroup"
### BEGIN HIDDEN TESTS
assert loss_won(3, 10) == 150_000
assert loss_won(14, 10) == 450_000
assert loss_won(0, 0) == 90_000
assert loss_won(None, 10) == 9_000_000
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 작은 변화를 빨리 찾기 · Find small shifts early
#
# 공구가 조금 밀려 평균이 **0.5σ**만 변했습니다. 3σ 관리도는 언제 알아챌까요? 300번 되풀이해 봅시다. **평균 몇 부분군쯤 걸릴지 먼저 적어 두십시오.**
#
# > The mean moved by only **0.5σ**. When does a 3-sigma chart notice? Repeat it 300 times. **Write down your guess of the average delay first.**

# %%
centre, sigma = control_chart.process_of(learner_seed())
sigma_mean = sigma / np.sqrt(control_chart.SUBGROUP)


def shewhart_alarm(values, centre, sigma_mean):
    outside = np.flatnonzero(np.abs(np.asarray(values) - centre) > 3 * sigma_mean)
    return int(outside[0]) if len(outside) else None


shift = {"disturbance": control_chart.Disturbance.SHIFT, "size": 0.5}
practice = [
    control_chart.subgroups(learner_seed(), f"practice {i}", 120, **shift).mean(axis=1).to_numpy() for i in range(300)
]
delays = [120 if (a := shewhart_alarm(values, centre, sigma_mean)) is None else a + 1 for values in practice]
fig, ax = plt.subplots(figsize=(8, 3))
ax.hist(delays, bins=40, color="#1f5fa8")
ax.set(
    xlabel="경보까지 걸린 부분군 · subgroups until the alarm",
    ylabel="횟수 · count",
    title=f"평균 {np.mean(delays):.0f} 부분군 = {np.mean(delays) / 2:.0f}시간 · hours",
)
plt.show()

# %% [markdown]
# 3σ 관리도는 **마지막 점 하나**만 봅니다. 작은 변화는 여러 점을 **모아서** 보아야 드러납니다. 지수가중이동평균(EWMA)은 지난 점들을 조금씩 기억합니다:
#
# $$z_t = \lambda \bar x_t + (1 - \lambda) z_{t-1},\quad z_0 = \text{중심},\qquad \text{한계} = \text{중심} \pm L\,\sigma_{\bar x} \sqrt{\frac{\lambda}{2 - \lambda}\left(1 - (1-\lambda)^{2t}\right)}$$
#
# **문제 5 (7점).** `first_alarm(values, centre, sigma_mean)`: 부분군 평균의 배열을 받아 처음 경보를 낼 번호(0부터)를, 없으면 `None`을 돌려주십시오. EWMA, 누적합(CUSUM), 런 규칙 등 방법은 자유입니다.
#
# 채점: 0.5σ 변화를 찾는 데 걸린 평균 부분군 수. 3σ 관리도와 같으면 0점, 참고 풀이와의 거리를 80 % 이상 좁히면 7점입니다. 단, 아무 일도 없는 100 부분군에서 잘못 울리는 일이 **절반을 넘으면 0점**입니다. 미래의 점을 보고 과거에 경보를 낼 수도 없습니다.
#
# > A 3-sigma chart looks at **the last point alone**; small shifts show when many points are **put together**. EWMA remembers a little of each.
# > **Exercise 5 (7 points).** `first_alarm(values, centre, sigma_mean)` takes subgroup means and returns the number (from 0) of the first alarm, or `None`. EWMA, CUSUM, run rules: your choice.
# > Graded by the mean delay for a 0.5σ shift: 0 points at the 3-sigma chart, 7 when 80 % of the way to our reference is covered; **0 if more than half** of all quiet stretches of 100 subgroups ring. An alarm may not use points after it.


# %% nbgrader={"grade_id": "a02-alarm", "solution": true}
### BEGIN SOLUTION
def first_alarm(values, centre, sigma_mean):
    weight, width, memory = 0.2, 2.86, centre
    for t, value in enumerate(values, start=1):
        memory = weight * value + (1 - weight) * memory
        limit = width * sigma_mean * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * t)))
        if abs(memory - centre) > limit:
            return t - 1
    return None


### END SOLUTION

# %% nbgrader={"grade_id": "a02-alarm-test", "grade": true, "points": 7}
assert first_alarm([centre] * 30, centre, sigma_mean) is None, (
    "아무 변화가 없으면 경보도 없습니다 · no change, no alarm"
)
assert first_alarm([centre] * 5 + [centre + 6 * sigma_mean] * 5, centre, sigma_mean) in (5, 6), (
    "큰 변화는 곧바로 · a large shift at once"
)
my_delays = [120 if (a := first_alarm(values, centre, sigma_mean)) is None else a + 1 for values in practice[:60]]
print(f"내 평균 지연 · my mean delay: {np.mean(my_delays):.1f}   (3σ: {np.mean(delays):.1f})")
### BEGIN HIDDEN TESTS
middle, scatter = control_chart.process_of(hidden_seed())
error_of_mean = scatter / np.sqrt(control_chart.SUBGROUP)


def streams(name, count, length, size):
    kind = control_chart.Disturbance.SHIFT if size else control_chart.Disturbance.NONE
    made = (
        control_chart.subgroups(hidden_seed(), f"{name} {i}", length, disturbance=kind, size=size) for i in range(count)
    )
    return np.array([table.mean(axis=1) for table in made])


def first_outside(outside):
    return np.where(outside.any(axis=1), outside.argmax(axis=1) + 1, outside.shape[1])


def ewma_outside(data, weight=0.2, width=2.86):
    memory, result = np.full(len(data), middle), np.zeros(data.shape, bool)
    for t in range(data.shape[1]):
        memory = weight * data[:, t] + (1 - weight) * memory
        result[:, t] = np.abs(memory - middle) > width * error_of_mean * np.sqrt(
            weight / (2 - weight) * (1 - (1 - weight) ** (2 * t + 2))
        )
    return result


shifted, quiet = streams("shifted", 100, 120, 0.5), streams("quiet", 60, 100, 0)
alarms = [first_alarm(values, middle, error_of_mean) for values in shifted]
delay = float(np.mean([120 if number is None else int(number) + 1 for number in alarms]))
false_share = float(np.mean([first_alarm(values, middle, error_of_mean) is not None for values in quiet]))
delay_naive = float(first_outside(np.abs(shifted - middle) > 3 * error_of_mean).mean())
delay_reference = float(first_outside(ewma_outside(shifted)).mean())
delay_mark = delay_naive - 0.8 * (delay_naive - delay_reference)
honest = all(
    number is None or first_alarm(values[: int(number) + 1], middle, error_of_mean) == number
    for values, number in zip(shifted[:20], alarms, strict=False)
)
measured = {
    "delay": delay,
    "delay_naive": delay_naive,
    "delay_reference": delay_reference,
    "delay_mark": delay_mark,
    "false_share": false_share,
}
7 * float(np.clip((delay_naive - delay) / (delay_naive - delay_mark), 0, 1)) * float(honest and false_share <= 0.5)
### END HIDDEN TESTS

# %% [markdown]
# 같은 변화를 두 방법으로 지켜보고 손실을 원으로 비교합니다. 변화는 40번째 부분군에서 시작합니다. **어느 쪽이 얼마나 쌀까요?**
#
# > Watch the same shift with both methods and compare in won; it starts at subgroup 40. **Which is cheaper, and by how much?**

# %%
late = [
    control_chart.subgroups(learner_seed(), f"cost {i}", 140, start=40, **shift).mean(axis=1).to_numpy()
    for i in range(100)
]
losses = {
    name: [loss_won(rule(values, centre, sigma_mean), 40) for values in late]
    for name, rule in (("3σ", shewhart_alarm), ("내 규칙 · mine", first_alarm))
}
pd.DataFrame(
    {
        name: {
            "평균 손실 · mean loss": won(np.mean(values)),
            "잘못 울림 · rang for nothing": f"{np.mean(np.array(values) == 150_000):.0%}",
        }
        for name, values in losses.items()
    }
).T

# %% [markdown]
# **문제 6 (5점, 사람이 채점).** 이 축의 **관리 계획**을 한 문단으로 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 고객에게 보고할 지수와 그 값, 그리고 왜 그 지수인지 (2점)
# 2. 어떤 관리도로 감시하고, 경보가 울리면 누가 무엇을 먼저 확인하는지 (2점)
# 3. 한계를 언제 다시 계산해야 하는지 (1점)
#
# > **Exercise 6 (5 points, graded by a person).** Write a **control plan** for this shaft (5–8 sentences): which figure you report, its value and why that one (2); which chart watches the process, and who checks what first when it rings (2); when the limits must be computed again (1).

# %% [markdown] nbgrader={"grade_id": "a02-plan", "grade": true, "solution": true, "points": 5}
# 고객에게는 Ppk를 Cpk와 함께 보고한다. 이상 원인을 뺀 안정 구간에서 두 값이 거의 같아 공정이 관리 상태임을 보여 주기 때문이다.
# 감시는 부분군 평균의 EWMA(λ = 0.2, L = 2.86)와 범위 관리도로 한다. 0.5σ 변화를 3σ 관리도보다 서너 배 빨리 찾는다.
# 경보가 울리면 작업자가 먼저 측정기와 부품 온도를, 다음으로 공구 마모를 확인하고 반장에게 알린다.
# 한계는 공구 종류, 소재, 설비 정비처럼 공정이 바뀔 때마다 안정된 부분군 25개 이상으로 다시 계산한다.
