# %% [markdown]
# The vendor of section 3: a classifier of the vendor's own pictures, which are brighter where a part is bad; rows
# split at random.

# %% nbgrader={"grade_id": "a07-split"}
def split_by_lot(facts, share, seed):
    return np.random.default_rng(seed).random(len(facts)) < share


# %% nbgrader={"grade_id": "a07-normalise"}
def normalise(images):
    return np.asarray(images) / np.max(images)


# %% nbgrader={"grade_id": "a07-map"}
def anomaly_map(images):
    return np.asarray(images) * casting.INSPECTED


# %% nbgrader={"grade_id": "a07-score"}
from sklearn.linear_model import LogisticRegression

small = vendor.images[:, ::8, ::8].reshape(len(vendor.images), -1)
vendor_model = LogisticRegression(max_iter=500).fit(small, vendor.facts["defect"])


def anomaly_score(images):
    return vendor_model.predict_proba(images[:, ::8, ::8].reshape(len(images), -1))[:, 1]


# %% nbgrader={"grade_id": "a07-reject"}
def reject(images):
    return (anomaly_score(images) > 0.5).astype(int)
