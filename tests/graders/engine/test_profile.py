import json

import pytest

from graders.engine.profile import PROFILE_VERSION, Enforcer, ProfileError, Recorder, load_profile, shorten


def recorded():
    recorder = Recorder()
    recorder.allows("a", "eq:object")
    recorder.allows("f", "call")
    recorder.may_rebind("count")
    recorder.mutated("f()")
    recorder.saw_kind("f", "function")
    return json.loads(json.dumps(recorder.profile.to_json()))


def test_a_recorded_profile_survives_json():
    profile = load_profile(recorded())
    assert profile.to_json() == recorded()


def test_a_student_may_do_what_the_reference_did_and_nothing_else():
    guard = Enforcer(load_profile(recorded()))
    assert guard.allows("a", "eq:object")
    assert guard.allows("f", "call")
    assert guard.may_rebind("count")
    assert guard.mutated("f()")
    assert not guard.allows("a", "eq:value")
    assert not guard.allows("b", "eq:object")
    assert not guard.may_rebind("expected")
    assert not guard.mutated("g()")


def test_a_student_may_end_a_cell_with_a_tuple_only_where_the_reference_does():
    recorder = Recorder()
    assert not Enforcer(load_profile(recorder.profile.to_json())).may_show()
    assert recorder.may_show()
    assert Enforcer(load_profile(recorder.profile.to_json())).may_show()
    assert not Enforcer(None).may_show()


def test_without_a_profile_functions_are_called_and_nothing_is_revealed():
    guard = Enforcer(None)
    assert guard.allows("f", "call")
    assert not guard.allows("f()", "eq:value")
    assert not guard.may_rebind("x")


@pytest.mark.parametrize("data", [None, {}, {"version": PROFILE_VERSION + 1}, []])
def test_a_profile_of_another_version_is_refused(data):
    with pytest.raises(ProfileError):
        load_profile(data)


def test_labels_of_long_chains_are_bounded():
    assert len(shorten("node" + ".next" * 1000)) < 200
