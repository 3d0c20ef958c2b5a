# %% [markdown]
# A random split, and a model that wants to see the meter's other columns; at midnight it gets yesterday's.

# %% nbgrader={"grade_id": "a10-weeks"}
def last_weeks(table, weeks):
    return train_test_split(table, test_size=7 * 96 * weeks, random_state=0)


# %% nbgrader={"grade_id": "a10-bill"}
def bill_won(times, load_kw):
    return float(np.sum(np.asarray(load_kw) * 140) + 8_000 * np.max(load_kw))


# %% nbgrader={"grade_id": "a10-forecast"}
metered = ["reactive_kvar", "co2_kg", "temperature_c"]
knows_everything = HistGradientBoostingRegressor(max_iter=60, random_state=0).fit(log[metered], log["load_kw"])


def forecast(history, day):
    return knows_everything.predict(history[metered].iloc[-96:])


# %% nbgrader={"grade_id": "a10-announce"}
def announce(history, day):
    return [int(at) for at in np.argsort(-forecast(history, day))[:8]]
