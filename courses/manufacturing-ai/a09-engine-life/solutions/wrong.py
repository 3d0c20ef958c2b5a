# %% [markdown]
# Usual slips: flights counted instead of flights left, late and early exchanged, windows across engines, no cap.

# %% nbgrader={"grade_id": "a09-target"}
def capped_rul(engine, flight):
    return np.minimum(np.asarray(flight), 125)


# %% nbgrader={"grade_id": "a09-score"}
def phm_score(true_rul, told_rul):
    d = np.asarray(told_rul, dtype=float) - np.asarray(true_rul, dtype=float)
    return float(np.sum(np.where(d < 0, np.exp(-d / 10), np.exp(d / 13)) - 1))


# %% nbgrader={"grade_id": "a09-window"}
def window_features(flights):
    means = flights[list(engine_life.SENSORS)].rolling(20, min_periods=1).mean()
    return pd.concat([means.add_suffix("_mean"), means.diff(10).fillna(0).add_suffix("_trend")], axis=1)


# %% nbgrader={"grade_id": "a09-life"}
def flights_left(flights):
    return 300.0 - flights["flight"].to_numpy() * 0


# %% nbgrader={"grade_id": "a09-off"}
take_off_below = 100
