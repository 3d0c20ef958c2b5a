"""A shipped profile makes the very bundle that was checked, or it is refused."""

import json

import pytest

from graders.check import check_assignment
from graders.engine.zygote_pool import WarmProcesses
from graders.files import FileSet
from graders.recorded_profile import (
    StaleProfileError,
    apply_profile,
    dump_profile,
    load_profile_text,
    make_profile,
)
from graders.release import make_release
from graders.runners.local import LocalRunner
from tests.graders.notebooks import graded, notebook, solution

pytestmark = pytest.mark.slow

SOUND = (
    solution("### BEGIN SOLUTION\ndef twice(x):\n    return [x] * 2\n### END SOLUTION", "twice"),
    graded("assert twice('ab') == ['ab', 'ab']", "seen"),
)


def bundle_of(*cells) -> FileSet:
    return make_release(FileSet({"a.ipynb": notebook(*cells)}), assignment="c/a").bundle


@pytest.fixture(scope="module")
def check():
    with LocalRunner(slots=1) as runner, WarmProcesses() as warm:

        def run(*cells):
            return check_assignment(FileSet({"a.ipynb": notebook(*cells)}), runner, assignment="c/a", warm=warm)

        yield run


@pytest.fixture(scope="module")
def recorded(check) -> str:
    return dump_profile(make_profile(bundle_of(*SOUND), check(*SOUND)))


def changed(text: str, **values: object) -> str:
    return json.dumps(json.loads(text) | values)


def test_a_profile_makes_the_bundle_that_the_check_made(check, recorded) -> None:
    made = apply_profile(bundle_of(*SOUND), load_profile_text(recorded))
    assert made.digest == check(*SOUND).release.bundle.digest
    assert made.digest != bundle_of(*SOUND).digest


def test_recording_again_gives_the_same_bytes(check, recorded) -> None:
    assert dump_profile(make_profile(bundle_of(*SOUND), check(*SOUND))) == recorded


def test_the_profile_of_other_content_is_stale(recorded) -> None:
    other = bundle_of(SOUND[0], graded("assert twice(1) == [1, 1]", "seen"))
    with pytest.raises(StaleProfileError, match="another content"):
        apply_profile(other, load_profile_text(recorded))


@pytest.mark.parametrize("version", ["recorder_version", "engine_version"])
def test_the_profile_of_another_engine_is_stale(recorded, version) -> None:
    with pytest.raises(StaleProfileError, match="another version"):
        apply_profile(bundle_of(*SOUND), load_profile_text(changed(recorded, **{version: 0})))


def test_a_profile_changed_by_hand_is_refused(recorded) -> None:
    notebooks = json.loads(recorded)["notebooks"]
    notebooks["a.ipynb"]["cells"]["seen"]["profile"]["mutated"] = ["twice()"]
    with pytest.raises(StaleProfileError, match="by hand"):
        apply_profile(bundle_of(*SOUND), load_profile_text(changed(recorded, notebooks=notebooks)))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 2}'])
def test_what_is_no_profile_is_refused(text) -> None:
    with pytest.raises(StaleProfileError, match="format"):
        load_profile_text(text)


def test_an_assignment_that_may_not_be_published_has_no_profile(check) -> None:
    weak = (SOUND[0], graded("assert True", "seen"))
    with pytest.raises(ValueError, match="published"):
        make_profile(bundle_of(*weak), check(*weak))
