# %% [markdown]
# An honest solution in another style: logarithms and loops in NumPy, an exponential mean of the past, extremely
# randomised trees, a limit a little lower.

# %% nbgrader={"grade_id": "a05-taylor"}
def tool_life_min(speed, feed, depth):
    logarithm = (
        np.log(500.0) - np.log(speed) + 0.5 * np.log(0.25 / np.array(feed)) + 0.15 * np.log(2.5 / np.array(depth))
    )
    return np.exp(4 * logarithm)


# %% nbgrader={"grade_id": "a05-folds"}
def fold_of_tool(tools, folds, seed):
    tools = np.asarray(tools)
    shuffled = sorted(set(tools.tolist()))
    np.random.RandomState(seed).shuffle(shuffled)
    result = np.full(len(tools), -1)
    for number, chunk in enumerate(np.array_split(np.array(shuffled), folds)):
        result[np.isin(tools, chunk)] = number
    return result


# %% nbgrader={"grade_id": "a05-cost"}
def cost_per_part(wear_um, parts_made):
    spent = 40_000
    for number, wear in enumerate(wear_um, start=1):
        if number <= parts_made and wear > 300:
            spent += 200_000
    return spent / parts_made


# %% nbgrader={"grade_id": "a05-relative"}
def relative_signals(parts):
    table = parts[["force_n", "thrust_n", "vibration_g", "emission_v"]].astype(float).copy()
    table["force_n"] /= parts["depth_mm"] * parts["feed_mm"] ** (1 - 0.26)
    table["thrust_n"] /= parts["depth_mm"] * parts["feed_mm"] ** (1 - 0.26)
    table["vibration_g"] /= parts["speed_m_min"]
    table["emission_v"] /= (parts["speed_m_min"] * parts["feed_mm"] * parts["depth_mm"]) ** 0.5
    for tool in parts["tool"].unique():
        rows = parts["tool"] == tool
        table.loc[rows] = table.loc[rows] / table.loc[rows].head(5).median()
    return table


# %% nbgrader={"grade_id": "a05-wear"}
from sklearn.ensemble import ExtraTreesRegressor


def line_features(parts):
    ratios = relative_signals(parts)
    recent = ratios.groupby(parts["tool"]).transform(lambda rows: rows.ewm(span=5).mean())
    life = tool_life_min(parts["speed_m_min"], parts["feed_mm"], parts["depth_mm"])
    cut = parts.groupby("tool")["minutes"].transform(lambda m: m.diff().fillna(m.iloc[0]))
    used = (cut / life).groupby(parts["tool"]).cumsum()
    return pd.concat([ratios.add_prefix("now_"), recent, used.rename("used")], axis=1)


wear_trees = ExtraTreesRegressor(60, min_samples_leaf=3, random_state=5).fit(line_features(log), log["wear_um"])


def wear_now(parts):
    return [float(value) for value in wear_trees.predict(line_features(parts))]


# %% nbgrader={"grade_id": "a05-change"}
change_at_um = 250.0
