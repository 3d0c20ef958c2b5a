# %% [markdown]
# Reads the file and drops repeats, then trusts everything that is not empty.

# %% nbgrader={"grade_id": "a01-gaps"}
def find_gaps(table, longer_than=5):
    empty = table[table["furnace_c"].isna()]
    return pd.DataFrame({"start": empty["time"], "end": empty["time"]})


# %% nbgrader={"grade_id": "a01-units"}
def fix_units(table):
    return table.copy()


# %% nbgrader={"grade_id": "a01-stuck"}
def flag_stuck(table):
    return table[list(shopfloor.SENSORS)].diff() == 0


# %% nbgrader={"grade_id": "a01-clean"}
def clean(data):
    table = tidy_rows(read_log(data)).set_index("time")[list(shopfloor.SENSORS)]
    return table.resample("1min").mean().interpolate()
