# %% [markdown]
# Usual slips: tolerances used as control limits, half the range, Cpk without the nearer side, an alarm at any point
# beyond one sigma.

# %% nbgrader={"grade_id": "a02-limits"}
def control_limits(table):
    return {"mean": (24.970, 25.000, 25.030), "range": (0.0, 0.03, 0.06)}


# %% nbgrader={"grade_id": "a02-capability"}
def capability(table):
    values = table.to_numpy()
    s = values.std()
    return {"cp": 0.06 / (3 * s), "cpk": 0.06 / (6 * s), "pp": 0.06 / (3 * s), "ppk": 0.06 / (6 * s)}


# %% nbgrader={"grade_id": "a02-loss"}
def loss_won(alarm, start):
    return abs(alarm - start) * 90_000


# %% nbgrader={"grade_id": "a02-alarm"}
def first_alarm(values, centre, sigma_mean):
    outside = np.flatnonzero(np.abs(np.asarray(values) - centre) > sigma_mean)
    return int(outside[0]) if len(outside) else None
