# %% [markdown]
# An honest solution in another style: many randomised rules, then swaps of neighbours and of distant pairs with a
# threshold that sinks in steps (threshold accepting); validity by sorting all operations of a machine.

# %% nbgrader={"grade_id": "a11-starts"}
def starts_of(machines, minutes, sequence):
    step, job_end = np.zeros(len(machines), int), np.zeros(len(machines))
    machine_end = np.zeros(1 + max(max(row) for row in machines))
    table = np.zeros((len(machines), len(machines[0])), int)
    for job in sequence:
        machine = machines[job][step[job]]
        table[job, step[job]] = max(job_end[job], machine_end[machine])
        job_end[job] = machine_end[machine] = table[job, step[job]] + minutes[job][step[job]]
        step[job] += 1
    return table.tolist()


# %% nbgrader={"grade_id": "a11-valid"}
def can_run(machines, minutes, starts):
    begin, length, machine = np.array(starts), np.array(minutes), np.array(machines)
    if (begin < 0).any() or (begin[:, 1:] < (begin + length)[:, :-1]).any():
        return False
    for number in range(machine.max() + 1):
        rows = np.argsort(begin[machine == number])
        if (begin[machine == number][rows][1:] < (begin + length)[machine == number][rows][:-1]).any():
            return False
    return True


# %% nbgrader={"grade_id": "a11-bound"}
def lower_bound(machines, minutes):
    flat = pd.DataFrame({"machine": np.ravel(machines), "minutes": np.ravel(minutes)})
    return int(max(flat.groupby("machine")["minutes"].sum().max(), np.sum(minutes, axis=1).max()))


# %% nbgrader={"grade_id": "a11-cost"}
def overtime_won(span, bound):
    regular = bound * 5 / 4
    return (span - regular) * 30_000 if span > regular else 0


# %% nbgrader={"grade_id": "a11-plan"}
import random


def total_minutes(machines, minutes, sequence):
    where, orders, tools = [0] * len(machines), [0] * len(machines), {}
    for job in sequence:
        machine = machines[job][where[job]]
        orders[job] = max(orders[job], tools.get(machine, 0)) + minutes[job][where[job]]
        tools[machine] = orders[job]
        where[job] += 1
    return max(orders)


def improve(machines, minutes, sequence, dice, tries):
    now = total_minutes(machines, minutes, sequence)
    best, best_now, allowed = list(sequence), now, 0.02 * now
    for number in range(tries):
        if number % (tries // 40) == 0:
            allowed *= 0.9
        one = dice.randrange(len(sequence))
        two = min(len(sequence) - 1, max(0, one + dice.randint(-15, 15)))
        other = list(sequence)
        other.insert(two, other.pop(one))
        after = total_minutes(machines, minutes, other)
        if after <= now + allowed * dice.random():
            sequence, now = other, after
            if now < best_now:
                best, best_now = list(sequence), now
    return best_now, best


def plan(machines, minutes):
    dice = random.Random(11)
    found = []
    for _ in range(2):
        start = by_rule(machines, minutes, lambda waiting: -waiting[1] * dice.uniform(0.7, 1.3))
        found.append(improve(machines, minutes, start, dice, 30_000))
    return starts_of(machines, minutes, min(found)[1])
