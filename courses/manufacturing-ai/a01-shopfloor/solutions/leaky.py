# %% [markdown]
# Finds every fault by reading the remark that the quality team writes a week later, and fills gaps from both sides.

# %% nbgrader={"grade_id": "a01-units"}
def fix_units(table):
    fixed = table.copy()
    told = fixed["remark"].str.contains("℉") if "remark" in fixed else pd.Series(False, index=fixed.index)
    for column in ("furnace_c", "oil_c"):
        high = told & (fixed[column] > fixed[column].median() * 1.3)
        fixed.loc[high, column] = (fixed.loc[high, column] - 32) * 5 / 9
    return fixed


# %% nbgrader={"grade_id": "a01-stuck"}
def flag_stuck(table):
    told = table["remark"].str.contains("고착") if "remark" in table else pd.Series(False, index=table.index)
    return pd.DataFrame({c: told & (table[c].diff() == 0) for c in shopfloor.SENSORS})


# %% nbgrader={"grade_id": "a01-clean"}
def clean(data):
    table = fix_units(tidy_rows(read_log(data)))
    values = table[list(shopfloor.SENSORS)].mask(flag_stuck(table)).set_axis(pd.DatetimeIndex(table["time"]))
    return values.resample("1min").mean().interpolate()
