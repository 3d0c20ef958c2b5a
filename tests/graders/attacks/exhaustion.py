# ruff: noqa: E501 - a long line here is attack code
"""Using up the machine: time, memory, processes, files, output."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_LIMITS = "rlimits, keeper"
_BIG = 700 * 2**20

EXHAUSTION = {
    "an endless loop": Attack("cell time", "while True: pass", proof="KeyboardInterrupt"),
    "an endless loop that ignores the interrupt": Attack(
        "cell time, then kill",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        proof="outcome:timeout",
    ),
    "endless sleep in C": Attack("cell time", "import time\ntime.sleep(10**6)", proof="KeyboardInterrupt"),
    "an endless loop at the test": Attack(
        "test cell time", "def scale(x):\n    while True: pass", proof="outcome:timeout", is_slow=True
    ),
    "memory in one piece": Attack(_LIMITS, f"attempt(lambda: bytearray({_BIG}))", proof="refused MemoryError"),
    "memory bit by bit": Attack(
        _LIMITS,
        "kept = []\ndef fill():\n    while True: kept.append(bytearray(2**20))\nattempt(fill)\nkept = None",
        proof="",
    ),
    "memory in many processes": Attack(
        "keeper",
        "import os, time\nfor _ in range(8):\n    if not os.fork():\n        kept = b'x' * (150 * 2**20)\n        time.sleep(60)\n"
        "time.sleep(30)",
        proof="outcome:memory",
        is_slow=True,
    ),
    "shared memory": Attack(
        "own /dev/shm with a quota",
        "def fill():\n    with open('/dev/shm/x', 'wb') as file:\n        for _ in range(70): file.write(b'x' * (10 * 2**20))\n"
        "attempt(fill)",
        proof="",
    ),
    "a fork bomb": Attack(
        _LIMITS,
        "import os\ntry:\n    while True: os.fork()\nexcept OSError:\n    import time\n    time.sleep(60)",
        proof="",
    ),
    "a shell's fork bomb": Attack(
        _LIMITS, "import subprocess\nsubprocess.run(['sh', '-c', ':(){ :|:& };:'])", proof=""
    ),
    "a thousand threads": Attack(
        _LIMITS,
        "import threading, time\ndef many():\n    for _ in range(1000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "attempt(many)",
        proof="",
    ),
    "one huge file": Attack(
        _LIMITS,
        "import os\nattempt(lambda: os.posix_fallocate(os.open('big', os.O_CREAT | os.O_WRONLY), 0, 10**9))",
        proof="refused",
    ),
    "many middling files": Attack(
        "keeper",
        "import time\nfor number in range(12):\n    open(f'f{number}', 'wb').write(b'x' * (20 * 2**20))\ntime.sleep(4)",
        proof="outcome:killed",
    ),
    "a hundred thousand empty files": Attack(
        "keeper",
        "for number in range(100_000): open(f'f{number}', 'w').close()",
        proof="outcome:killed",
        limits=(("cell_seconds", 12), ("notebook_seconds", 16)),  # too many files, not too slow
        is_slow=True,
    ),
    "folders nested without end": Attack(
        "removal without recursion limits",
        "import os\ntry:\n    for _ in range(3000):\n        os.mkdir('d')\n        os.chdir('d')\nexcept OSError as error: print(error)",
        proof="",
        is_slow=True,
    ),
    "folders closed to everybody": Attack(
        "rights are mended before removal",
        "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)\nos.chmod('a', 0)\nos.chmod('.', 0)",
    ),
    "all descriptors": Attack(
        _LIMITS,
        "kept = []\ndef many():\n    while True: kept.append(open('/dev/null'))\nattempt(many)\nkept.clear()",
        proof="refused OSError",
    ),
    "endless output": Attack("output is bounded", "for _ in range(300_000): print('x' * 100)", proof=""),
    "endless output past Python": Attack(
        "output is bounded", "import os\nfor _ in range(3000): os.write(1, b'x' * 10_000)", proof=""
    ),
    "a hundred thousand displays": Attack(
        "output is bounded",
        "from IPython.display import display\nfor number in range(20_000): display({'text/plain': str(number)}, raw=True)",
        proof="",
    ),
    "a display nested deep": Attack(
        "output is bounded",
        "from IPython.display import display\ndeep = []\nfor _ in range(50_000): deep = [deep]\n"
        "attempt(lambda: display({'application/json': deep}, raw=True))",
        proof="",
    ),
    "recursion without end": Attack(
        "Python's own limit", "def down(): down()\nattempt(down)", proof="refused RecursionError"
    ),
    "source nested deep": Attack("the cell fails", "attempt(lambda: eval('(' * 100_000))", proof="refused"),
    "a crash of the interpreter": Attack(
        "the process ends, not the slot", "import ctypes\nctypes.string_at(0)", proof="outcome:killed"
    ),
    "a huge integer as text": Attack(
        "Python's own limit", "attempt(lambda: str(10 ** 6000))", proof="refused ValueError"
    ),
}
