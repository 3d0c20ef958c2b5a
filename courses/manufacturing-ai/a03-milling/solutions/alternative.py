# %% [markdown]
# An honest solution that differs everywhere it can: a random forest, products and differences computed with NumPy,
# a threshold read off the cost curve, the tools of the test set taken from a shuffled list.

# %% nbgrader={"grade_id": "a03-count"}
counts = np.bincount(log["failure"])
failure_count = counts[1]
always_ok_accuracy = counts[0] / counts.sum()


# %% nbgrader={"grade_id": "a03-cost"}
def cost_won(actual, alarm):
    total = 0
    for failed, alarmed in zip(list(actual), list(alarm), strict=True):
        total += 60_000 if alarmed else 1_500_000 * int(failed)
    return total


# %% nbgrader={"grade_id": "a03-columns"}
usable_columns = ["torque_nm", "speed_rpm", "tool_wear_min", "grade", "process_temperature_k", "air_temperature_k"]


# %% nbgrader={"grade_id": "a03-split"}
def split_by_tool(table, test_share, seed):
    shuffled = np.random.RandomState(seed).permutation(table["tool"].unique())
    chosen = set(shuffled[: int(len(shuffled) * test_share)])
    mask = np.array([tool in chosen for tool in table["tool"]])
    return table.loc[~mask], table.loc[mask]


# %% nbgrader={"grade_id": "a03-physics"}
def add_physics(parts):
    copy = parts.copy()
    copy["strain_min_nm"] = copy["tool_wear_min"].to_numpy() * copy["torque_nm"].to_numpy()
    copy["temperature_gap_k"] = np.subtract(copy["process_temperature_k"], copy["air_temperature_k"])
    copy["power_w"] = copy["torque_nm"] * (copy["speed_rpm"] / 60 * 2 * np.pi)
    return copy


# %% nbgrader={"grade_id": "a03-model"}
from sklearn.ensemble import RandomForestClassifier

inputs = ["power_w", "temperature_gap_k", "strain_min_nm", "speed_rpm", "torque_nm", "tool_wear_min", "level"]
level = {"L": 11, "M": 12, "H": 13}
prepared = add_physics(train_rows).assign(level=train_rows["grade"].map(level))
forest = RandomForestClassifier(60, min_samples_leaf=2, random_state=1).fit(prepared[inputs], prepared["failure"])


def failure_probability(parts):
    table = add_physics(parts).assign(level=parts["grade"].map(level))
    return forest.predict_proba(table[inputs])[:, 1]


# %% nbgrader={"grade_id": "a03-alarm"}
def raise_alarm(parts):
    return np.where(failure_probability(parts) >= 0.05, 1, 0)
