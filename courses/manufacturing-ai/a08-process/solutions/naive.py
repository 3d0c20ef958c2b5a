# %% [markdown]
# Careful with the bookkeeping, but every signal by itself: no relations, no memory.

# %% nbgrader={"grade_id": "a08-t2-spe"}
def t2_spe(rows, mean, spread, loadings, variances):
    z = (np.asarray(rows, dtype=float) - mean) / spread
    return (z**2).sum(axis=1), np.abs(z).max(axis=1)


# %% nbgrader={"grade_id": "a08-contributions"}
def contributions(rows, mean, spread, loadings):
    z = (np.asarray(rows, dtype=float) - mean) / spread
    return (z**2).mean(axis=0)


# %% nbgrader={"grade_id": "a08-strangeness"}
def strangeness(run):
    return ((run[signals] - centre) / spread).abs().max(axis=1).to_numpy()


# %% nbgrader={"grade_id": "a08-alarm"}
def alarm(run):
    return (strangeness(run) > 3).astype(int)
