"""Only names that are safe on any disk, one file to a name, within the limits."""

import unicodedata

import pytest

from graders.intake_paths import IntakeLimits, check_paths


@pytest.mark.parametrize(
    "path", ["a.ipynb", "데이터/측정값.csv", "lib/my module.py", "a-b_c (1).ipynb", "..data/x", "con2.txt"]
)
def test_honest_names_are_accepted(path):
    assert check_paths({path: 1}) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../x",
        "a/./x",
        "a//x",
        "a/",
        "a\\x",
        "C:/x",
        "a\0b",
        "a\nb",
        "a\x1b[2J",
        "\u202efdp.exe",
        "a\u200b.py",
        "CON",
        "aux.txt",
        "data/COM1.csv",
        "nul.",
        "x ",
        " x",
        "x.",
        "가" * 100,
        "a/" * 20 + "x",
        "abc/" * 15 + "x" * 199 + "/" + "y" * 190,
        unicodedata.normalize("NFD", "측정.csv"),
        "\ud800.csv",
    ],
)
def test_dangerous_names_are_refused(path):
    refusal = check_paths({path: 1})
    assert refusal is not None
    assert refusal.code == "bad_path"


def test_a_refusal_shows_no_control_characters():
    assert "\x1b" not in check_paths({"a\x1b[2J": 1}).text.ko


@pytest.mark.parametrize(
    "paths", [("a.py", "A.py"), ("data/x", "Data/y"), ("a", "a/b"), ("A/b", "a"), ("straße.txt", "STRASSE.txt")]
)
def test_names_that_are_one_on_some_disks_are_refused(paths):
    assert check_paths(dict.fromkeys(paths, 1)).code == "path_collision"


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ({f"{number}.txt": 1 for number in range(201)}, "too_many_files"),
        ({"a.ipynb": 5 * 2**20 + 1}, "notebook_too_large"),
        ({"a.csv": 25 * 2**20 + 1}, "submission_too_large"),
    ],
)
def test_the_standard_limits_hold(sizes, code):
    assert check_paths(sizes).code == code


def test_exactly_the_limit_is_accepted():
    assert check_paths({"a.ipynb": 10, "b": 5}, IntakeLimits(notebook_bytes=10, submission_bytes=15, files=2)) is None
