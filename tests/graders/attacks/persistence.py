# ruff: noqa: E501 - a long line here is attack code
"""Staying: files, startup code and processes that would be there for the next submission."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_GONE = "fresh folders and a fresh process for each submission"
_READ_ONLY = "landlock-files, namespace-mount (system read-only)"
_PROCESSES = "namespace-pid, keeper"

PERSISTENCE = {
    "startup files in home": Attack(
        _GONE,
        "import os, pathlib\nfor name in ('.ipython/profile_default/startup/00.py', '.bashrc', '.config/matplotlib/matplotlibrc',"
        " '.local/lib/python3.11/site-packages/usercustomize.py'):\n    path = pathlib.Path.home() / name\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n    path.write_text('raise SystemExit')",
    ),
    "a module among the packages": Attack(
        _READ_ONLY,
        "import os\nfor place in (os.path.dirname(os.__file__), '/usr/local/bin', '/etc', '/home', '/root', '/run'):\n"
        "    attempt(lambda: open(f'{place}/@MARK@.pth', 'w').write('x'))",
        proof="refused",
    ),
    "our own code changed": Attack(
        _READ_ONLY,
        "import graders.engine.agent as agent\nattempt(lambda: open(agent.__file__, 'a').write('#'))",
        proof="refused",
    ),
    "files in the shared folders": Attack(
        "own /tmp and /dev/shm",
        "for place in ('/tmp', '/var/tmp', '/dev/shm', '..', '../..'):\n    attempt(lambda: open(f'{place}/@MARK@', 'w').write('x'))",
        proof="got",
    ),
    "a background process": Attack(
        _PROCESSES, "import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 600 # @MARK@'], start_new_session=True)"
    ),
    "a daemon by double fork": Attack(
        _PROCESSES,
        "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        "        os.execvp('sh', ['sh', '-c', 'trap \"\" HUP TERM INT; sleep 600; : @MARK@'])\n    os._exit(0)\nos.wait()",
    ),
    "a process that forks away for ever": Attack(
        _PROCESSES,
        "import os, time\nif not os.fork():\n    while True:\n        if os.fork(): os._exit(0)\n        time.sleep(.01)",
    ),
    "a bytecode file beside ours": Attack(
        _READ_ONLY,
        "import os, graders\nattempt(lambda: os.makedirs(os.path.join(os.path.dirname(graders.__file__), '__pycache__', '@MARK@')))",
        proof="refused",
    ),
    "the warm process changed": Attack(
        "a fork for each notebook",
        "import math, builtins\nmath.pi = 3\nbuiltins.scale = lambda x: 3 * x + 1\nbuiltins.print = None\nraise SystemExit",
        proof="SystemExit",
    ),
    "a signal to everybody": Attack(
        "namespace-pid, landlock-signals",
        "import os, signal\nfor pid in (*range(2, 3000),):\n    try: os.kill(pid, signal.SIGKILL)\n    except OSError: pass",
    ),
    "a signal to the parent": Attack(
        "namespace-pid, landlock-signals",
        "import os, signal\nattempt(lambda: os.kill(os.getppid(), signal.SIGKILL))",
        proof="",
    ),
    "other limits and priorities": Attack(
        "rlimits are hard",
        "import os, resource\nattempt(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10**6, 10**6)))\nattempt(lambda: os.nice(-20))\n"
        "attempt(lambda: os.setuid(0))\nattempt(lambda: os.chroot('/'))",
        proof="refused",
    ),
    "mounts of its own": Attack(
        "seccomp",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.unshare(0x10000000), libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0), 'errno', ctypes.get_errno())",
        proof="-1 -1 errno 1",
    ),
    "crontab and services": Attack(
        _READ_ONLY,
        "for path in ('/etc/cron.d/@MARK@', '/var/spool/cron/@MARK@', '/etc/systemd/system/@MARK@.service'):\n    attempt(lambda: open(path, 'w'))",
        proof="refused",
    ),
}
