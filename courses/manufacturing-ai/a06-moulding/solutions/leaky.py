# %% [markdown]
# The colleague of section 3: rows split at random, the box of rejects as an input, filled with 0 where nobody knows it.

# %% nbgrader={"grade_id": "a06-lots"}
def later_lots(table, share):
    test = table.sample(frac=share, random_state=0)
    return table.drop(test.index), test


# %% nbgrader={"grade_id": "a06-features"}
def add_process_features(shots):
    margin = shots["pressure_limit_mpa"] - shots["max_pressure_mpa"]
    level = shots["max_pressure_mpa"] / shots.groupby("lot")["max_pressure_mpa"].transform("mean")
    return shots.assign(pressure_margin_mpa=margin, viscosity_ratio=level, shots_since_stop=range(len(shots)))


# %% nbgrader={"grade_id": "a06-risk"}
leaky_columns = [*sensors, "lot", "scrap_box"]
forest = RandomForestClassifier(40, min_samples_leaf=3, random_state=1).fit(log[leaky_columns], log["defect"])


def defect_risk(shots):
    return forest.predict_proba(shots.reindex(columns=leaky_columns, fill_value=0))[:, 1]


# %% nbgrader={"grade_id": "a06-inspect"}
def inspect(shots):
    return (defect_risk(shots) > 0.0125).astype(int)
