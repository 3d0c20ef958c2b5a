# %% [markdown]
# An honest solution in another style: plain Python loops and dictionaries, another run length, units told by a jump.

# %% nbgrader={"grade_id": "a01-read"}
import csv
from datetime import datetime


def read_log(data):
    lines = list(csv.reader(io.StringIO(data.decode("cp949"))))[3:]
    columns = {"time": [datetime.strptime(line[0], "%Y-%m-%d %H:%M") for line in lines]}
    for number, name in enumerate(["furnace_c", "oil_c", "current_a", "pressure_kpa"], start=1):
        columns[name] = [float("nan") if line[number] == "-" else float(line[number]) for line in lines]
    return pd.DataFrame({**columns, "remark": [line[5] for line in lines]})


# %% nbgrader={"grade_id": "a01-tidy"}
def tidy_rows(table):
    ordered = table.sort_values("time", kind="stable")
    return ordered[~ordered["time"].duplicated()].reset_index(drop=True)


# %% nbgrader={"grade_id": "a01-gaps"}
def find_gaps(table, longer_than=5):
    times = list(table["time"])
    pairs = [(a, b) for a, b in zip(times, times[1:]) if (b - a).total_seconds() > 60 * longer_than]
    return pd.DataFrame(pairs, columns=["start", "end"])


# %% nbgrader={"grade_id": "a01-units"}
def fix_units(table):
    def convert(values, middle):
        return [(v - 32) / 1.8 if v > middle else v for v in values]

    return table.assign(furnace_c=convert(table["furnace_c"], 1100), oil_c=convert(table["oil_c"], 110))


# %% nbgrader={"grade_id": "a01-stuck"}
def flag_stuck(table):
    result = {}
    for column in ["furnace_c", "oil_c", "current_a", "pressure_kpa"]:
        values, marks, start = list(table[column].ffill()), [False] * len(table), 0
        for i in range(1, len(values) + 1):
            if i == len(values) or values[i] != values[start]:
                if i - start > 12:
                    marks[start:i] = [True] * (i - start)
                start = i
        result[column] = marks
    return pd.DataFrame(result, index=table.index)


# %% nbgrader={"grade_id": "a01-clean"}
def clean(data):
    table = fix_units(tidy_rows(read_log(data)))
    stuck_cells = flag_stuck(table)
    for column in stuck_cells:
        table.loc[stuck_cells[column], column] = np.nan
    minutes = table.drop(columns="remark").set_index("time").asfreq("min")
    return minutes.ffill(limit=4)
