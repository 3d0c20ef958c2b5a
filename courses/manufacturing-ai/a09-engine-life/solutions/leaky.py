# %% [markdown]
# The colleague of section 3: age as a share of the last flight seen, rows split at random, means over the whole engine.

# %% nbgrader={"grade_id": "a09-split"}
def engines_for_test(engine, share, seed):
    return np.random.default_rng(seed).random(len(engine)) < share


# %% nbgrader={"grade_id": "a09-window"}
def window_features(flights):
    whole = flights.groupby("engine")[list(engine_life.SENSORS)].transform("mean")
    return pd.concat([whole.add_suffix("_mean"), 0 * whole.add_suffix("_trend")], axis=1)


# %% nbgrader={"grade_id": "a09-life"}
def share_of_life(flights):
    total = flights.groupby("engine")["flight"].transform("max")
    return np.column_stack([flights["flight"] / total, flights["flight"]])


leaky_model = HistGradientBoostingRegressor(max_iter=60, early_stopping=False, random_state=0)
leaky_model.fit(share_of_life(log)[::4], np.minimum(log["rul"], 125)[::4])


def flights_left(flights):
    return leaky_model.predict(share_of_life(flights))
