# %% [markdown]
# Careful with the bookkeeping, but tomorrow is last week.

# %% nbgrader={"grade_id": "a10-calendar"}
def calendar(times):
    times = pd.DatetimeIndex(times)
    kind = np.where(times.day_of_week == 6, 0, np.where(times.day_of_week == 5, 1, 2))
    return pd.DataFrame({"quarter": 4 * times.hour + times.minute // 15, "kind": kind})


# %% nbgrader={"grade_id": "a10-forecast"}
def forecast(history, day):
    return history["load_kw"].to_numpy()[-672:-576]


# %% nbgrader={"grade_id": "a10-announce"}
def announce(history, day):
    return list(np.argsort(-forecast(history, day))[:8])
