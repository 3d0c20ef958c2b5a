"""Each row of ENGINE's table of attacks: stopped by its rule, and working once just that rule is off."""

import builtins
import os
import sys
from unittest.mock import patch

import numpy as np
import pytest

from graders.contract import Outcome
from graders.engine import exceptions, namespace_plan, trusted_cell, trusted_session
from graders.engine.handles import Handle, state_of
from graders.engine.namespace import Namespace
from graders.engine.profile import Enforcer
from graders.engine.trusted_values import TrustedValues
from graders.engine.trusted_written import WrittenFiles
from tests.graders.engine.attacks_on_bridge.lies import LIES
from tests.graders.engine.bridge_room import Room


def _operators_off(patch):
    patch.setattr(Enforcer, "allows", lambda *_: True)


def _names_off(patch):
    _operators_off(patch)  # a second wall: the student's fake could not be called either
    patch.setattr(trusted_cell.NotebookTests, "_run_given", lambda *_: False)


def _builtins_off(patch):
    _operators_off(patch)
    patch.setattr(Namespace, "__missing__", Namespace._from_student)


def _rebinding_off(patch):
    patch.setattr(Enforcer, "may_rebind", lambda *_: True)


def _object_ids_off(patch):
    patch.setattr(TrustedValues, "may_update", lambda *_: True)


def _callback_attributes_off(patch):
    patch.setitem(trusted_session.CALLBACKS, "attr", getattr)


def _files_by_name_off(patch):
    patch.setattr(WrittenFiles, "_is_named", lambda *_: True)


def _partial_credit_off(patch):
    """As nbgrader reads it."""
    execute = trusted_cell.NotebookTests._execute
    patch.setattr(trusted_cell.NotebookTests, "_execute", lambda *args: float(repr(execute(*args))))


def _shown_values_off(patch):
    patch.setattr(Enforcer, "may_show", lambda *_: True)


def _exceptions_off(patch):
    patch.setattr(exceptions, "_find", lambda name: getattr(builtins, name.rpartition(".")[2], None))


def _exceptions_of_libraries_off(patch):
    patch.setattr(exceptions, "LIBRARIES", exceptions.LIBRARIES | {"unittest"})


def _ends_of_iterations_off(patch):
    patch.setattr(trusted_session.Session, "_may_stop", lambda *_: True)


def _exact_types_off(patch):
    """A codec that keeps masks, as one for subclasses would."""
    _operators_off(patch)
    plain = Handle.__array__

    def with_mask(handle, dtype=None, copy=None):
        data = plain(handle, dtype)
        return np.ma.array(data, mask=handle.mask) if state_of(handle).kind == "masked" else data

    patch.setattr(Handle, "__array__", with_mask)


def _seeds_off(patch):
    """A bridge that keeps the generators of both sides alike, whoever moved them."""
    _operators_off(patch)
    take, busy = trusted_session.Session._take_reply, []

    def take_with_state(session, do, *rest):
        value = take(session, do, *rest)
        if do == "call" and not busy:
            busy.append(True)
            np.random.set_state(session.ask("get", "np", [], name="np").random.get_state())
            busy.clear()
        return value

    patch.setattr(trusted_session.Session, "_take_reply", take_with_state)


def _library_functions_off(patch):
    """What a student gives as a library's function would be the tests' own, and run among them."""
    make = TrustedValues._make

    def take_own(values, oid, facts):
        module, name = facts.get("lib") or (None, None)
        return getattr(sys.modules[module], name) if module in sys.modules else make(values, oid, facts)

    patch.setattr(TrustedValues, "_make", take_own)


def _callback_texts_off(patch):
    patch.setitem(trusted_session.CALLBACKS, "repr", repr)


def _mutation_off(patch):
    patch.setattr(Enforcer, "mutated", lambda *_: True)


