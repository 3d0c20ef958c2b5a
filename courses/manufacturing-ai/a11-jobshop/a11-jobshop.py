# %% [markdown]
# # A11. 작업 일정 최적화 · Job-shop scheduling
#
# 창원의 한 방산 부품 공장은 설비 10대로 주문 10건을 한꺼번에 돌립니다. 주문마다 설비를 거치는 순서가 다르고, 한 설비는 한 번에 하나만 깎습니다. 생산계획 담당자는 엑셀로 일정을 짭니다.
# 지난주에는 마지막 부품이 예정보다 네 시간 늦게 나와 잔업을 했습니다. **같은 설비, 같은 주문으로 더 빨리 끝낼 수 있을까요?**
#
# > A defence-parts plant in Changwon runs ten orders over ten machines at once. Each order visits the machines in an order of its own, and a machine works on one part at a time. The planner uses a spreadsheet, and last week ended in four hours of overtime.
# > **Can the same orders on the same machines be finished sooner?**
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1–2 | 간트 차트, 순서를 시각으로 · Gantt chart; from sequence to times | 4 |
# | 3 | 가동률 99 %가 왜 틀렸는가 · why 99 % is wrong here | 4 |
# | 4 | 아무리 잘해도 · no plan can be shorter | 3 |
# | 5 | 잔업의 값 · the price of overtime | 2 |
# | 6–7 | 기준선, 더 나은 일정 · baseline, a better plan | 7 |
# | 8 | 생산 회의 · production meeting (사람이 채점 · graded by a person) | 5 |
#
# 문제는 1963년과 1984년에 발표되어 지금까지 쓰이는 표준 문제이고, **가장 짧은 일정이 몇 분인지 증명되어 있습니다.** 주문과 설비 번호는 여러분의 시드로 바꾸었습니다.
#
# > These are classic instances of 1963 and 1984 whose **shortest makespan has been proven**; orders and machines carry numbers of your own seed.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import job_shop

prepare_notebook()
week = job_shop.renamed(job_shop.instance(f"la{16 + learner_seed() % 5}"), learner_seed())
machines, minutes = [list(row) for row in week.machines], [list(row) for row in week.minutes]
pd.DataFrame(
    [[f"설비 {m} · {t}분" for m, t in zip(*pair, strict=True)] for pair in zip(machines, minutes, strict=True)],
    index=[f"주문 · job {job}" for job in range(week.jobs)],
)

# %% [markdown]
# ## 1. 일정을 그려 봅니다 · Draw a plan
#
# 한 줄이 주문 하나이고, 칸마다 거칠 설비와 걸리는 시간(분)입니다. 주문을 **하나씩 차례로 끝까지** 처리하면 어떻게 될까요? 그림은 설비 대신 주문을 색으로 보여 줍니다. **빈 곳은 얼마나 될까요?**
#
# > One row is an order; each cell is a machine and its minutes. What if orders are done **one after the other, each to its end**? Colours are orders. **How much is idle?**


# %%
def draw(starts, title):
    """간트 차트 · Gantt chart of starts (jobs x operations)."""
    _, ax = plt.subplots(figsize=(9, 3.4))
    colours = plt.get_cmap("tab20")
    for job in range(len(machines)):
        for machine, length, start in zip(machines[job], minutes[job], starts[job], strict=True):
            ax.barh(machine, length, left=start, color=colours(job % 20), edgecolor="white", lw=0.5)
    ax.set(xlabel="시각 · time (분 · min)", ylabel="설비 · machine", title=title)
    plt.show()


one_by_one = [job for job in range(week.jobs) for _ in machines[job]]
first_plan = job_shop.starts_from_sequence(week, one_by_one)
draw(first_plan, f"하나씩 차례로 · one by one: {job_shop.makespan(week, first_plan)} 분 · min")

