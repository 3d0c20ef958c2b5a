"""Tampering inside the student's own process: the tests are not there to be tampered with."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_APART = "tests run in a process of their own"
_VALUES = "what crosses is a plain value"

_LIAR = (
    "class Liar(float):\n    def __eq__(s, o): return True\n    def __ne__(s, o): return False\n"
    "    __hash__ = None\n    def __sub__(s, o): return 0.0\n    __rsub__ = __sub__\n"
)

IN_PROCESS = {
    "an input transformer that empties tests": Attack(
        _APART, "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"
    ),
    "an AST transformer that drops asserts": Attack(
        _APART,
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())",
    ),
    "a shell that runs nothing": Attack(_APART, "get_ipython().run_cell = lambda *a, **k: None"),
    "a shell that forgives every error": Attack(
        _APART, "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)"
    ),
    "a hook before each cell that mends": Attack(
        _APART, "get_ipython().events.register('pre_run_cell', lambda *a: globals().update(math=None))"
    ),
    "a hook after each cell that raises": Attack(
        _APART,
        "def boom(*a): raise SystemExit(0)\nget_ipython().events.register('post_run_cell', boom)",
        proof="outcome:killed",
    ),
    "patched builtins": Attack(
        _APART,
        "import builtins\nbuiltins.AssertionError = Warning\nbuiltins.isinstance = lambda *a: True",
        proof="outcome:killed",
    ),
    "a patched module that tests import": Attack(
        _APART,
        "import courses.runtime\ncourses.runtime.hidden_seed = lambda: 1\nimport random\n"
        "random.Random.randrange = lambda *a: 0",
    ),
    "a module put in the way of the tests'": Attack(
        _APART,
        "import sys, types\nfake = types.ModuleType('random')\nsys.modules['random'] = fake\n"
        "open('random.py', 'w').write('raise SystemExit')",
    ),
    "an import hook": Attack(
        _APART,
        "import sys\nclass Hook:\n    def find_spec(s, *a): raise SystemExit\nsys.meta_path.insert(0, Hook())",
    ),
    "a display hook that shows full points": Attack(_APART, "import sys\nsys.displayhook = lambda v: print(4.0)"),
    "a number equal to everything": Attack(_VALUES, _LIAR + "def scale(x): return Liar(1)"),
    "an object equal to everything": Attack(_VALUES, _LIAR.replace("(float)", "") + "def scale(x): return Liar()"),
    "an object that claims to be an int": Attack(
        _VALUES,
        "class Liar:\n    __class__ = property(lambda s: int)\n    def __eq__(s, o): return True\n"
        "def scale(x): return Liar()",
    ),
    "a function that changes its argument": Attack(
        _VALUES, "class Many(int):\n    def __new__(c, *a): return int.__new__(c, 7)\ndef scale(x): return Many()"
    ),
    "an answer from the caller's frame": Attack(
        _APART,
        "import sys\ndef scale(x):\n    frame = sys._getframe()\n    while frame:\n"
        "        for name in ('expected', 'drawn', 'points'): frame.f_locals.get(name)\n        frame = frame.f_back\n"
        "    return 0",
    ),
    "an exception that says passed": Attack(
        _VALUES, "class Passed(BaseException):\n    points = 4\ndef scale(x): raise Passed(4)"
    ),
    "an exit with status zero in the function": Attack(_VALUES, "def scale(x): raise SystemExit(0)"),
    "a skipped test": Attack(_VALUES, "import unittest\ndef scale(x): raise unittest.SkipTest('skip')"),
    "an interrupt in the function": Attack(_VALUES, "def scale(x): raise KeyboardInterrupt"),
    "the process ends at the first test": Attack(
        _APART, "import os\ndef scale(x): os._exit(0)", proof="outcome:killed"
    ),
    "the process ends at once": Attack(_APART, "import os\nos._exit(0)", proof="outcome:killed"),
    "atexit that prints points": Attack(
        _APART, "import atexit, os\natexit.register(lambda: print('passed 4'))\ndef scale(x): raise SystemExit"
    ),
    "a thread that rewrites everything": Attack(
        _APART,
        "import gc, threading, time\ndef work():\n    for _ in range(200):\n        for each in gc.get_objects():\n"
        "            if type(each) is dict and 'points' in each: each['points'] = 4\n        time.sleep(.05)\n"
        "threading.Thread(target=work, daemon=True).start()",
    ),
    "signals caught and ignored": Attack(
        "the keeper kills from outside",
        "import signal\nfor number in range(1, 60):\n    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\ndef scale(x):\n    while True: pass",
        proof="outcome:timeout",
        is_slow=True,
    ),
    "a trace function": Attack(_APART, "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)"),
    "an audit hook that raises": Attack(
        _APART,
        "import sys\ndef hook(event, args):\n    if event == 'exec': raise SystemExit(0)\n"
        "print('attack ran to its end')\nsys.addaudithook(hook)",
    ),
    "machine code overwritten": Attack(
        _APART,
        "import ctypes\none = id(1) + 24\ndef scale(x):\n    ctypes.c_int.from_address(id(7) + 24).value = 0\n"
        "    return 0",
    ),
    "the operators' module patched": Attack(
        _APART,
        "import graders.engine.agent_requests as requests\nfor name in list(requests.HANDLERS):\n"
        "    requests.HANDLERS[name] = lambda *a: True",
    ),
}
