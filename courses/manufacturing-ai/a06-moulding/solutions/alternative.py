# %% [markdown]
# An honest solution in another style: loops and NumPy, a random forest on differences, a threshold a little lower.

# %% nbgrader={"grade_id": "a06-viscosity"}
def viscosity(shear_rate, melt_c):
    kelvin = np.asarray(melt_c) + 273.15
    log_rest = np.log(1.93e13) - 31.4 * (kelvin - 373.15) / (kelvin - 373.15 + 51.6)
    thinning = np.exp((1 - 0.247) * (log_rest + np.log(np.asarray(shear_rate)) - np.log(9.97e4)))
    return np.exp(log_rest) / (1 + thinning)


# %% nbgrader={"grade_id": "a06-lots"}
def later_lots(table, share):
    lots = sorted(set(table["lot"]))
    count = round(share * len(lots))
    last = set(lots[-count:])
    mask = np.array([number in last for number in table["lot"]])
    return table.loc[~mask], table.loc[mask]


# %% nbgrader={"grade_id": "a06-recall"}
def recall_at(defect, risk, share):
    pairs = sorted(zip(risk, defect), key=lambda pair: pair[0], reverse=True)
    seen = sum(bad for _, bad in pairs[: round(share * len(pairs))])
    total = sum(defect)
    return 0.0 if total == 0 else float(seen / total)


# %% nbgrader={"grade_id": "a06-features"}
def add_process_features(shots):
    table = shots.copy()
    table["pressure_margin_mpa"] = shots["pressure_limit_mpa"].to_numpy() - shots["max_pressure_mpa"].to_numpy()
    v = shots["injection_speed_m_s"].to_numpy()
    theory_pa = 12 * viscosity(6 * v / 1.5e-3, shots["barrel_c"].to_numpy()) * v * 0.2 / 1.5e-3**2
    ratio = pd.Series(shots["max_pressure_mpa"].to_numpy() * 1e6 / theory_pa, index=shots.index)
    for number in shots["lot"].unique():
        rows = shots["lot"] == number
        ratio[rows] = ratio[rows] / np.median(ratio[rows].to_numpy()[:30])
    table["viscosity_ratio"] = ratio
    counts, count, before = [], -1, None
    for now in shots["time"]:
        count = 0 if before is None or (now - before).total_seconds() > 300 else count + 1
        counts.append(count)
        before = now
    table["shots_since_stop"] = counts
    return table


# %% nbgrader={"grade_id": "a06-risk"}
def forest_inputs(shots):
    table = add_process_features(shots)
    ratio = table["viscosity_ratio"].groupby(table["lot"])
    return np.column_stack(
        [
            table["pressure_margin_mpa"],
            table["viscosity_ratio"],
            ratio.transform(lambda rows: rows.rolling(6, min_periods=1).mean()),
            ratio.transform(lambda rows: rows.rolling(12, min_periods=1).median()),
            np.minimum(table["shots_since_stop"], 15),
            table["barrel_c"],
            table["injection_speed_m_s"],
        ]
    )


forest = RandomForestClassifier(100, min_samples_leaf=10, random_state=4).fit(forest_inputs(log), log["defect"])


def defect_risk(shots):
    return list(forest.predict_proba(forest_inputs(shots))[:, 1])


# %% nbgrader={"grade_id": "a06-inspect"}
def inspect(shots):
    return [1 if risk > 0.012 else 0 for risk in defect_risk(shots)]
