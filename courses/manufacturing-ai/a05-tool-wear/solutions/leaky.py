# %% [markdown]
# The colleague of section 3: rows split at random, the parts to come as an input, filled with 0 where nobody knows them.

# %% nbgrader={"grade_id": "a05-folds"}
def fold_of_tool(tools, folds, seed):
    return np.random.default_rng(seed).integers(0, folds, len(tools))


# %% nbgrader={"grade_id": "a05-relative"}
def relative_signals(parts):
    signals = parts[list(tool_wear.SIGNALS)]
    return signals / signals.groupby(parts["tool"]).transform("mean")


# %% nbgrader={"grade_id": "a05-wear"}
leaky_columns = ["part", "minutes", "speed_m_min", "feed_mm", "depth_mm", *tool_wear.SIGNALS, "parts_left"]
wear_model = RandomForestRegressor(20, min_samples_leaf=2, random_state=0).fit(log[leaky_columns], log["wear_um"])


def wear_now(parts):
    return wear_model.predict(parts.reindex(columns=leaky_columns, fill_value=0))


# %% nbgrader={"grade_id": "a05-change"}
change_at_um = 295
