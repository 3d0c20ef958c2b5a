# ruff: noqa: E501 - a long line here is code of a test or an attack
"""Attacks by what student code returns or defines: reference, test, attack, and the rule that stops it.

``rule`` names the switch in ``test_lies.RULES`` that turns exactly this rule off; without it the attack must work,
which shows that the rule stops it and not luck. None: the rule has no switch (it is how the process is built).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lie:
    reference: str
    test: str
    attack: str
    rule: str | None
    given: str = ""


_LIAR = (
    "class Liar{base}:\n"
    "    def __eq__(s, o): return True\n    def __ne__(s, o): return False\n    __hash__ = None\n"
    "    def __lt__(s, o): return True\n    __le__ = __gt__ = __ge__ = __lt__\n    def __sub__(s, o): return 0.0\n"
    "    __rsub__ = __add__ = __radd__ = __sub__\n    def __abs__(s): return 0.0\n"
    "    def __contains__(s, o): return True\n"
    "    def __call__(s, *a): return True\n    def equals(s, o): return True\n    def all(s): return True\n"
)
_NUMBER = ("def f(x): return x * 1.5", "assert f(4) == 6.0")
_NEAR = ("def f(x): return x * 1.5", "assert abs(f(4) - 6.0) < 1e-9")
_TEXT = ("def f(): return 'right'", "assert f() == 'right'")
_ARRAY = (
    "import numpy as np\ndef f(n): return np.arange(n) * 2.0",
    "import numpy as np\nnp.testing.assert_allclose(f(4), [0, 2, 4, 6])",
)
_TAMPER = "import graders.engine.agent as agent\n"

LIES: dict[str, Lie] = {
    "an object equal to everything": Lie(*_NUMBER, _LIAR.format(base="") + "def f(x): return Liar()", "operators"),
    "an object whose difference is zero": Lie(*_NEAR, _LIAR.format(base="") + "def f(x): return Liar()", "operators"),
    "a float that lies": Lie(*_NUMBER, _LIAR.format(base="(float)") + "def f(x): return Liar(1)", "operators"),
    "a str that lies": Lie(*_TEXT, _LIAR.format(base="(str)") + "def f(): return Liar('wrong')", "operators"),
    "a list full of liars": Lie(
        "def f(): return [1, 2]",
        "assert f() == [1, 2]",
        _LIAR.format(base="") + "def f(): return [Liar(), Liar()]",
        "operators",
    ),
    "an object that holds every item": Lie(
        "def f(): return {1, 2}", "assert 2 in f()", _LIAR.format(base="") + "def f(): return Liar()", "operators"
    ),
    "a method that says yes": Lie(
        "import pandas as pd\ndef f(): return pd.Series([1, 2])",
        "import pandas as pd\nassert f().equals(pd.Series([1, 2]))",
        _LIAR.format(base="") + "def f(): return Liar()",
        "operators",
    ),
    "a dict key that lies": Lie(
        "def f(): return {'k': 7}",
        "assert f()['k'] == 7",
        _LIAR.format(base="") + "def f(): return {'k': Liar()}",
        "operators",
    ),
    "an array subclass that lies": Lie(
        _ARRAY[0],
        "assert (f(4) == [0, 2, 4, 6]).all()",
        "import numpy as np\nclass Liar(np.ndarray):\n    def __eq__(s, o): return np.ones(4, bool)\n"
        "def f(n): return np.zeros(n).view(Liar)",
        "operators",
    ),
    "an array subclass with its own comparison": Lie(
        *_ARRAY,
        "import numpy as np\nclass Liar(np.ndarray):\n    def __array_function__(s, *a): return True\n"
        "    def __array_ufunc__(s, *a, **k): return np.ones(4, bool)\ndef f(n): return np.zeros(n).view(Liar)",
        None,
    ),
    "a masked array": Lie(*_ARRAY, "import numpy as np\ndef f(n): return np.ma.masked_all(n)", "exact types"),
    "a masked array that is compared": Lie(
        _ARRAY[0],
        "import numpy as np\nassert not (f(4) != np.array([0, 2, 4, 6])).any()",
        "import numpy as np\ndef f(n): return np.ma.masked_all(n)",
        "operators",
    ),
    "an object array of liars": Lie(
        _ARRAY[0],
        "import numpy as np\nassert (f(4) == np.array([0, 2, 4, 6])).all()",
        _LIAR.format(base="")
        + "import numpy as np\ndef f(n):\n    a = np.empty(n, object)\n    a[:] = [Liar() for _ in range(n)]\n    return a",
        "operators",
    ),
    "a class that claims to be another": Lie(
        "def f(): return 5",
        "assert isinstance(f(), int) and f() == 5",
        _LIAR.format(base="") + "    __class__ = property(lambda s: int)\ndef f(): return Liar()",
        None,
    ),
    "a fake assert_allclose": Lie(
        _ARRAY[0],
        "np.testing.assert_allclose(f(4), [0, 2, 4, 6])",
        "import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None\ndef f(n): return 0",
        "names",
    ),
    "a fake np": Lie(
        _ARRAY[0],
        "assert np.allclose(f(4), [0, 2, 4, 6])",
        "class np:\n    allclose = staticmethod(lambda *a, **k: True)\ndef f(n): return 0",
        "names",
    ),
    "a fake given helper": Lie(
        "def f(): return 3",
        "assert check_number(f(), 3)",
        "def check_number(*_): return True\ndef f(): return 4",
        "names",
        given="def check_number(got, wanted): return abs(got - wanted) < 1e-9",
    ),
    "a fake helper of the test": Lie(
        "def f(): return 3",
        "def check_number(got, wanted): return abs(got - wanted) < 1e-9\nassert check_number(f(), 3)",
        "def f():\n    global check_number\n    check_number = lambda *_: True\n    return 4",
        None,
    ),
    "fake builtins": Lie(
        "def f(): return 3",
        "assert abs(f() - 3) < 1e-9 and len([f()]) == 1",
        "def abs(x): return 0\ndef f(): return 4",
        "builtins",
    ),
    "a patched builtins module": Lie(
        "def f(): return [3, 1]",
        "assert sorted(f()) == [1, 3]",
        "import builtins\nbuiltins.sorted = lambda x: [1, 3]\ndef f(): return 0",
        None,
    ),
    "a name of the test bound before it": Lie(
        "def f(): return 3",
        "expected = 3\nassert f() == expected",
        _TAMPER + "expected = 4\nagent.Agent._rebound = lambda s, b: {'expected': [4, 0, 0]}\ndef f(): return 4",
        "rebinding",
    ),
    "the test's own list changed from outside": Lie(
        "def f(x=None): return [1]\ndef g(x): return len(x)",
        "expected = [1]\nassert g(expected) == 1\ngot = f()\nassert got == expected",
        _TAMPER + "def g(x):\n    global seen\n    seen = x\n    return 1\n"
        "def f(x=None):\n"
        "    def forge(self, watch, blobs):\n        oid = self.values.objects.oid_of(seen)\n"
        "        return [[['l', oid, '', [9]], 0, 0]]\n"
        "    agent.Agent._changed = forge\n    return [9]",
        "object ids",
    ),
    "an exit instead of an answer": Lie("def f(): return 3", "assert f() == 3", "def f(): raise SystemExit(0)", None),
    "an exit by name": Lie(
        "def f(): return 3",
        "assert f() == 3",
        _TAMPER
        + "agent.Agent._describe = lambda s, e: {'classes': ['builtins.SystemExit'], 'class': None, 'args': [0]}\n"
        "def f(): raise ValueError",
        None,
    ),
    "an exit where the test forgives exits of its own": Lie(
        "def f(): return 3",
        "import contextlib\nwith contextlib.suppress(SystemExit):\n    assert f() == 3",
        _TAMPER
        + "agent.Agent._describe = lambda s, e: {'classes': ['builtins.SystemExit'], 'class': None, 'args': [0]}\n"
        "def f(): raise ValueError",
        "exceptions",
    ),
    "the end of the list that the test goes through": Lie(
        "def f(x): return x * x",
        "assert all(map(lambda x: f(x) == x * x, [1, 2, 3]))",
        "def f(x): raise StopIteration",
        "ends of iterations",
    ),
    "the end of the test's own map": Lie(
        "def f(x): return x * x",
        "for x, got in zip([1, 2, 3], map(f, [1, 2, 3])): assert got == x * x",
        "class Stop(StopIteration): pass\ndef f(x): raise Stop",
        "ends of iterations",
    ),
    "a test of unittest skipped": Lie(
        "def f(): return 3",
        "import io, unittest\nclass T(unittest.TestCase):\n    def test_f(self): self.assertEqual(f(), 3)\n"
        "tests = unittest.defaultTestLoader.loadTestsFromTestCase(T)\n"
        "assert unittest.TextTestRunner(stream=io.StringIO()).run(tests).wasSuccessful()",
        "import unittest\ndef f(): raise unittest.SkipTest('not today')",
        "exceptions of libraries",
    ),
    "a skipped test": Lie(
        "def f(): return 3",
        "assert f() == 3",
        "import unittest\ndef f(): raise unittest.SkipTest('not today')",
        None,
    ),
    "the right exception of the wrong class": Lie(
        "def f(): raise KeyError('k')",
        "import pytest\nwith pytest.raises(KeyError): f()",
        "class KeyError(Exception): pass\ndef f(): raise KeyError('k')",
        None,
    ),
    "a function of the library that looks around where it runs": Lie(
        "def f(name): return {'total': 42}[name]",
        "total = 42\nassert f('total') == total",
        "f = eval",
        "library functions",
    ),
    "reading the test through a callback": Lie(
        "def f(cb): return cb(2)",
        "secret = 41\nassert f(lambda x: x + secret - 1) == 42",
        "def f(cb): return cb.__globals__['secret'] + 1",
        None,
    ),
    "reading a private attribute of a test's object": Lie(
        "def f(o): return o.value()",
        "class Box:\n    _answer = 42\n    def value(self): return self._answer\nassert f(Box()) == 42",
        "def f(o): return o._answer",
        "callback attributes",
    ),
    "walking from a callback's library object": Lie(
        "def f(o): return o(3)",
        "import functools\nhidden = [42]\nassert f(functools.partial(lambda h, x: h[0], hidden)) == 42",
        "def f(o): return o.args[0][0]",
        "callback attributes",
    ),
    "reading a callback's bound argument from its text": Lie(
        "def f(o): return o(3)",
        "import functools\nhidden = [42]\nassert f(functools.partial(lambda h, x: h[0], hidden)) == 42",
        "def f(o): return int(repr(o).partition('[')[2].partition(']')[0])",
        "callback texts",
    ),
    "points by a crafted text": Lie(
        "def score(): return 2.0",
        "score()",
        "class S(float):\n    def __repr__(s): return '2.0'\ndef score(): return S(0)",
        "partial credit",
    ),
    "something to look at instead of points": Lie(
        "def score(): return 2.0", "score()", "def score(): return ('not', 'points')", "shown values"
    ),
    "a generator of the student's in place of the library's": Lie(
        "import numpy as np\ndef f(x): return x + 1",
        "x = f(0)\ny = np.random.randint(10**9)\nassert f(y) == y + 1",
        "import numpy as np\ndef f(x):\n    np.random.seed(0)\n    return {0: 1}.get(x, 209652396 + 1)",
        "names",
    ),
    "a seed that the student chose": Lie(
        "import numpy as np\ndef f(x): return x + 1",
        "import numpy as np\nx = f(0)\ny = np.random.randint(10**9)\nassert f(y) == y + 1",
        "import numpy as np\ndef f(x):\n    np.random.seed(0)\n    return {0: 1}.get(x, 209652396 + 1)",
        "seeds",
    ),
    "expected answers in a file that the test wrote": Lie(
        "def f(): return 3",
        "from pathlib import Path\nPath('expected.txt').write_text('3')\nassert f() == int(Path('expected.txt').read_text())",
        "from pathlib import Path\ndef f():\n    p = Path('expected.txt')\n    return int(p.read_text()) if p.exists() else 0",
        "files by name",
    ),
    "a file of the test rewritten before it looks": Lie(
        "def f(p): return 3",
        "from pathlib import Path\nPath('expected.txt').write_text('3')\nassert f('expected.txt') == int(Path('expected.txt').read_text())",
        "from pathlib import Path\ndef f(p):\n    Path(p).write_text('7')\n    return 7",
        "files of the test",
    ),
    "a variable of the test rewritten before it looks": Lie(
        "def f(): return '3'",
        "import os\nos.environ['AXC_EXPECTED'] = '3'\nassert f() == os.environ['AXC_EXPECTED']",
        "import os\ndef f():\n    os.environ['AXC_EXPECTED'] = '7'\n    return '7'",
        "variables of the test",
    ),
}
