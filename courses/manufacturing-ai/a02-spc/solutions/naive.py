# %% [markdown]
# Limits from all data as they are, one standard deviation for everything, the plain 3-sigma chart.

# %% nbgrader={"grade_id": "a02-clean"}
def clean_limits(table):
    return control_limits(table), []


# %% nbgrader={"grade_id": "a02-capability"}
def capability(table):
    values = table.to_numpy()
    s = values.std(ddof=1)
    room = min(25.030 - values.mean(), values.mean() - 24.970)
    return {"cp": 0.06 / (6 * s), "cpk": room / (3 * s), "pp": 0.06 / (6 * s), "ppk": room / (3 * s)}


# %% nbgrader={"grade_id": "a02-alarm"}
def first_alarm(values, centre, sigma_mean):
    return shewhart_alarm(values, centre, sigma_mean)