# %% [markdown]
# ## 2. 순서에서 시각으로 · From a sequence to times
#
# 일정은 **주문 번호의 나열**로 적을 수 있습니다. 번호가 $k$번째로 나오면 그 주문의 $k$번째 작업입니다. 나열한 순서대로, 작업을 **할 수 있는 가장 이른 시각**에 시작합니다: 그 주문의 앞 작업이 끝났고, 그 설비가 비었을 때입니다.
#
# **문제 1 (4점).** `starts_of(machines, minutes, sequence)`: 주문마다 작업의 시작 시각(분)을 담은 리스트의 리스트를 돌려주십시오.
#
# > A plan can be written as a **list of order numbers**: the $k$-th mention is the order's $k$-th operation. In this order, each operation starts **as early as possible**: when the order's previous operation has ended and the machine is free.
# > **Exercise 1 (4 points).** `starts_of(machines, minutes, sequence)` returns the start times as a list of lists (orders × operations).


# %% nbgrader={"grade_id": "a11-starts", "solution": true}
def starts_of(machines, minutes, sequence):
    """작업마다 시작 시각 · start of each operation."""
    ### BEGIN SOLUTION
    starts = [[] for _ in machines]
    job_free, machine_free = [0] * len(machines), {}
    for job in sequence:
        step = len(starts[job])
        machine = machines[job][step]
        start = max(job_free[job], machine_free.get(machine, 0))
        starts[job].append(start)
        job_free[job] = machine_free[machine] = start + minutes[job][step]
    return starts
    ### END SOLUTION


# %% nbgrader={"grade_id": "a11-starts-test", "grade": true, "points": 4}
assert starts_of([[0, 1], [1, 0]], [[3, 2], [2, 4]], [0, 1, 1, 0]) == [[0, 3], [0, 3]], (
    "설비 0은 3분에 비고, 두 주문은 함께 돌 수 있습니다 · machine 0 is free at 3; both orders can run together"
)
assert [list(row) for row in starts_of(machines, minutes, one_by_one)] == first_plan.tolist(), (
    "위 그림과 같아야 합니다 · must be the plan above"
)
### BEGIN HIDDEN TESTS
dice = np.random.default_rng(hidden_seed() % 2**32)
points_starts = 0
for instance_name in ("ft06", "la02", "la18", "ft20"):
    puzzle = job_shop.renamed(job_shop.instance(instance_name), hidden_seed())
    order = dice.permutation(np.repeat(np.arange(puzzle.jobs), puzzle.machine_count)).tolist()
    answer = starts_of([list(r) for r in puzzle.machines], [list(r) for r in puzzle.minutes], order)
    right = job_shop.starts_from_sequence(puzzle, order)
    points_starts += int(np.array_equal(np.array([list(row) for row in answer]), right))
points_starts
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 가동률 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 한 업체의 "AI 일정"은 가동률 99 %를 약속합니다. 그 일정을 받아 계산해 보았습니다. **믿기 전에, 현장에서 돌릴 수 있는 일정인지 그림에서 확인하십시오.**
#
# > A vendor's "AI plan" promises 99 % utilisation. **Before you believe it, see in the figure whether the shop could run it.**

# %%
work_of = pd.Series(np.concatenate(minutes)).groupby(np.concatenate(machines)).sum()
vendor_plan = [np.concatenate([[0], np.cumsum(row)[:-1]]).tolist() for row in minutes]
vendor_span = max(start[-1] + row[-1] for start, row in zip(vendor_plan, minutes, strict=True))
print(
    f"{vendor_span} 분 · min, 가장 바쁜 설비의 가동률 · utilisation of the busiest machine: {work_of.max() / vendor_span:.0%}"
)
draw(vendor_plan, "업체의 일정 · the vendor's plan")

# %% [markdown]
# 주문마다 기다리지 않고 죽 이어서 깎으니 빠를 수밖에 없습니다. 그러나 **한 설비에 주문이 겹쳐 있습니다.** 제약을 어긴 답은 아무리 좋아 보여도 답이 아닙니다. A03의 누설과 같습니다. 점수를 보기 전에 *"현장에서 할 수 있는가?"* 를 먼저 묻습니다.
#
# **문제 2 (4점).** `can_run(machines, minutes, starts)`: 일정이 다음을 **모두** 지키면 `True`, 하나라도 어기면 `False`.
#
# 1. 시작 시각은 0 이상
# 2. 한 주문의 작업은 차례대로, 앞 작업이 끝난 뒤에 시작
# 3. 한 설비는 한 번에 하나만 (끝난 바로 그 순간 다음을 시작해도 됩니다)
#
# > No order ever waits, so it is fast, but **orders overlap on a machine**. An answer that breaks the constraints is no answer, however good it looks; as with leakage in A03, ask *"can the shop do this?"* before looking at the score.
# > **Exercise 2 (4 points).** `can_run(machines, minutes, starts)` is `True` if starts are not negative, operations of an order come in order, each after the end of the one before, and a machine works on one at a time (the next may start at the very moment the last ends); `False` otherwise.


