# %% [markdown]
# Usual slips: squared errors, rows counted without sorting, no holidays, kW taken for kWh, the mean of all days.

# %% nbgrader={"grade_id": "a10-mase"}
def mase(actual, forecast, last_week):
    actual, forecast, last_week = (np.asarray(each, dtype=float) for each in (actual, forecast, last_week))
    return float(np.sqrt(np.mean((actual - forecast) ** 2) / np.mean((actual - last_week) ** 2)))


# %% nbgrader={"grade_id": "a10-weeks"}
def last_weeks(table, weeks):
    count = weeks * 7 * 24
    return table.iloc[:-count], table.iloc[-count:]


# %% nbgrader={"grade_id": "a10-calendar"}
def calendar(times):
    times = pd.DatetimeIndex(times)
    return pd.DataFrame({"quarter": times.hour, "kind": np.where(times.day_of_week >= 5, 0, 2)})


# %% nbgrader={"grade_id": "a10-bill"}
def bill_won(times, load_kw):
    hours = pd.DatetimeIndex(times).hour
    price = np.where((hours >= 22) | (hours < 8), 95, np.where(hours.isin([10, 11, 13, 14, 15, 16]), 200, 140))
    return float(np.sum(price * np.asarray(load_kw)) + 8_000 * np.mean(load_kw))


# %% nbgrader={"grade_id": "a10-forecast"}
mean_load = float(log["load_kw"].mean())


def forecast(history, day):
    return np.full(96, mean_load)


# %% nbgrader={"grade_id": "a10-announce"}
def announce(history, day):
    return list(range(40, 48))
