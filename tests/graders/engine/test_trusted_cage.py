"""What an instructor's test cannot do: each refusal is tried in a real trusted process."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import courses
from graders.contract import Outcome
from graders.engine import facilities, landlock, sandbox, trusted_cage, trusted_zygote
from graders.engine.sandbox import SandboxError
from graders.engine.trusted import TrustedProcess, TrustedZygote
from graders.engine.trusted_model import InstructorCell, TestCell, TrustedNotebook
from tests.graders.engine.bridge_room import Student

pytestmark = pytest.mark.skipif(landlock.abi_version() == 0, reason="no sandbox on this machine")


@pytest.fixture(scope="module")
def zygote() -> Iterator[TrustedZygote]:
    with TrustedZygote() as started:
        yield started


@pytest.fixture
def run(zygote: TrustedZygote, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Run one test cell; the last line of what staff see, or the outcome."""
    for name in ("student", "trusted"):
        (tmp_path / name).mkdir()
    student = Student(tmp_path / "student")

    def run_one(source: str) -> str:
        cells = (InstructorCell(role="test", source=source),)
        book = TrustedNotebook(name="n.ipynb", cells=cells, folder=str(tmp_path / "trusted"))
        cell = TestCell(grade_id="t", index=0, source=source, max_points=1, seconds=30)
        with zygote.start(book) as tests:
            result = tests.run_test(cell, student.lend())
        return result.outcome if result.staff_message is None else result.staff_message.strip().splitlines()[-1]

    yield run_one
    student.close()


