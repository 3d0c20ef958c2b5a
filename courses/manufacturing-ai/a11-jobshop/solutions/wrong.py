# %% [markdown]
# Usual slips: the machine forgotten in the start, overlaps not looked for, the mean for the maximum, overtime counted twice.

# %% nbgrader={"grade_id": "a11-starts"}
def starts_of(machines, minutes, sequence):
    starts, free = [[] for _ in machines], 0
    for job in sequence:
        starts[job].append(free)
        free += minutes[job][len(starts[job]) - 1]
    return starts


# %% nbgrader={"grade_id": "a11-valid"}
def can_run(machines, minutes, starts):
    return all(list(row) == sorted(row) for row in starts)


# %% nbgrader={"grade_id": "a11-bound"}
def lower_bound(machines, minutes):
    return float(np.mean([sum(row) for row in minutes]))


# %% nbgrader={"grade_id": "a11-cost"}
def overtime_won(span, bound):
    return 30_000 * (span - bound)


# %% nbgrader={"grade_id": "a11-plan"}
def plan(machines, minutes):
    return starts_of(machines, minutes, [job for job in range(len(machines)) for _ in machines[job]])
