# %% [markdown]
# Usual slips: the preamble read as header, later rows kept, gaps counted in rows, Celsius turned into Fahrenheit.

# %% nbgrader={"grade_id": "a01-read"}
def read_log(data):
    table = pd.read_csv(io.BytesIO(data), encoding="cp949", skiprows=2)
    table.columns = ["time", "furnace_c", "oil_c", "current_a", "pressure_kpa", "remark"]
    for column in table.columns[1:5]:
        table[column] = pd.to_numeric(table[column], errors="coerce").fillna(0)
    return table.assign(time=pd.to_datetime(table["time"])).dropna(subset=["time"])


# %% nbgrader={"grade_id": "a01-tidy"}
def tidy_rows(table):
    return table.drop_duplicates()


# %% nbgrader={"grade_id": "a01-gaps"}
def find_gaps(table, longer_than=5):
    minutes = table["time"].diff().dt.total_seconds() / 60
    return pd.DataFrame({"start": table["time"][minutes > longer_than], "end": table["time"][minutes > longer_than]})


# %% nbgrader={"grade_id": "a01-units"}
def fix_units(table):
    fixed = table.copy()
    fixed[["furnace_c", "oil_c"]] = fixed[["furnace_c", "oil_c"]] * 9 / 5 + 32
    return fixed


# %% nbgrader={"grade_id": "a01-stuck"}
def flag_stuck(table):
    return table[list(shopfloor.SENSORS)].isna()


# %% nbgrader={"grade_id": "a01-clean"}
def clean(data):
    return fix_units(tidy_rows(read_log(data))).set_index("time").dropna()
