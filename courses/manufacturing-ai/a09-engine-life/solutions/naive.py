# %% [markdown]
# Careful with the bookkeeping, but only counts flights, and takes engines off when the count says so.

# %% nbgrader={"grade_id": "a09-window"}
def window_features(flights):
    return pd.DataFrame({f"{name}_mean": flights[name] for name in engine_life.SENSORS})


# %% nbgrader={"grade_id": "a09-life"}
def flights_left(flights):
    return np.clip(calendar.predict(flights[["flight"]]), 0, 125)


# %% nbgrader={"grade_id": "a09-off"}
take_off_below = 20
