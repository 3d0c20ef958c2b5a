# %% [markdown]
# An honest solution in another style: one Mahalanobis distance with a shrunk covariance, smoothed by hand.

# %% nbgrader={"grade_id": "a08-hold-out"}
def hold_out(table, fault):
    of_fault = {run for run, rows in table.groupby("run") if (rows["fault"] == fault).any()}
    mask = np.array([run in of_fault for run in table["run"]])
    return table.loc[~mask], table.loc[mask]


# %% nbgrader={"grade_id": "a08-t2-spe"}
def t2_spe(rows, mean, spread, loadings, variances):
    t2, spe = [], []
    for row in np.asarray(rows, dtype=float):
        z = (row - mean) / spread
        scores = loadings.T @ z
        t2.append(sum(score**2 / variance for score, variance in zip(scores, variances)))
        spe.append(z @ z - scores @ scores)
    return np.array(t2), np.array(spe)


# %% nbgrader={"grade_id": "a08-contributions"}
def contributions(rows, mean, spread, loadings):
    z = (np.asarray(rows, dtype=float) - mean) / spread
    off_cloud = z @ (np.eye(len(loadings)) - loadings @ loadings.T)
    return np.mean(np.square(off_cloud), axis=0)


# %% nbgrader={"grade_id": "a08-bill"}
def bill_won(alarm, faulty):
    total, ringing = 0, False
    for ring, bad in zip(alarm, faulty):
        if ring and not ringing and not bad:
            total += 400_000
        if bad and not ring:
            total += 20_000
        ringing = bool(ring)
    return total


# %% nbgrader={"grade_id": "a08-strangeness"}
from sklearn.covariance import LedoitWolf

calm_z = (normal[signals] - centre) / spread
inverse = np.linalg.inv(LedoitWolf().fit(calm_z).covariance_)


def strangeness(run):
    z = ((run[signals] - centre) / spread).to_numpy()
    distance = np.einsum("ni,ij,nj->n", z, inverse, z)
    smooth = [distance[0]]
    for value in distance[1:]:
        smooth.append(0.8 * smooth[-1] + 0.2 * value)
    return np.array(smooth)


# %% nbgrader={"grade_id": "a08-alarm"}
calm_scores = np.concatenate([strangeness(rows) for _, rows in normal.groupby("run")])
limit = calm_scores.mean() + 1.15 * (np.quantile(calm_scores, 0.998) - calm_scores.mean())


def alarm(run):
    return [int(value > limit) for value in strangeness(run)]
