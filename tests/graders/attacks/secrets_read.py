# ruff: noqa: E501 - a long line here is attack code
"""Reading what is secret: tests, other submissions, the grader's environment, memory and descriptors."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_NOT_THERE = "no secret ever enters the student's process"
_TREE = "landlock-files, namespace-mount"
_PROC = "namespace-pid, own-proc"
_WALK = (
    "import os\ndef search(root):\n    found = []\n    for folder, _, names in os.walk(root):\n"
    "        for name in names[:2000]:\n            try:\n                with open(os.path.join(folder, name), 'rb') as f:\n"
    "                    data = f.read(200_000)\n            except OSError: continue\n"
    "            at = data.find(b'KANA' b'RIE-')\n            if at >= 0: found.append(data[at:at + 60])\n    return found\n"
)


def _tried(rule: str, code: str, proof: str = "refused") -> Attack:
    return Attack(rule, code, proof=proof)


SECRETS_READ = {
    "the environment": Attack(_NOT_THERE, "import os\nprint(dict(os.environ))"),
    "the environment of every process": Attack(
        _PROC,
        "import glob\nfor path in glob.glob('/proc/*/environ'):\n    attempt(lambda: open(path, 'rb').read())",
    ),
    "the parent's memory": _tried(_PROC, "import os\nattempt(lambda: open(f'/proc/{os.getppid()}/mem', 'rb').read(1))"),
    "the memory of neighbours by process_vm_readv": Attack(
        "seccomp",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nbuffer = ctypes.create_string_buffer(64)\n"
        "for pid in range(1, 400): libc.process_vm_readv(pid, buffer, 1, buffer, 1, 0)\nprint('errno', ctypes.get_errno())",
        proof="errno 1",
    ),
    "ptrace of the parent": Attack(
        "seccomp",
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.ptrace(16, 1, 0, 0), 'errno', ctypes.get_errno())",
        proof="-1 errno 1",
    ),
    "own memory searched for tests": Attack(
        _NOT_THERE,
        "maps = [line.split() for line in open('/proc/self/maps') if 'rw' in line]\nmemory = open('/proc/self/mem', 'rb', 0)\n"
        "mark, found = b'KANA' b'RIE-', []\nfor entry in maps:\n    low, high = (int(part, 16) for part in entry[0].split('-'))\n"
        "    try:\n        memory.seek(low)\n        data = memory.read(min(high - low, 2**24))\n    except (OSError, ValueError): continue\n"
        "    at = data.find(mark)\n    if at >= 0: found.append(data[at:at + 40])\nprint(found)",
    ),
    "all objects searched for tests": Attack(
        _NOT_THERE,
        "import gc\nprint([each for box in gc.get_objects() if type(box) is dict for each in box.values()"
        " if type(each) is str and ('KANA' + 'RIE') in each][:20])",
    ),
    "open descriptors": Attack(
        _NOT_THERE,
        "import os, stat\nfor name in os.listdir('/proc/self/fd'):\n    attempt(lambda: os.readlink(f'/proc/self/fd/{name}'))\n"
        "for number in range(3, 256):\n    try: kind = os.fstat(number).st_mode\n    except OSError: continue\n"
        "    if stat.S_ISREG(kind): attempt(lambda: os.pread(number, 2000, 0))",
    ),
    "the tests' own copy of the folder": _tried(
        _TREE,
        "import os\nattempt(lambda: os.listdir('../trusted'))\nattempt(lambda: open('../trusted/learner.json').read())",
    ),
    "other submissions and files in /tmp": Attack(_TREE, _WALK + "attempt(lambda: search('/tmp'))"),
    "the folders above": Attack(_TREE, _WALK + "attempt(lambda: search('..'))\nattempt(lambda: os.listdir('../..'))"),
    "course sources with solutions": _tried(
        _TREE,
        "import courses, os\nhome = os.path.dirname(courses.__file__)\n"
        "for name in sorted(os.listdir(home)):\n    attempt(lambda: os.listdir(os.path.join(home, name)))\n"
        "attempt(lambda: open(os.path.join(home, '../tests/graders/attacks/assignment.py')).read())",
    ),
    "the machine's secrets": _tried(
        _TREE,
        "for path in ('/etc/shadow', '/root/.ssh/id_rsa', '/var/run/secrets', '/proc/1/environ', '/etc/ssh'):\n"
        "    attempt(lambda: open(path, 'rb').read())",
    ),
    "symbolic links out of the folder": _tried(
        _TREE,
        "import os\nfor number, target in enumerate(('../trusted', '/etc/shadow', '/proc/1/root')):\n"
        "    os.symlink(target, f'link{number}')\n    attempt(lambda: open(f'link{number}/learner.json').read())\n"
        "    attempt(lambda: open(f'link{number}').read())",
    ),
    "hard links to files of others": _tried(_TREE, "import os\nattempt(lambda: os.link('/etc/shadow', 'mine'))"),
    "the hidden seed by its name": Attack(
        _NOT_THERE,
        "import os\nfrom courses.runtime import hidden_seed\nattempt(hidden_seed)\n"
        "print(os.environ.get('AXCAMPUS_HIDDEN_SEED'))",
        proof="None",
    ),
    "the kernel's log and keys": Attack(
        "seccomp, namespace-mount",
        "attempt(lambda: open('/dev/kmsg').read(100))\nattempt(lambda: open('/proc/kcore', 'rb').read(8))\nattempt(lambda: open('/proc/keys').read())",
        proof="refused",
    ),
    "the stack of the test at the call": Attack(
        _NOT_THERE,
        "import gc, inspect\ndef scale(x):\n    print([str(frame.frame.f_locals)[:4000] for frame in inspect.stack()])\n    return 0",
    ),
}
