# %% [markdown]
# Careful with the bookkeeping, but raw values only: no theory, no lot, no clock, and the threshold 0.5.

# %% nbgrader={"grade_id": "a06-features"}
def add_process_features(shots):
    margin = shots["pressure_limit_mpa"] - shots["max_pressure_mpa"]
    return shots.assign(pressure_margin_mpa=margin, viscosity_ratio=1.0, shots_since_stop=0)


# %% nbgrader={"grade_id": "a06-risk"}
forest = RandomForestClassifier(40, min_samples_leaf=10, random_state=1).fit(log[sensors], log["defect"])


def defect_risk(shots):
    return forest.predict_proba(shots[sensors])[:, 1]


# %% nbgrader={"grade_id": "a06-inspect"}
def inspect(shots):
    return (defect_risk(shots) > 0.5).astype(int)
