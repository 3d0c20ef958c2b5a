# %% [markdown]
# An honest solution in another style: NumPy only, a set of removed numbers, and a CUSUM chart (k = 0.5, h = 4.77).

# %% nbgrader={"grade_id": "a02-limits"}
def control_limits(table):
    data = np.asarray(table)
    middle, width = data.mean(), np.ptp(data, axis=1).mean()
    return {"mean": [middle - 0.577 * width, middle, middle + 0.577 * width], "range": [0, width, width * 2.114]}


# %% nbgrader={"grade_id": "a02-clean"}
def clean_limits(table):
    gone = set()
    while True:
        kept = table.loc[[number for number in table.index if number not in gone]]
        limits = control_limits(kept)
        low, _, high = limits["mean"]
        bad = {n for n, row in kept.iterrows() if not low <= row.mean() <= high or np.ptp(row) > limits["range"][2]}
        if not bad:
            return limits, sorted(gone)
        gone |= bad


# %% nbgrader={"grade_id": "a02-capability"}
def capability(table):
    data = table.to_numpy()
    result = {}
    for letter, sigma in (("c", np.ptp(data, axis=1).mean() / 2.326), ("p", np.std(data, ddof=1))):
        sides = [(25.03 - data.mean()) / (3 * sigma), (data.mean() - 24.97) / (3 * sigma)]
        result[letter + "p"], result[letter + "pk"] = sum(sides) / 2, min(sides)
    return result


# %% nbgrader={"grade_id": "a02-loss"}
def loss_won(alarm, start):
    if alarm is not None and alarm < start:
        return 150_000
    return 90_000 * (100 if alarm is None else alarm + 1 - start)


# %% nbgrader={"grade_id": "a02-alarm"}
def first_alarm(values, centre, sigma_mean):
    up = down = 0.0
    for number, value in enumerate(values):
        step = (value - centre) / sigma_mean
        up, down = max(0.0, up + step - 0.5), max(0.0, down - step - 0.5)
        if max(up, down) > 4.77:
            return number
    return None
