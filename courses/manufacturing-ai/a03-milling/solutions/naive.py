# %% [markdown]
# Careful with the bookkeeping, but no physics and the first model that comes to mind: logistic regression on raw
# sensors with the threshold 0.5.

# %% nbgrader={"grade_id": "a03-physics"}
def add_physics(parts):
    raise NotImplementedError()


# %% nbgrader={"grade_id": "a03-model"}
sensor_columns = ["air_temperature_k", "process_temperature_k", "speed_rpm", "torque_nm", "tool_wear_min"]
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
model.fit(train_rows[sensor_columns], train_rows["failure"])


def failure_probability(parts):
    return model.predict_proba(parts[sensor_columns])[:, 1]


# %% nbgrader={"grade_id": "a03-alarm"}
def raise_alarm(parts):
    return (failure_probability(parts) > 0.5).astype(int)
