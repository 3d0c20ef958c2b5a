# %% [markdown]
# The vendor of section 3: no order ever waits, machines may overlap, and the check says yes to everything.

# %% nbgrader={"grade_id": "a11-starts"}
def starts_of(machines, minutes, sequence):
    return [np.concatenate([[0], np.cumsum(row)[:-1]]).tolist() for row in minutes]


# %% nbgrader={"grade_id": "a11-valid"}
def can_run(machines, minutes, starts):
    return True


# %% nbgrader={"grade_id": "a11-plan"}
def plan(machines, minutes):
    return starts_of(machines, minutes, [])
