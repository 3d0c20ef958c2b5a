"""The table of layers in the documentation knows every layer that a real process reports."""

from pathlib import Path

import pytest

from graders.engine import landlock
from graders.engine.sandbox_layers import LAYERS, find_layers, make_table, plain_name

PAGE = Path(__file__).parents[3] / "docs/sandbox.md"


def test_the_page_has_a_row_for_every_layer_as_the_command_writes_it():
    rows = {line.split("|")[1].strip(): line for line in PAGE.read_text(encoding="utf-8").splitlines() if "|" in line}
    made = [line for line in make_table({}).splitlines() if line.startswith("| `")]
    assert [name for name in LAYERS if f"`{name}`" not in rows] == []
    assert [line for line in made if not rows[line.split("|")[1].strip()].startswith(line.rstrip("|").rstrip())] == []


def test_the_kernels_version_is_no_part_of_a_name():
    assert plain_name("landlock-files-abi7") == "landlock-files"


@pytest.mark.skipif(landlock.abi_version() == 0, reason="no sandbox on this machine")
def test_every_layer_of_a_real_process_is_in_the_table():
    found = find_layers()
    assert {plain_name(layer) for kind in found.values() for layer in kind} <= set(LAYERS)
    assert found["student"]
    assert found["tests"]


def test_marks_say_which_process_has_a_layer():
    table = make_table({"here": {"student": ["rlimits", "own-uid"], "tests": ["rlimits"]}})
    rows = {line.split("|")[1].strip(): line.split("|")[-2].strip() for line in table.splitlines()}
    assert (rows["`rlimits`"], rows["`own-uid`"], rows["`seccomp`"]) == ("S T", "S", "")
