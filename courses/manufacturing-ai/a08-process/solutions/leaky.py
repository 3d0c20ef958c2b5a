# %% [markdown]
# Rows split at random, a classifier of the faults that were recorded, and an eye on the rest of the day.

# %% nbgrader={"grade_id": "a08-hold-out"}
def hold_out(table, fault):
    return train_test_split(table, test_size=0.3, random_state=0)


# %% nbgrader={"grade_id": "a08-t2-spe"}
def t2_spe(rows, mean, spread, loadings, variances):
    z = (np.asarray(rows, dtype=float) - np.mean(rows, axis=0)) / np.std(rows, axis=0)
    t = z @ loadings
    return (t**2 / variances).sum(axis=1), ((z - t @ loadings.T) ** 2).sum(axis=1)


# %% nbgrader={"grade_id": "a08-strangeness"}
taught = classifier(log)


def strangeness(run):
    told = pd.Series(taught.predict_proba(run[signals])[:, 1])
    return told.rolling(21, center=True, min_periods=1).mean().to_numpy()


# %% nbgrader={"grade_id": "a08-alarm"}
def alarm(run):
    return (strangeness(run) > 0.5).astype(int)
