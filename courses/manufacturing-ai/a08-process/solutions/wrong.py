# %% [markdown]
# Usual slips: rows before the fault left out, variances forgotten, no square, rings counted row by row, one day's own mean.

# %% nbgrader={"grade_id": "a08-hold-out"}
def hold_out(table, fault):
    in_test = (table["fault"] == fault) & (table["faulty"] == 1)
    return table[~in_test], table[in_test]


# %% nbgrader={"grade_id": "a08-t2-spe"}
def t2_spe(rows, mean, spread, loadings, variances):
    z = (np.asarray(rows, dtype=float) - mean) / spread
    t = z @ loadings
    return (t**2).sum(axis=1), np.abs(z - t @ loadings.T).sum(axis=1)


# %% nbgrader={"grade_id": "a08-contributions"}
def contributions(rows, mean, spread, loadings):
    z = (np.asarray(rows, dtype=float) - mean) / spread
    return (z - z @ loadings @ loadings.T).mean(axis=0)


# %% nbgrader={"grade_id": "a08-bill"}
def bill_won(alarm, faulty):
    alarm, faulty = np.asarray(alarm), np.asarray(faulty)
    return int(400_000 * np.sum((alarm == 1) & (faulty == 0)) + 20_000 * np.sum((alarm == 0) & (faulty == 1)))


# %% nbgrader={"grade_id": "a08-strangeness"}
def strangeness(run):
    z = (run[signals] - run[signals].mean()) / run[signals].std()
    return (z**2).sum(axis=1).to_numpy()


# %% nbgrader={"grade_id": "a08-alarm"}
def alarm(run):
    return (strangeness(run) > 60).astype(int)
