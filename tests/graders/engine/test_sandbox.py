"""The sandbox as a whole: what student code tries from inside, and what is left when it has ended."""

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

import courses
from graders.contract import Limits, Outcome
from graders.engine import landlock, sandbox, seccomp
from graders.engine.sandbox import SandboxError
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.zygote import Zygote, ZygoteError

from .conftest import StartStudent

pytestmark = pytest.mark.skipif(landlock.abi_version() == 0, reason="no sandbox on this machine")


def tried(student: StudentProcess, source: str, seconds: float = 30) -> str:
    """Printed text, or the name of the error."""
    result = student.run_cell(source, "attack", seconds)
    printed = "".join(str(output.get("text", "")) for output in result.outputs)
    return result.error or printed.strip()


def needs(student: StudentProcess, layer: str) -> None:
    if layer not in student.layers:
        pytest.skip(f"this machine refuses {layer}")


def test_every_layer_is_named(student: StudentProcess) -> None:
    named = set(student.layers)
    assert {"no_new_privs", "rlimits", "no-capabilities", "landlock-signals"} <= named
    assert not seccomp.is_available() or "seccomp" in named


@pytest.mark.parametrize("missing", ["landlock-files", "seccomp", "no_new_privs", "rlimits"])
def test_nothing_runs_without_a_required_layer(missing: str) -> None:
    layers = [name for name in sandbox.REQUIRED_ON_LINUX if name != missing]
    with pytest.raises(SandboxError, match=missing):
        sandbox.refuse_missing(sandbox.REQUIRED_ON_LINUX, layers)


def test_a_file_of_ours_is_not_there(student: StudentProcess, tmp_path: Path) -> None:
    secret = tmp_path / "trusted.json"
    secret.write_text("42")
    assert tried(student, f"open({str(secret)!r})") in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize("name", ["shadow", "ssh/ssh_host_rsa_key", "kubernetes", "environment"])
def test_settings_that_may_be_secret_are_not_there(student: StudentProcess, name: str) -> None:
    assert tried(student, f"open('/etc/{name}')") in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize(
    "source", sorted(Path(courses.__file__).parent.glob("*-*/*/*.py"))[:3], ids=lambda path: path.stem
)
def test_reference_solutions_of_our_own_courses_are_not_there(student: StudentProcess, source: Path) -> None:
    assert tried(student, f"open({str(source)!r}).read()") in ("FileNotFoundError", "PermissionError")


def test_what_courses_give_to_notebooks_can_be_imported(student: StudentProcess) -> None:
    assert tried(student, "import courses.runtime, courses.simulators.shopfloor; print('in')") == "in"


def test_the_system_is_read_only(student: StudentProcess) -> None:
    source = "import sys; open(sys.prefix + '/evil.pth', 'w')"
    assert tried(student, source) in ("OSError", "PermissionError")


def test_other_processes_cannot_be_seen(student: StudentProcess) -> None:
    needs(student, "own-proc")
    assert tried(student, "import os; print(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()))") == "[1]"


def test_the_owner_cannot_be_signalled(student: StudentProcess) -> None:
    source = f"import os\nos.kill({os.getpid()}, 0)"
    assert tried(student, source) in ("ProcessLookupError", "PermissionError")


def test_there_is_no_network(student: StudentProcess) -> None:
    assert tried(student, "import socket; socket.create_connection(('127.0.0.1', 9), 1)") == "PermissionError"
    assert tried(student, "import socket; socket.getaddrinfo('example.org', 80)") in ("gaierror", "PermissionError")


def test_as_root_the_process_is_another_user(student: StudentProcess) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    needs(student, "own-uid")
    assert tried(student, "import os; print(os.getuid() >= 1_000_000, os.getgroups())") == "True []"


def test_there_are_no_capabilities_also_not_in_programs(student: StudentProcess) -> None:
    needs(student, "own-proc")
    source = "!grep -h -E '^Cap(Prm|Eff|Bnd|Amb)' /proc/self/status | sort -u | cut -f2"
    assert set(tried(student, source).split()) == {"0000000000000000"}


def test_no_descriptor_of_ours_is_open(student: StudentProcess) -> None:
    source = """
import os
def target(n):
    try: return os.readlink(f'/proc/self/fd/{n}').split(':')[0]
    except OSError: return 'gone'
print([target(n) for n in range(3, 100) if target(n) != 'gone'])
"""
    shown = tried(student, source)
    # Our own captured streams are files without a name.
    assert {name for name in eval(shown) if "deleted" not in name} <= {"socket", "/dev/null", "/memfd"}