def test_another_courses_bundle_cannot_be_read(run, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/bundle.json").write_text("the reference")
    assert run(f"open({str(tmp_path / 'other/bundle.json')!r}).read()").startswith("PermissionError")


def test_a_submission_cannot_be_read_from_its_folder(run, tmp_path):
    (tmp_path / "student/answer.txt").write_text("mine")
    assert run("open('../student/answer.txt').read()").startswith("PermissionError")


@pytest.mark.parametrize("folder", ["/tmp", "/root", "/home", "/var", "/proc", "/etc"])
def test_folders_of_the_machine_cannot_be_listed(run, folder):
    assert run(f"import os\nos.listdir({folder!r})").startswith("PermissionError")


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/1/environ", "/proc/1/cmdline"])
def test_files_of_the_machine_cannot_be_read(run, path):
    assert run(f"open({path!r}, 'rb').read()").startswith("PermissionError")


def test_sources_of_our_courses_cannot_be_read(run):
    source = next(Path(courses.__file__).parent.glob("*/course.yaml"))
    assert run(f"open({str(source)!r}).read()").startswith("PermissionError")


@pytest.mark.parametrize("path", ["/tmp/axcampus-test-of-the-cage", "../axcampus-test-of-the-cage"])
def test_nothing_can_be_written_outside_the_own_folder(run, path):
    assert run(f"open({path!r}, 'w')").startswith("PermissionError")


def test_libraries_cannot_be_changed(run):
    assert run("import sys\nopen(sys.prefix + '/evil.pth', 'w')").startswith("PermissionError")


def test_no_program_can_be_executed(run):
    assert run("import subprocess, sys\nsubprocess.run([sys.executable, '-V'])").startswith("PermissionError")


@pytest.mark.parametrize("kind", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_can_be_opened(run, kind):
    assert run(f"import socket\nsocket.socket(socket.{kind})").startswith("PermissionError")


def test_its_starter_cannot_be_signalled(run):
    assert run("import os\nos.kill(os.getppid(), 0)").startswith("PermissionError")


def test_it_gains_no_rights_and_has_none(run):
    source = (
        "facts = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "assert facts['NoNewPrivs'].strip() == '1' and facts['Seccomp'].strip() == '2'\n"
        "assert all(int(facts[name], 16) == 0 for name in ('CapEff', 'CapPrm', 'CapBnd', 'CapAmb'))"
    )
    assert run(source) == Outcome.PASSED


@pytest.mark.parametrize(("name", "value"), [("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 256), ("RLIMIT_FSIZE", 2**30)])
def test_its_resources_are_limited_for_good(run, name, value):
    assert run(f"import resource\nassert resource.getrlimit(resource.{name}) == ({value}, {value})") == Outcome.PASSED


@pytest.mark.parametrize(
    "source",
    [
        "import numpy, pandas, sklearn.linear_model, scipy.stats, courses.runtime, courses.simulators",
        "from sklearn.datasets import load_iris\nassert load_iris().data.shape == (150, 4)",
        "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/a', 'w').close()",
        "import zoneinfo\nassert zoneinfo.ZoneInfo('Asia/Seoul').key",
        "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()",
    ],
)
def test_what_honest_tests_need_works(run, source):
    assert run(source) == Outcome.PASSED


def test_both_sides_clocks_show_the_same_hour(run):
    assert run("import os\nassert os.environ['TZ'] and os.environ['PYTHONHASHSEED'] == '0'") == Outcome.PASSED


def test_every_layer_is_named(zygote, tmp_path):
    with zygote.start(TrustedNotebook(name="n", cells=(), folder=str(tmp_path))) as tests:
        layers = list(tests.layers)
    sandbox.refuse_missing(trusted_cage.REQUIRED_ON_LINUX, layers)
    assert {"tests-seccomp-no-programs", "tests-no-capabilities"} <= set(layers)


ALL = (*sandbox.REQUIRED_ON_LINUX, *trusted_cage.REQUIRED_ON_LINUX)


def test_a_report_with_all_required_layers_is_isolated():
    assert trusted_cage.is_isolated(ALL)


@pytest.mark.parametrize("missing", ALL)
def test_a_report_without_one_of_them_is_not(missing):
    assert not trusted_cage.is_isolated([layer for layer in ALL if layer != missing])


def test_a_practice_report_is_not():
    assert not trusted_cage.is_isolated((*ALL, sandbox.PRACTICE_ONLY))


def test_a_cage_that_does_not_close_stops_every_test(zygote, tmp_path):
    book = TrustedNotebook(name="n", cells=(), folder=str(tmp_path / "is not there"))
    with zygote.start(book) as tests, pytest.raises(SandboxError):
        tests.layers  # noqa: B018


def test_a_missing_layer_is_told_to_the_starter(tmp_path, monkeypatch):
    """In a fork of this very process, on a kernel that says it has no Landlock."""
    monkeypatch.setattr(landlock, "abi_version", lambda: 0)
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        try:
            trusted_zygote.serve_tests(theirs)
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        tests = TrustedProcess(None, child, ours, TrustedNotebook(name="n", cells=(), folder=str(tmp_path)))  # type: ignore[arg-type]
        with pytest.raises(SandboxError, match="Landlock"):
            tests.layers  # noqa: B018
    os.waitpid(child, 0)


def test_without_linux_only_the_limits_are_on(tmp_path, monkeypatch):
    monkeypatch.setattr(facilities, "is_linux", lambda: False)
    monkeypatch.setattr(trusted_cage, "_limit_resources", lambda _bytes: ("rlimits",))
    assert trusted_cage.enter(tmp_path, 2**30) == ("tests-rlimits",)


def test_what_a_test_starts_ends_with_it(zygote, tmp_path):
    (tmp_path / "student").mkdir()
    (tmp_path / "trusted").mkdir()
    source = "import os, time\nif os.fork() == 0:\n    time.sleep(60)"
    book = TrustedNotebook(
        name="n", cells=(InstructorCell(role="test", source=source),), folder=str(tmp_path / "trusted")
    )
    student = Student(tmp_path / "student")
    with zygote.start(book) as tests:
        tests.run_test(TestCell(grade_id="t", index=0, source=source, max_points=1, seconds=5), student.lend())
        mine = psutil.Process(tests._pid).children(recursive=True)
    student.close()
    _, alive = psutil.wait_procs(mine, timeout=5)
    assert mine
    assert alive == []


def test_socket_pairs_of_its_own_still_work(run):
    assert run("import socket\na, b = socket.socketpair()\na.send(b'x')\nassert b.recv(1) == b'x'") == Outcome.PASSED
