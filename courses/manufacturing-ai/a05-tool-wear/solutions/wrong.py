# %% [markdown]
# Usual slips: n for 1/n, every scrap part of the tool counted, the first row for the fresh edge of all tools, mm for um.

# %% nbgrader={"grade_id": "a05-taylor"}
def tool_life_min(speed, feed, depth):
    return (500 / np.asarray(speed) * (0.25 / np.asarray(feed)) ** 0.5 * (2.5 / np.asarray(depth)) ** 0.15) ** 0.25


# %% nbgrader={"grade_id": "a05-cost"}
def cost_per_part(wear_um, parts_made):
    return (40_000 + 200_000 * np.sum(np.asarray(wear_um) > 300)) / len(wear_um)


# %% nbgrader={"grade_id": "a05-relative"}
def relative_signals(parts):
    signals = parts[list(tool_wear.SIGNALS)]
    return signals / signals.iloc[0]


# %% nbgrader={"grade_id": "a05-wear"}
wear_model = RandomForestRegressor(20, min_samples_leaf=3, random_state=0).fit(
    log[["force_n", "feed_mm"]], log["wear_um"] / 1000
)


def wear_now(parts):
    return wear_model.predict(parts[["force_n", "feed_mm"]])


# %% nbgrader={"grade_id": "a05-change"}
change_at_um = 390
