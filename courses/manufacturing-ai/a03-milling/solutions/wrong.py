# %% [markdown]
# Usual slips: the share instead of the count, the two costs exchanged, rpm not turned into rad/s, hard classes
# instead of probabilities, an alarm that is 1 when all is well.

# %% nbgrader={"grade_id": "a03-count"}
failure_count = 10
always_ok_accuracy = float(log["failure"].mean())


# %% nbgrader={"grade_id": "a03-cost"}
def cost_won(actual, alarm):
    actual, alarm = np.asarray(actual), np.asarray(alarm)
    return float(np.sum((actual == 0) & (alarm == 1)) * 1_500_000 + np.sum((actual == 1) & (alarm == 0)) * 60_000)


# %% nbgrader={"grade_id": "a03-physics"}
def add_physics(parts):
    parts["power_w"] = parts["torque_nm"] * parts["speed_rpm"]
    parts["temperature_gap_k"] = parts["air_temperature_k"] - parts["process_temperature_k"]
    parts["strain_min_nm"] = parts["tool_wear_min"] + parts["torque_nm"]
    return parts


# %% nbgrader={"grade_id": "a03-model"}
model = LogisticRegression(max_iter=200).fit(train_rows[["speed_rpm", "torque_nm"]], train_rows["failure"])


def failure_probability(parts):
    return model.predict(parts[["speed_rpm", "torque_nm"]]).astype(float)


# %% nbgrader={"grade_id": "a03-alarm"}
def raise_alarm(parts):
    return (failure_probability(parts) < 0.5).astype(int)
