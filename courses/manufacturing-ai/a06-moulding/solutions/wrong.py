# %% [markdown]
# Usual slips: degrees for kelvin, the first lots for the last, precision for recall, the margin with the wrong sign.

# %% nbgrader={"grade_id": "a06-viscosity"}
def viscosity(shear_rate, melt_c):
    above = np.asarray(melt_c, dtype=float) - 100
    at_rest = 1.93e13 * np.exp(-31.4 * above / (51.6 + above))
    return at_rest / (1 + (at_rest * np.asarray(shear_rate) / 99_700) ** 0.247)


# %% nbgrader={"grade_id": "a06-recall"}
def recall_at(defect, risk, share):
    top = np.argsort(risk)[: round(len(risk) * share)]
    return float(np.mean(np.asarray(defect)[top]))


# %% nbgrader={"grade_id": "a06-features"}
def add_process_features(shots):
    margin = shots["max_pressure_mpa"] - shots["pressure_limit_mpa"]
    return shots.assign(pressure_margin_mpa=margin, viscosity_ratio=1.0, shots_since_stop=range(len(shots)))


# %% nbgrader={"grade_id": "a06-risk"}
def defect_risk(shots):
    return -shots["max_pressure_mpa"].to_numpy()


# %% nbgrader={"grade_id": "a06-inspect"}
def inspect(shots):
    return np.zeros(len(shots), int)