RULES = {
    "files by name": _files_by_name_off,
    "files of the test": _mutation_off,
    "variables of the test": _mutation_off,
    "operators": _operators_off,
    "names": _names_off,
    "builtins": _builtins_off,
    "rebinding": _rebinding_off,
    "object ids": _object_ids_off,
    "callback attributes": _callback_attributes_off,
    "callback texts": _callback_texts_off,
    "library functions": _library_functions_off,
    "partial credit": _partial_credit_off,
    "shown values": _shown_values_off,
    "exceptions": _exceptions_off,
    "exceptions of libraries": _exceptions_of_libraries_off,
    "ends of iterations": _ends_of_iterations_off,
    "exact types": _exact_types_off,
    "seeds": _seeds_off,
}


@pytest.fixture
def grade(tmp_path):
    rooms = []

    def run(lie, answer, **options):
        folder = tmp_path / str(len(rooms))
        folder.mkdir()
        rooms.append(Room(folder, [("given", lie.given), ("solution", lie.reference), ("test", lie.test)]))
        with patch.dict(os.environ):  # tests run in this very process here
            return rooms[-1].grade({1: answer}, **options)[0]

    yield run
    for room in rooms:
        room.student.close()


@pytest.mark.parametrize("name", LIES)
def test_the_attack_scores_nothing(grade, name):
    lie = LIES[name]
    recorded = grade(lie, lie.reference, record=True)
    assert recorded.points == 2, recorded.staff_message
    attacked = grade(lie, lie.attack, profile=recorded.profile)
    assert not attacked.points, attacked
    assert attacked.outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.KILLED, Outcome.AUTHOR_ERROR)


def test_every_rule_that_is_named_can_be_switched_off():
    assert {lie.rule for lie in LIES.values()} - {None} == set(RULES)


@pytest.mark.parametrize("name", [name for name in LIES if LIES[name].rule])
def test_the_attack_works_without_its_rule(grade, name, monkeypatch):
    lie = LIES[name]
    recorded = grade(lie, lie.reference, record=True)
    RULES[lie.rule](monkeypatch)
    assert grade(lie, lie.attack, profile=recorded.profile).outcome is Outcome.PASSED


def test_a_tampered_student_cannot_raise_what_is_no_exception():
    for name in (
        "builtins.SystemExit",
        "builtins.KeyboardInterrupt",
        "builtins.GeneratorExit",
        "os.system",
        "x",
        "",
        3,
    ):
        assert exceptions.find_exception_class([name]) is RuntimeError


def test_library_functions_that_a_student_gives_run_in_the_students_process(grade):
    lie = LIES["an object equal to everything"].__class__(
        "import os\ndef f(): return 1", "import os\nassert f() != os.getpid()", "", None
    )
    assert grade(lie, "import os\nf = os.getpid").outcome is Outcome.PASSED


def test_a_rebinding_that_the_reference_does_not_do_is_flagged(grade):
    lie = LIES["a name of the test bound before it"]
    assert [flag.code for flag in grade(lie, lie.attack).flags] == ["name_rebound"]


def test_an_argument_that_the_reference_leaves_alone_is_flagged(grade):
    lie = LIES["an object equal to everything"].__class__(
        "def f(x): return x * 2",
        "import numpy as np\nx = np.ones(3)\nassert (f(x) == x * 2).all()",
        "def f(x):\n    x[:] = 0\n    return x",
        None,
    )
    profile = grade(lie, lie.reference, record=True).profile
    assert [flag.code for flag in grade(lie, lie.attack, profile=profile).flags] == ["argument_changed"]


def test_no_student_code_decides_which_names_are_the_tests(monkeypatch):
    cells = [namespace_plan.InstructorCell(role="given", source="import numpy as np\ndef helper(): pass")]
    plan = namespace_plan.make_plans([*cells, namespace_plan.InstructorCell(role="test", source="")])[1]
    assert plan.source_of("np") == plan.source_of("helper") == "given"
