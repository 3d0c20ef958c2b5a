# %% [markdown]
# An honest solution in another style: target by sorting, a split by hashing ranks, windows in a loop over engines, a
# random forest on windows and the drift from the engine's own first flights, a limit with a little more room.

# %% nbgrader={"grade_id": "a09-target"}
def capped_rul(engine, flight):
    last = {}
    for name, number in zip(engine, flight):
        last[name] = max(last.get(name, 0), number)
    return np.array([min(125, last[name] - number) for name, number in zip(engine, flight)])


# %% nbgrader={"grade_id": "a09-split"}
def engines_for_test(engine, share, seed):
    names = sorted(set(np.asarray(engine).tolist()))
    np.random.RandomState(seed).shuffle(names)
    chosen = set(names[: round(len(names) * share)])
    return np.array([name in chosen for name in engine])


# %% nbgrader={"grade_id": "a09-score"}
def phm_score(true_rul, told_rul):
    total = 0.0
    for true, told in zip(true_rul, told_rul):
        total += np.exp((told - true) / 10) - 1 if told > true else np.exp((true - told) / 13) - 1
    return float(total)


# %% nbgrader={"grade_id": "a09-window"}
def window_features(flights):
    tables = []
    for rows in flights.groupby("engine").groups.values():
        values = flights.loc[rows, list(engine_life.SENSORS)]
        ten = values.rolling(10, min_periods=1).mean()
        trend = ten.diff(10).fillna(0)
        twenty = values.rolling(20, min_periods=1).mean()
        twenty.columns = [f"{name}_mean" for name in values]
        trend.columns = [f"{name}_trend" for name in values]
        tables.append(twenty.join(trend))
    return pd.concat(tables).reindex(flights.index)


# %% nbgrader={"grade_id": "a09-life"}
from sklearn.ensemble import RandomForestRegressor


def forest_inputs(flights):
    means = window_features(flights).filter(like="_mean")
    fresh = means.groupby(flights["engine"]).transform(lambda rows: rows.iloc[min(19, len(rows) - 1)])
    known = (flights["flight"] > 20).to_numpy()[:, None]
    return np.column_stack([means, (means - fresh) * known, flights["flight"]])


forest = RandomForestRegressor(30, min_samples_leaf=5, max_features=0.4, random_state=1)
forest.fit(forest_inputs(log)[::4], capped_rul(log["engine"], log["flight"])[::4])


def flights_left(flights):
    return forest.predict(forest_inputs(flights))


# %% nbgrader={"grade_id": "a09-off"}
take_off_below = 22
