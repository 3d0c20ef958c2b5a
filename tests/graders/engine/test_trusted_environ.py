"""Variables go both ways: what a test sets takes effect at the student's, what the student sets is seen by the test."""

import ast
import os
from unittest.mock import patch

import pytest

from graders.contract import HIDDEN_SEED_VARIABLE
from graders.engine.agent_files import SharedEnviron
from graders.engine.profile import Enforcer, Recorder
from graders.engine.trusted_environ import Environ


@pytest.fixture(autouse=True)
def variables():
    with patch.dict(os.environ, {HIDDEN_SEED_VARIABLE: "77", "BASE": "1"}):
        yield


def started(source):
    environ = Environ()
    environ.start_cell(list(ast.walk(ast.parse(source))))
    return environ


def test_nothing_is_told_until_a_test_changes_something():
    assert Environ().change() is None


def test_a_variable_that_a_test_sets_is_told_once_and_its_end_too():
    environ = Environ()
    with patch.dict(os.environ, {"LEVEL": "3"}):
        assert environ.change() == {"set": {"LEVEL": "3"}, "cleared": False}
        assert environ.change() is None
    assert environ.change() == {"set": {}, "cleared": False}


def test_a_variable_that_a_test_removes_is_told():
    environ = Environ()
    del os.environ["BASE"]
    assert environ.change() == {"set": {"BASE": None}, "cleared": False}


@pytest.mark.parametrize("value", ["78", None])
def test_the_hidden_seed_is_never_told(value):
    environ = Environ()
    os.environ.pop(HIDDEN_SEED_VARIABLE)
    if value:
        os.environ[HIDDEN_SEED_VARIABLE] = value
    assert environ.change() is None


def test_clearing_everything_is_told_as_such():
    environ = Environ()
    with patch.dict(os.environ, {"A": "1"}, clear=True):
        assert environ.change() == {"set": {"A": "1"}, "cleared": True}


def test_a_variable_of_the_students_is_set_here_if_the_test_names_it():
    environ = started("assert os.environ['MODE'] == 'train'")
    environ.take({"MODE": "train", "OTHER": "x"}, Enforcer(None))
    assert os.environ["MODE"] == "train"
    assert "OTHER" not in os.environ
    assert environ.change() is None
    environ.take({"MODE": None}, Enforcer(None))
    assert "MODE" not in os.environ


@pytest.mark.parametrize("name", [HIDDEN_SEED_VARIABLE, "BASE"])
def test_what_this_process_had_is_not_the_students_to_set(name):
    environ = started(f"os.environ[{name!r}]")
    environ.take({name: "forged"}, Enforcer(None))
    assert os.environ[name] in ("77", "1")
    assert environ.names == []


@pytest.mark.parametrize("value", [5, ["x"], "a\0b", "x" * 40_000])
def test_what_is_no_value_of_a_variable_is_dropped(value):
    environ = started("os.getenv('MODE')")
    environ.take({"MODE": value}, Enforcer(None))
    assert "MODE" not in os.environ


def test_a_test_that_asks_for_no_variable_takes_none():
    environ = started("x = 'MODE'")
    environ.take({"MODE": "1"}, Enforcer(None))
    assert "MODE" not in os.environ


def test_a_variable_that_the_test_set_is_the_students_to_change_only_where_the_reference_does():
    environ = started("os.environ['EXPECTED']")
    os.environ["EXPECTED"] = "3"
    environ.take({"EXPECTED": "7"}, Enforcer(None))
    environ.take({"EXPECTED": None}, Enforcer(None))
    assert os.environ["EXPECTED"] == "3"
    recorder = Recorder()
    environ.take({"EXPECTED": "7"}, recorder)
    assert os.environ["EXPECTED"] == "7"
    assert recorder.profile.mutated == {"variable EXPECTED"}


def test_the_students_own_values_come_back():
    shared = SharedEnviron()
    shared.apply({"set": {"BASE": "2", "NEW": "3"}, "cleared": False})
    assert (os.environ["BASE"], os.environ["NEW"]) == ("2", "3")
    shared.apply({"set": {"NEW": "4"}, "cleared": False})
    assert (os.environ["BASE"], os.environ["NEW"]) == ("1", "4")
    shared.apply({"set": {}, "cleared": False})
    assert "NEW" not in os.environ


def test_a_cleared_environment_comes_back_whole():
    before = dict(os.environ)
    shared = SharedEnviron()
    shared.apply({"set": {"BASE": "9", "A": "1"}, "cleared": True})
    assert dict(os.environ) == {"BASE": "9", "A": "1"}
    shared.apply({"set": {}, "cleared": False})
    assert dict(os.environ) == before


def test_only_changes_are_reported():
    shared = SharedEnviron()
    assert shared.changes(["BASE", "GONE"], all_of_them=True) == {"BASE": "1", "GONE": None}
    assert shared.changes(["BASE", "GONE"]) == {}
    os.environ["BASE"] = "2"
    assert shared.changes(["BASE", "GONE"]) == {"BASE": "2"}