def test_the_environment_holds_nothing_of_ours(student: StudentProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tried(student, "import os; print(sorted(os.environ))")
    assert not any(word in shown for word in ("TOKEN", "SECRET", "DATABASE", "AXCAMPUS", "PYTEST"))


def test_the_home_is_empty_and_its_own(student: StudentProcess, tmp_path: Path) -> None:
    source = (
        "import os, pathlib; print(list(pathlib.Path.home().iterdir())); (pathlib.Path.home() / 'a').write_text('')"
    )
    assert tried(student, source) == "[]"
    assert (tmp_path / "home" / "a").exists()


def test_too_much_memory_ends_only_the_cell(start_student: StartStudent) -> None:
    student = start_student(memory_bytes=300 * 2**20)
    assert tried(student, "x = bytearray(10**9)") == "MemoryError"
    assert tried(student, "print(1)") == "1"


def test_memory_spread_over_processes_is_seen(start_student: StartStudent) -> None:
    student = start_student(memory_bytes=300 * 2**20)
    source = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        x = bytearray(150 * 2**20)
        for i in range(0, len(x), 4096): x[i] = 1
        time.sleep(60)
time.sleep(60)
"""
    assert student.run_cell(source, "attack", 50).killed
    assert student.end_outcome() is Outcome.MEMORY


def test_memory_that_no_process_owns_is_refused(student: StudentProcess) -> None:
    assert tried(student, "import os; os.memfd_create('hidden')") == "PermissionError"


def test_a_fork_bomb_ends_and_its_owner_goes_on(start_student: StartStudent) -> None:
    student = start_student(processes=20)
    source = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    result = student.run_cell(source, "attack", 3)
    assert result.killed or result.timed_out
    assert tried(start_student(), "print(1)") == "1"


def test_a_file_larger_than_the_quota_cannot_be_written(start_student: StartStudent) -> None:
    student = start_student(disk_bytes=2**20)
    assert tried(student, "f = open('big', 'wb'); f.write(bytes(2**22)); f.flush()") == "OSError"


def test_many_files_beyond_the_quota_end_the_process(start_student: StartStudent) -> None:
    student = start_student(disk_bytes=2**20)
    source = "import time\nfor n in range(10**5):\n    open(f'f{n}', 'wb').write(bytes(2**16)); time.sleep(0.01)"
    assert student.run_cell(source, "attack", 50).killed


def test_processor_time_is_limited(start_student: StartStudent) -> None:
    student = start_student(cpu_seconds=0.5)
    assert student.run_cell("while True: x = 1", "attack", 50).killed
    assert student.end_outcome() in (Outcome.TIMEOUT, Outcome.KILLED)


HIDE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import signal
        for n in range(1, 32):
            try: signal.signal(n, signal.SIG_IGN)
            except OSError: pass
        while True: time.sleep(1)
    os._exit(0)
"""


@pytest.mark.parametrize(
    "cell", [HIDE, "import subprocess; subprocess.Popen(['sh', '-c', 'trap \"\" TERM HUP; sleep 99'])"]
)
def test_no_process_stays_behind(student: StudentProcess, cell: str) -> None:
    tried(student, cell)
    tried(student, "import time; time.sleep(0.2)")
    mine = descendants_of_the_zygotes()
    student.close()
    _, alive = psutil.wait_procs(mine, timeout=5)
    assert alive == []


def descendants_of_the_zygotes() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    roots = {child.pid for child in psutil.Process().children()}
    found = [child for child in children if child.pid not in roots and child.status() != psutil.STATUS_ZOMBIE]
    assert found
    return found


def test_a_killed_keeper_takes_everything_with_it(student: StudentProcess) -> None:
    keeper = psutil.Process(student._fork.pid).parent()
    assert keeper is not None
    inside = psutil.Process(student._fork.pid)
    keeper.kill()
    deadline = time.monotonic() + 5
    while inside.is_running() and inside.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not inside.is_running() or inside.status() == psutil.STATUS_ZOMBIE


def test_a_required_layer_that_is_missing_stops_the_fork(zygote: Zygote, tmp_path: Path) -> None:
    cage = StudentSettings(tmp_path, Limits(), 1).cage().model_copy(update={"required": ("no-such-layer",)})
    settings = {"cage": cage.model_dump(mode="json"), "seed": 1, "allow_shell": True, "output_bytes": 1000}
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ZygoteError, match="no-such-layer"):
        zygote.fork("student", settings, [theirs.fileno()])
