# %% [markdown]
# Trims the learning phase until it looks perfect, and places the alarm after having seen the whole stretch.

# %% nbgrader={"grade_id": "a02-clean"}
def clean_limits(table):
    means = table.mean(axis=1)
    keep = (means - means.median()).abs() < 0.5 * means.std()
    return control_limits(table[keep]), [int(number) for number in table.index[~keep]]


# %% nbgrader={"grade_id": "a02-alarm"}
def first_alarm(values, centre, sigma_mean):
    values = np.asarray(values)
    moved = abs(values.mean() - centre) > 2 * sigma_mean / np.sqrt(len(values))
    large = np.flatnonzero(np.abs(values - centre) > 4 * sigma_mean)
    return 0 if moved and not len(large) else int(large[0]) if len(large) else None