# %% nbgrader={"grade_id": "a11-valid", "solution": true}
def can_run(machines, minutes, starts):
    """현장에서 돌릴 수 있는 일정인가 · whether the shop can run the plan."""
    ### BEGIN SOLUTION
    busy = {}
    for job, row in enumerate(starts):
        free = 0
        for machine, length, start in zip(machines[job], minutes[job], row, strict=True):
            if start < free:
                return False
            free = start + length
            busy.setdefault(machine, []).append((start, free))
    return all(a[1] <= b[0] for spans in busy.values() for a, b in zip(sorted(spans), sorted(spans)[1:], strict=False))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a11-valid-test", "grade": true, "points": 4}
assert bool(can_run(machines, minutes, first_plan.tolist())) is True, (
    "하나씩 차례로는 돌릴 수 있습니다 · one by one can be run"
)
assert bool(can_run(machines, minutes, vendor_plan)) is False, "업체의 일정은 겹칩니다 · the vendor's plan overlaps"
### BEGIN HIDDEN TESTS
shop = job_shop.renamed(job_shop.instance("la19"), hidden_seed())
shop_m, shop_t = [list(r) for r in shop.machines], [list(r) for r in shop.minutes]
shuffled = np.random.default_rng(hidden_seed() % 2**32).permutation(np.repeat(np.arange(10), 10)).tolist()
good = job_shop.starts_from_sequence(shop, shuffled)
negative, hurried_job, clash = good - 1, good.copy(), good.copy()
hurried_job[3, 4] = hurried_job[3, 3]
one_machine = np.argwhere(np.array(shop.machines) == 2)
by_start = one_machine[np.argsort(good[tuple(one_machine.T)])]
(job_a, step_a), (job_b, step_b) = by_start[4], by_start[5]
clash[job_a, step_a:] += clash[job_b, step_b] - clash[job_a, step_a]
cases = ((good, True), (good + 7, True), (negative, False), (hurried_job, False), (clash, False))
assert [not job_shop.violations(shop, plan) for plan, _ in cases] == [wanted for _, wanted in cases]
told = [bool(can_run(shop_m, shop_t, plan.tolist())) for plan, _ in cases]
points_valid = int(told[0] and told[1]) * (1 + sum(not verdict for verdict in told[2:]))
points_valid
### END HIDDEN TESTS

# %% [markdown]
# ## 4. 아무리 잘해도 · No plan can be shorter
#
# 어떤 일정도 **가장 긴 주문**보다 짧을 수 없고, **가장 바쁜 설비의 일**보다 짧을 수 없습니다. 이 하한을 알면 지금 일정이 얼마나 좋은지 말할 수 있습니다.
#
# **문제 3 (3점).** `lower_bound(machines, minutes)`: 두 값 가운데 큰 것(분)을 돌려주십시오.
#
# > No plan is shorter than **the longest order** or than **the work of the busiest machine**. Knowing this bound, one can say how good a plan is.
# > **Exercise 3 (3 points).** `lower_bound(machines, minutes)` returns the larger of the two, in minutes.


# %% nbgrader={"grade_id": "a11-bound", "solution": true}
def lower_bound(machines, minutes):
    """하한(분) · lower bound in minutes."""
    ### BEGIN SOLUTION
    work = {}
    for row, lengths in zip(machines, minutes, strict=True):
        for machine, length in zip(row, lengths, strict=True):
            work[machine] = work.get(machine, 0) + length
    return max(*work.values(), *(sum(row) for row in minutes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a11-bound-test", "grade": true, "points": 3}
assert lower_bound([[0, 1], [0, 1]], [[3, 9], [5, 1]]) == 12, "가장 긴 주문이 12분입니다 · the longest order takes 12"
assert lower_bound([[0, 1], [0, 1]], [[8, 1], [7, 1]]) == 15, (
    "설비 0의 일이 15분입니다 · machine 0 has 15 minutes of work"
)
### BEGIN HIDDEN TESTS
points_bound = 0
for instance_name in ("la01", "la17", "ft20"):
    puzzle = job_shop.renamed(job_shop.instance(instance_name), hidden_seed())
    answer = lower_bound([list(r) for r in puzzle.machines], [list(r) for r in puzzle.minutes])
    points_bound += int(abs(answer - puzzle.lower_bound) < 1e-9)
points_bound
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 잔업의 값 · The price of overtime
#
# 정규 시간은 하한의 **1.25배**로 잡아 두었습니다. 그 시간을 넘으면 잔업이고, 넘은 **1분마다 30,000원**입니다. 넘지 않으면 0원입니다.
#
# **문제 4 (2점).** `overtime_won(span, bound)`: 일정의 길이(분)와 하한(분)에서 잔업비(원)를 돌려주십시오.
#
# > Regular time is **1.25 times** the bound; **each minute** beyond it costs **30,000 won**.
# > **Exercise 4 (2 points).** `overtime_won(span, bound)` returns the cost of overtime in won.


# %% nbgrader={"grade_id": "a11-cost", "solution": true}
def overtime_won(span, bound):
    """잔업비(원) · overtime in won."""
    ### BEGIN SOLUTION
    return 30_000 * max(0, span - 1.25 * bound)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a11-cost-test", "grade": true, "points": 2}
assert overtime_won(130, 100) == 150_000, "5분을 넘었습니다 · five minutes too long"
assert overtime_won(120, 100) == 0, "정규 시간 안입니다 · within regular time"
### BEGIN HIDDEN TESTS
for span_now in (700, 901, 1333):
    assert abs(overtime_won(span_now, 720) - 30_000 * max(0, span_now - 900)) < 1
### END HIDDEN TESTS

# %% [markdown]
# ## 6. 현장의 규칙이 기준선입니다 · The shop's rules are the baseline
#
# 현장은 규칙으로 정합니다. **짧은 작업부터(SPT)**, 또는 **남은 일이 많은 주문부터(MWKR)**. 설비가 빌 때마다 기다리는 주문 가운데 규칙이 고른 것을 넣습니다. **어느 쪽이 나을까요?**
#
# > The shop decides by rule: **shortest operation first (SPT)** or **most work remaining first (MWKR)**, each time a machine falls free. **Which is better?**


# %%
def by_rule(machines, minutes, rule):
    """규칙으로 만든 순서 · sequence made by a rule, rule((length, work_left)) small first."""
    done, job_free, machine_free, sequence = [0] * len(machines), [0] * len(machines), {}, []
    left = [sum(row) for row in minutes]
    while any(left):
        ready = [job for job in range(len(machines)) if done[job] < len(machines[job])]
        begin = {job: max(job_free[job], machine_free.get(machines[job][done[job]], 0)) for job in ready}
        soonest = min(ready, key=lambda job: begin[job] + minutes[job][done[job]])
        machine, until = machines[soonest][done[soonest]], begin[soonest] + minutes[soonest][done[soonest]]
        rivals = [job for job in ready if machines[job][done[job]] == machine and begin[job] < until]
        job = min(rivals, key=lambda rival: rule((minutes[rival][done[rival]], left[rival])))
        sequence.append(job)
        job_free[job] = machine_free[machine] = begin[job] + minutes[job][done[job]]
        left[job] -= minutes[job][done[job]]
        done[job] += 1
    return sequence


bound = lower_bound(machines, minutes)
for name, rule in (("SPT", lambda waiting: waiting[0]), ("MWKR", lambda waiting: -waiting[1])):
    span = job_shop.makespan(week, job_shop.starts_from_sequence(week, by_rule(machines, minutes, rule)))
    print(
        f"{name}: {span} 분 · min, 하한보다 · above the bound {span / bound - 1:.0%}, {won(overtime_won(span, bound))}"
    )
print(f"증명된 최단 · proven optimum: {week.best} 분 · min")

# %% [markdown]
# ## 7. 더 나은 일정 · A better plan
#
# 규칙은 한 번 정하면 돌아보지 않습니다. **조금 바꾸어 보고, 나아지면 받아들이는** 일을 되풀이하면 어떨까요? 순서에서 번호 하나를 빼어 다른 자리에 넣고 길이를 다시 잽니다. 나빠져도 처음에는 가끔 받아들이고 점점 엄격해지면(담금질) 막다른 골목에서 빠져나올 수 있습니다.
#
# **문제 5 (7점).** `plan(machines, minutes)`: 돌릴 수 있는 일정의 시작 시각(리스트의 리스트)을 돌려주십시오.
#
# - 되풀이는 **초가 아니라 횟수로** 끝내십시오(예: 30,000번). 바쁜 컴퓨터에서도 같은 답이 나오도록 난수의 시드를 정하십시오. 한 문제에 10초를 넘기지 마십시오.
# - 시작은 좋은 규칙의 순서에서. 길이만 재는 함수를 따로 두면 빠릅니다.
#
# 채점: 다른 문제 셋에서 증명된 최단보다 평균 몇 % 긴지 잽니다. 두 규칙 가운데 나은 쪽과 같으면 0점, **5 % 이하면 7점**, 그 사이는 비례합니다. 하나라도 돌릴 수 없는 일정이면 0점입니다.
#
# > Rules never look back. Better: **change a little, keep what improves**, again and again: take one number out of the sequence, put it elsewhere, measure. Accept some worsening at first, less and less later (annealing), to leave dead ends.
# > **Exercise 5 (7 points).** `plan(machines, minutes)` returns the starts of a plan that can be run. Stop after a **number of tries, not seconds** (30,000, say), with a fixed random seed; at most 10 s a problem.
# > Graded on three other instances by the mean excess over the proven optimum: 0 points at the better of the two rules, **7 at 5 % or less**, proportional in between; 0 if a plan can't be run.


# %% nbgrader={"grade_id": "a11-plan", "solution": true}
### BEGIN SOLUTION
def length_of(machines, minutes, sequence):
    done, job_free, machine_free = [0] * len(machines), [0] * len(machines), [0] * 100
    for job in sequence:
        step = done[job]
        machine = machines[job][step]
        start = max(job_free[job], machine_free[machine])
        job_free[job] = machine_free[machine] = start + minutes[job][step]
        done[job] = step + 1
    return max(job_free)


def anneal(machines, minutes, seed, tries=30_000):
    rng = np.random.default_rng(seed)
    current = by_rule(machines, minutes, lambda waiting: -waiting[1] * rng.uniform(0.8, 1.2))
    span = length_of(machines, minutes, current)
    best, best_span, heat = current, span, 0.01 * span
    places, luck = rng.integers(0, len(current), (tries, 2)).tolist(), np.log(rng.random(tries)).tolist()
    for number, (taken, put) in enumerate(places):
        changed = current.copy()
        changed.insert(put, changed.pop(taken))
        changed_span = length_of(machines, minutes, changed)
        if span - changed_span >= luck[number] * heat * (1 - number / tries):
            current, span = changed, changed_span
            if span < best_span:
                best, best_span = current, span
    return best_span, best


def plan(machines, minutes):
    _, sequence = min(anneal(machines, minutes, seed) for seed in (1, 2))
    return starts_of(machines, minutes, sequence)


### END SOLUTION


# %% nbgrader={"grade_id": "a11-plan-test", "grade": true, "points": 7}
### BEGIN HIDDEN TESTS
def rule_span(puzzle, rule):
    done, job_free, machine_free = [0] * puzzle.jobs, [0] * puzzle.jobs, [0] * puzzle.machine_count
    left = [sum(row) for row in puzzle.minutes]
    while any(left):
        ready = [job for job in range(puzzle.jobs) if left[job]]
        begin = {job: max(job_free[job], machine_free[puzzle.machines[job][done[job]]]) for job in ready}
        ends = {job: begin[job] + puzzle.minutes[job][done[job]] for job in ready}
        soonest = min(ready, key=lambda job: ends[job])
        machine = puzzle.machines[soonest][done[soonest]]
        rivals = [j for j in ready if puzzle.machines[j][done[j]] == machine and begin[j] < ends[soonest]]
        job = min(rivals, key=lambda rival: rule((puzzle.minutes[rival][done[rival]], left[rival])))
        job_free[job] = machine_free[machine] = ends[job]
        left[job] -= puzzle.minutes[job][done[job]]
        done[job] += 1
    return max(job_free)


exam_names = np.random.default_rng(hidden_seed() % 2**32).permutation(["la02", "la03", "la04", "la17", "la18", "la20"])
exam = [job_shop.renamed(job_shop.instance(str(name)), hidden_seed()) for name in exam_names[:3]]
rules = (lambda waiting: waiting[0], lambda waiting: -waiting[1])
excess_naive = float(np.mean([min(rule_span(p, rule) for rule in rules) / p.best - 1 for p in exam]))

### END HIDDEN TESTS
my_plan = np.array([list(row) for row in plan(machines, minutes)])
assert bool(can_run(machines, minutes, my_plan.tolist())), "돌릴 수 없는 일정입니다 · the shop can't run this plan"
my_span = job_shop.makespan(week, my_plan)
print(f"{my_span} 분 · min, 최단보다 · above the optimum {my_span / week.best - 1:.1%}")
### BEGIN HIDDEN TESTS
plans = [np.array([list(r) for r in plan([list(r) for r in p.machines], [list(r) for r in p.minutes])]) for p in exam]
runnable = all(not job_shop.violations(p, starts) for p, starts in zip(exam, plans, strict=True))
excess = float(np.mean([job_shop.makespan(p, s) / p.best - 1 for p, s in zip(exam, plans, strict=True)]))
measured = {"excess": excess, "excess_naive": excess_naive}
runnable * 7 * float(np.clip((excess_naive - excess) / (excess_naive - 0.05), 0, 1))
### END HIDDEN TESTS

# %%
draw(my_plan, f"내 일정 · my plan: {my_span} 분 · min")
print("설비별 가동률 · utilisation:", (work_of / my_span).map("{:.0%}".format).to_dict())

# %% [markdown]
# ## 8. 생산 회의 · Production meeting
#
# **문제 6 (5점, 사람이 채점).** 생산 회의에 낼 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. 규칙과 내 일정의 길이와 잔업비를 자신의 숫자로 견주고, 최단까지 얼마나 남았는지 쓰십시오. (2점)
# 2. 하한, 증명된 최단, 내 일정 세 숫자가 서로 어떤 관계이며, 하한보다 짧다는 일정을 받으면 무엇을 의심해야 하는지 설명하십시오. (2점)
# 3. 한 설비를 더 산다면 어느 것이어야 하는지, 그림과 가동률에서 근거를 들어 한 가지를 제안하십시오. (1점)
#
# > **Exercise 6 (5 points, graded by a person).** For the production meeting (5–8 sentences): lengths and overtime of the rules and of your plan in your figures, and what is left to the optimum (2); how bound, proven optimum and your plan relate, and what to suspect of a plan shorter than the bound (2); which machine you would buy a second of, with evidence (1).

# %% [markdown] nbgrader={"grade_id": "a11-meeting", "grade": true, "solution": true, "points": 5}
# 짧은 작업부터 하는 규칙은 최단보다 50 % 남짓, 남은 일이 많은 주문부터 하는 규칙은 20 % 남짓 깁니다. 담금질로 찾은 일정은 최단보다 3 % 길고 잔업비가 거의 들지 않습니다.
# 하한 ≤ 증명된 최단 ≤ 내 일정입니다. 하한은 설비가 겹치지 않는다는 조건을 다 쓰지 않은 값이라 최단보다 짧을 수 있습니다. 하한보다 짧은 일정은 제약을 어긴 것이므로, 한 설비에 주문이 겹치는지와 작업의 차례부터 확인합니다.
# 가동률이 가장 높고 그림에서 빈틈이 거의 없는 설비가 병목이므로 그 설비를 하나 더 두자고 제안합니다.
