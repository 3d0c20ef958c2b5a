"""What real tests do at the bridge: (what, reference, test, wrong solution). The wrong one must fail, the reference pass."""

CASES: dict[str, tuple[str, str, str]] = {
    "scalars keep their exact type": (
        "a, b, c, d, e = 1, 1.5, True, 'x', None\nn = 10**40\nz = 2+1j\nbs = b'q'",
        "assert type(a) is int and type(b) is float and c is True and d == 'x' and e is None\n"
        "assert n == 10**40 and z == 2+1j and bs == b'q' and type(bs) is bytes",
        "a, b, c, d, e = 1.0, 1.5, True, 'x', None\nn = 10**40\nz = 2+1j\nbs = b'q'",
    ),
    "infinities and nan": (
        "import math\nv = [float('inf'), -float('inf'), float('nan'), -0.0]",
        "import math\nassert v[0] > 1e308 and v[1] < -1e308 and math.isnan(v[2]) and math.copysign(1, v[3]) == -1",
        "v = [0, 0, 0, 0]",
    ),
    "containers": (
        "c = {'a': [1, (2, 3)], 2: {4, 5}, (1,): frozenset('x')}",
        "assert c == {'a': [1, (2, 3)], 2: {4, 5}, (1,): frozenset('x')} and list(c) == ['a', 2, (1,)]\n"
        "assert type(c['a'][1]) is tuple and type(c[2]) is set and type(c[(1,)]) is frozenset",
        "c = {2: {4, 5}, 'a': [1, (2, 3)], (1,): frozenset('x')}",
    ),
    "standard containers": (
        "import collections\nq = collections.deque([1, 2], 3)\nk = collections.Counter('aab')\n"
        "dd = collections.defaultdict(list, {1: [2]})\nod = collections.OrderedDict(a=1)\n"
        "P = collections.namedtuple('P', 'x y')\np = P(1, 2)",
        "import collections\nassert type(q) is collections.deque and q.maxlen == 3 and list(q) == [1, 2]\n"
        "assert k.most_common(1) == [('a', 2)] and dd[1] == [2] and dd[9] == [] and type(od) is collections.OrderedDict\n"
        "assert p == (1, 2) and p.x == 1 and p._fields == ('x', 'y') and type(p).__name__ == 'P'",
        "import collections\nq = [1, 2]\nk = dd = od = {}\np = (1, 2)",
    ),
    "dates": (
        "import datetime as dt\nfrom decimal import Decimal\nfrom fractions import Fraction\n"
        "v = [dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.timezone.utc), dt.timedelta(days=1), "
        "Decimal('1.10'), Fraction(1, 3)]",
        "import datetime\nfrom decimal import Decimal\nfrom fractions import Fraction\n"
        "assert v[0] == datetime.date(2026, 1, 2) and v[1].tzinfo is not None and v[2].days == 1\n"
        "assert str(v[3]) == '1.10' and v[4] == Fraction(1, 3) and isinstance(v[4], Fraction)",
        "v = ['2026-01-02'] * 5",
    ),
    "arrays": (
        "import numpy as np\na = np.arange(6, dtype='f4').reshape(2, 3)\nb = np.array(['x', 'yy'])\ns = np.float64(2)",
        "assert a.shape == (2, 3) and a.dtype == np.float32 and type(a) is np.ndarray and b.dtype.kind == 'U'\n"
        "np.testing.assert_array_equal(a, np.arange(6).reshape(2, 3))\nassert type(s) is np.float64 and isinstance(s, float)",
        "import numpy as np\na = np.arange(6).reshape(2, 3)\nb = ['x', 'yy']\ns = 2.0",
    ),
    "polynomials": (
        "import numpy as np\np = np.poly1d([1, 0, -1])\nq = np.polynomial.Polynomial([1, 2])",
        "assert p(2) == 3 and set(p.roots) == {1, -1} and q(1) == 3 and type(q) is np.polynomial.Polynomial",
        "import numpy as np\np = np.poly1d([1, 0, -2])\nq = p",
    ),
    "autotest digests": (
        "def f(): return [1]\nx = 1.5\nimport numpy as np\ny = np.zeros(3)",
        "from hashlib import sha1\n"
        "assert sha1(str(type(x)).encode('utf-8') + b'a').hexdigest() == sha1(b\"<class 'float'>a\").hexdigest()\n"
        "assert sha1(str(type(f)).encode()).hexdigest() == sha1(b\"<class 'function'>\").hexdigest()\n"
        "assert sha1(str(type(y)).encode()).hexdigest() == sha1(b\"<class 'numpy.ndarray'>\").hexdigest()",
        "def f(): return [1]\nx = 1\nimport numpy as np\ny = np.zeros(3)",
    ),
    "functions": (
        "def f(a, b=2, *c, k=1, **d): return a + b + sum(c) + k + sum(d.values())",
        "assert f(1) == 4 and f(1, 2, 3, k=4, z=5) == 15 and callable(f)",
        "def f(a, b=2, *c, k=1, **d): return a",
    ),
    "functions are described": (
        "def f(a: int, b=2):\n    '''Doc.'''\n    return a",
        "import inspect, types\nassert f.__name__ == 'f' and f.__doc__ == 'Doc.'\n"
        "assert list(inspect.signature(f).parameters) == ['a', 'b'] and 'return a' in inspect.getsource(f)\n"
        "assert isinstance(f, types.FunctionType) and inspect.isfunction(f) and f.__code__.co_argcount == 2\n"
        "assert f.__defaults__ == (2,) and f.__annotations__['a'] is int",
        "f = lambda a: a",
    ),
    "classes and instances": (
        "class A:\n    k = 3\n    def __init__(self, x): self.x = x\n    def m(self, n=1): return self.x * n\n"
        "    @property\n    def p(self): return self.x + 1\n    def __len__(self): return self.x\n"
        "    def __getitem__(self, i): return i * self.x\n    def __contains__(self, v): return v == self.x\n"
        "    def __str__(self): return f'A({self.x})'\nclass B(A): pass",
        "a = A(4)\nassert a.m() == 4 and a.m(n=2) == 8 and a.p == 5 and A.k == 3 and len(a) == 4 and a[2] == 8 and 4 in a\n"
        "a.x = 5\nassert a.m() == 5 and str(a) == 'A(5)' and f'{a}' == 'A(5)' and isinstance(a, A) and not isinstance(a, B)\n"
        "b = B(1)\nassert isinstance(b, A) and issubclass(B, A) and type(b).__name__ == 'B' and type(b) is B\n"
        "assert hasattr(a, 'm') and not hasattr(a, 'zz') and a.__class__.__name__ == 'A' and vars(a) == {'x': 5}",
        "class A:\n    def __init__(self, x): self.x = x\nclass B(A): pass",
    ),
    "operators of the student's class": (
        "class V:\n    def __init__(s, x): s.x = x\n    def __add__(s, o): return V(s.x + o.x)\n"
        "    def __eq__(s, o): return s.x == o.x\n    def __mul__(s, k): return V(s.x * k)\n    def __rmul__(s, k): return V(s.x * k)\n"
        "    def __neg__(s): return V(-s.x)\n    def __lt__(s, o): return s.x < o.x\n    def __abs__(s): return abs(s.x)",
        "assert (V(1) + V(2)).x == 3 and V(1) == V(1) and V(1) != V(2) and (V(2) * 3).x == 6 and (3 * V(2)).x == 6\n"
        "assert (-V(1)).x == -1 and V(1) < V(2) and abs(V(-3)) == 3 and [v.x for v in sorted([V(2), V(1)])] == [1, 2]",
        "class V:\n    def __init__(s, x): s.x = x",
    ),
    "generators": (
        "def g(n):\n    for i in range(n): yield i * i",
        "assert list(g(4)) == [0, 1, 4, 9]\nit = g(2)\nassert next(it) == 0 and next(it) == 1\n"
        "try:\n    next(it)\nexcept StopIteration:\n    pass\nelse:\n    assert False\n"
        "import types, inspect\nassert isinstance(g(1), types.GeneratorType) and sum(g(4)) == 14",
        "def g(n): return [0, 1, 4]",
    ),
    "exceptions by builtin name": (
        "def f(x):\n    if x < 0: raise ValueError('negative: %d' % x)\n    return {}[x]",
        "import pytest\nwith pytest.raises(ValueError, match='negative: -1') as e: f(-1)\nassert e.value.args == ('negative: -1',)\n"
        "try:\n    f(1)\nexcept KeyError as e:\n    assert e.args == (1,)\nelse:\n    assert False",
        "def f(x): raise RuntimeError('negative: -1')",
    ),
    "exceptions that the student defines": (
        "class Broke(ValueError):\n    pass\ndef f(): raise Broke('none left')",
        "import pytest\nwith pytest.raises(Broke, match='none left'): f()\nwith pytest.raises(ValueError): f()\n"
        "assert issubclass(Broke, ValueError) and issubclass(Broke, Exception)",
        "class Broke(ValueError):\n    pass\ndef f(): raise ValueError('none left')",
    ),
    "library exceptions": (
        "import numpy as np\ndef f(): return np.linalg.inv(np.zeros((2, 2)))",
        "import pytest\nwith pytest.raises(np.linalg.LinAlgError): f()",
        "import numpy as np\ndef f(): raise ValueError",
    ),
    "unittest": (
        "def f(x): return 1 / x",
        "import unittest\ntc = unittest.TestCase()\ntc.assertRaises(ZeroDivisionError, f, 0)\ntc.assertEqual(f(2), 0.5)\n"
        "with tc.assertRaises(TypeError): f('a')\ntc.assertAlmostEqual(f(3), 0.3333333, places=5)",
        "def f(x): return 1",
    ),
    "printed text": (
        "def hello(n):\n    print('hello', n)\n    print('x', end='')",
        "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out): hello(3)\n"
        "assert out.getvalue() == 'hello 3\\nx'",
        "def hello(n): print('hello')",
    ),
    "printed text by mock": (
        "def hello(n): print('hello', n)",
        "from unittest.mock import patch\nimport io\nwith patch('sys.stdout', new_callable=io.StringIO) as out:\n    hello(1)\n"
        "assert out.getvalue() == 'hello 1\\n'\nwith patch('builtins.print') as p:\n    hello(2)\np.assert_called_with('hello', 2)",
        "def hello(n): print('hello')",
    ),
    "printed text by sys.stdout": (
        "def hello(): print('hi')",
        "import sys, io\nold = sys.stdout\nsys.stdout = buf = io.StringIO()\nhello()\nsys.stdout = old\nassert buf.getvalue() == 'hi\\n'",
        "def hello(): print('ho')",
    ),
    "input by mock": (
        "def ask():\n    return int(input('a? ')) + int(input('b? '))",
        "from unittest import mock\nwith mock.patch('builtins.input', side_effect=['3', '4']) as m:\n    assert ask() == 7\n"
        "assert m.call_count == 2\nimport builtins\nold = builtins.input\nbuiltins.input = lambda *a: '1'\nassert ask() == 2\nbuiltins.input = old",
        "def ask(): return 7",
    ),
    "input as a name of the notebook": (
        "def ask():\n    return input('a? ') * 2",
        "input = lambda prompt='': 'ab'\nassert ask() == 'abab'\ndel input",
        "def ask(): return 'ab'",
    ),
    "a library function taken away": (
        "import numpy as np\ndef solve(a, b): return np.dot(np.linalg.inv(a), b)",
        "old = np.linalg.solve\nnp.linalg.solve = None\ntry:\n    np.testing.assert_allclose(solve(np.eye(2), np.ones(2)), 1)\n"
        "finally:\n    np.linalg.solve = old",
        "import numpy as np\ndef solve(a, b): return np.linalg.solve(a, b)",
    ),
    "calls counted through a patch": (
        "import math\ndef hyp(a, b): return math.sqrt(a * a + b * b)",
        "from unittest.mock import patch\nwith patch('math.sqrt', return_value=42) as m:\n    assert hyp(3, 4) == 42\nm.assert_called_once_with(25)",
        "import math\ndef hyp(a, b): return math.hypot(a, b)",
    ),
    "a student's function replaced": (
        "def helper(x): return x\ndef f(x): return helper(x) + 1",
        "from unittest.mock import patch\nwith patch('__main__.helper', return_value=10) as h:\n    assert f(1) == 11\nh.assert_called_once_with(1)\nassert f(1) == 2",
        "def helper(x): return x\ndef f(x): return x + 1",
    ),
    "lists changed in place": (
        "def add(l, d):\n    l.append(9)\n    d['k'] = 1\n    l[0] = [0]",
        "l, d = [1], {}\nalias = l\nadd(l, d)\nassert l == [[0], 9] and alias is l and d == {'k': 1}",
        "def add(l, d): return l + [9]",
    ),
    "arrays changed in place": (
        "import numpy as np\ndef fill(a): a[:, 0] = 7",
        "a = np.zeros((2, 2))\nfill(a)\nassert a[:, 0].tolist() == [7, 7] and a[:, 1].tolist() == [0, 0]",
        "import numpy as np\ndef fill(a): return a + 7",
    ),
    "an argument that must stay": (
        "def srt(l): return sorted(l)",
        "l = [3, 1, 2]\nassert srt(l) == [1, 2, 3] and l == [3, 1, 2]",
        "def srt(l):\n    l.sort()\n    return l",
    ),
    "identity": (
        "def same(x): return x\ndef copy(x): return list(x)",
        "l = [1]\nassert same(l) is l and copy(l) is not l and copy(l) == l",
        "def same(x): return list(x)\ndef copy(x): return x",
    ),
    "callbacks": (
        "def newton(f, x0):\n    x = x0\n    for _ in range(50):\n        d = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6\n        x -= f(x) / d\n    return x",
        "assert abs(newton(lambda x: x**2 - 1, x0=4) - 1) < 1e-6",
        "def newton(f, x0): return x0",
    ),
    "a callback's exception passes through": (
        "def call(f):\n    try:\n        return f()\n    except ZeroDivisionError:\n        return 'caught'",
        "def bad(): return 1 / 0\nassert call(bad) == 'caught'\nimport pytest\ndef worse(): raise KeyError('k')\nwith pytest.raises(KeyError): call(worse)",
        "def call(f): return f()",
    ),
    "library functions as arguments": (
        "import numpy as np\ndef apply(f, x): return f(x)",
        "import math\nassert apply(math.sqrt, 4) == 2 and apply(len, [1, 2]) == 2 and apply(np.sum, np.ones(3)) == 3 and apply(str, 5) == '5'",
        "import numpy as np\ndef apply(f, x): return 2",
    ),
    "student functions given to library functions": (
        "def f(x): return x * x",
        "from scipy import integrate\nassert abs(integrate.quad(f, 0, 1)[0] - 1/3) < 1e-9 and list(map(f, [1, 2])) == [1, 4]\n"
        "assert sorted([3, -1], key=f) == [-1, 3]",
        "def f(x): return x",
    ),
    "closures": (
        "def adder(n):\n    def add(x): return x + n\n    return add",
        "a = adder(3)\nassert a(4) == 7 and adder(1)(1) == 2 and callable(adder(1))",
        "def adder(n): return n",
    ),
    "random seeds": (
        "import numpy as np, random\ndef roll(): return np.random.randint(0, 10**6), random.random()",
        "import random\nnp.random.seed(3)\nrandom.seed(4)\na = roll()\nnp.random.seed(3)\nrandom.seed(4)\n"
        "assert a == (np.random.randint(0, 10**6), random.random()) and roll() != a",
        "import numpy as np, random\ndef roll(): return 1, 2",
    ),
    "a generator as an argument": (
        "import numpy as np\ndef draw(rng, n): return rng.normal(size=n)",
        "a = draw(np.random.default_rng(1), 3)\nnp.testing.assert_array_equal(a, np.random.default_rng(1).normal(size=3))\n"
        "np.testing.assert_array_equal(draw(np.random.RandomState(1), 3), np.random.RandomState(1).normal(size=3))",
        "import numpy as np\ndef draw(rng, n): return np.zeros(n)",
    ),
    "names the test assigns are seen by the student's code": (
        "rate = 2\ndef f(x): return x * rate",
        "rate = 5\nassert f(2) == 10",
        "rate = 2\ndef f(x): return x * 2",
    ),
    "a name that the test takes away": (
        "def helper(x): return x\ndef f(x): return helper(x)",
        "orig = helper\ndel helper\ntry:\n    f(1)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\nhelper = orig\nassert f(1) == 1",
        "def helper(x): return x\ndef f(x): return x",
    ),
    "globals the student's function sets": (
        "count = 0\ndef bump():\n    global count\n    count += 1",
        "before = count\nbump()\nassert count == before + 1\ncount = 10\nbump()\nassert count == 11",
        "count = 0\ndef bump(): pass",
    ),
    "asking for names": (
        "alpha = 1\ndef f(): pass",
        "assert 'alpha' in globals() and 'f' in dir() and 'nothing' not in globals()\n"
        "try:\n    nothing\nexcept NameError:\n    pass\nassert globals()['alpha'] == 1 and globals().get('nothing') is None",
        "beta = 1",
    ),
    "pandas": (
        "import pandas as pd, numpy as np\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': pd.to_datetime(['2026-01-01', None])}, index=['r', 's'])\n"
        "s = df['a']\ndef clean(d): return d.dropna().rename(columns={'a': 'A'})\ncat = pd.Series(['u', 'v', 'u'], dtype='category')\n"
        "g = df.groupby('a')['a'].sum()\nm = pd.DataFrame(np.ones((2, 2)), index=pd.MultiIndex.from_tuples([(1, 'a'), (2, 'b')], names=['k', 'l']))",
        "import pandas as pd\nassert type(df) is pd.DataFrame and list(df.columns) == ['a', 'b', 'c'] and list(df.index) == ['r', 's']\n"
        "pd.testing.assert_series_equal(s, pd.Series([1, 2], index=['r', 's'], name='a'))\n"
        "out = clean(pd.DataFrame({'a': [1.0, None], 'b': ['p', 'q']}))\n"
        "pd.testing.assert_frame_equal(out, pd.DataFrame({'A': [1.0], 'b': ['p']}))\n"
        "assert str(df.dtypes['c']).startswith('datetime64') and cat.dtype == 'category' and list(cat.cat.categories) == ['u', 'v']\n"
        "assert g.loc[2] == 2 and g.index.name == 'a' and m.index.names == ['k', 'l'] and m.loc[(2, 'b'), 0] == 1",
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\ns = df['a']\ndef clean(d): return d\ncat = s\ng = s\nm = df",
    ),
    "a frame changed in place": (
        "import pandas as pd\ndef add(d): d['z'] = d['a'] * 2",
        "import pandas as pd\nd = pd.DataFrame({'a': [1, 2]})\nadd(d)\nassert list(d['z']) == [2, 4]",
        "import pandas as pd\ndef add(d): return d.assign(z=d['a'] * 2)",
    ),
    "estimators": (
        "from sklearn.linear_model import LinearRegression\nimport numpy as np\n"
        "model = LinearRegression().fit(np.arange(4.).reshape(-1, 1), np.arange(4.) * 2)\ndef fit(m, X, y): return m.fit(X, y)",
        "assert isinstance(model, LinearRegression) and hasattr(model, 'coef_')\n"
        "np.testing.assert_allclose(model.predict(np.array([[5.]])), [10])\nassert abs(model.coef_[0] - 2) < 1e-9\n"
        "other = fit(LinearRegression(fit_intercept=False), np.ones((2, 1)), np.ones(2))\nassert abs(other.coef_[0] - 1) < 1e-9\n"
        "from sklearn.metrics import mean_squared_error\nassert mean_squared_error([10.], model.predict([[5.]])) < 1e-9",
        "from sklearn.linear_model import LinearRegression\nimport numpy as np\nmodel = LinearRegression()\ndef fit(m, X, y): return m",
    ),
    "figures": (
        "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], label='l')\nax.set_xlabel('time')\nax.set_ylim(0, 9)",
        "assert ax.get_xlabel() == 'time' and ax.get_ylim() == (0, 9) and len(ax.lines) == 1 and len(ax.get_lines()) == 1\n"
        "assert list(ax.lines[0].get_ydata()) == [3, 4] and ax.lines[0].get_label() == 'l'\nimport matplotlib.pyplot as plt\n"
        "assert plt.gcf() is fig and len(plt.gcf().axes) == 1\nimport matplotlib\nassert isinstance(ax, matplotlib.axes.Axes)",
        "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()",
    ),
    "files the student wrote": (
        "with open('out.csv', 'w') as f: f.write('a,b\\n1,2\\n')",
        "import os, pandas as pd\nassert os.path.exists('out.csv')\nwith open('out.csv') as f:\n    assert f.read().startswith('a,b')\nassert pd.read_csv('out.csv').b[0] == 2",
        "pass",
    ),
    "files written under the test": (
        "def save(p):\n    with open(p, 'w') as f: f.write('hi')\ndef append(p):\n    with open(p, 'a') as f: f.write('!')",
        "import os\nfrom pathlib import Path\nsave('r.txt')\nassert Path('r.txt').read_text() == 'hi'\n"
        "append('r.txt')\nassert Path('r.txt').read_text() == 'hi!'\nos.remove('r.txt')\nappend('r.txt')\nassert Path('r.txt').read_text() == '!'",
        "def save(p): pass\ndef append(p): pass",
    ),
    "files that the test writes": (
        "import os\nfrom pathlib import Path\ndef total(p): return sum(map(int, Path(p).read_text().split()))\ndef listed(p='box'): return sorted(os.listdir(p))",
        "with open('n.txt', 'w') as f: f.write('1\\n2\\n')\nassert total('n.txt') == 3\nfrom pathlib import Path\nPath('n.txt').write_text('3\\n4\\n')\n"
        "assert total('n.txt') == 7\nimport os\nos.makedirs('box')\nopen('box/a', 'w').close()\nassert listed() == ['a']",
        "def total(p): return 3\ndef listed(p='box'): return []",
    ),
    "a folder that the test makes and enters": (
        "import os\ndef here(): return os.path.basename(os.getcwd())",
        "import os\nhome = os.getcwd()\nos.makedirs('entered')\nos.chdir('entered')\nassert here() == 'entered'\n"
        "os.chdir(home)\nassert here() != 'entered'",
        "def here(): return 'entered'",
    ),
    "variables of the environment": (
        "import os\ndef level(): return os.environ.get('AXC_LEVEL', '0')\ndef choose(): os.environ['AXC_MODE'] = 'train'",
        "import os\nfrom unittest.mock import patch\nassert level() == '0'\nwith patch.dict(os.environ, {'AXC_LEVEL': '3'}): assert level() == '3'\n"
        "assert level() == '0'\nchoose()\nassert os.environ['AXC_MODE'] == 'train'",
        "def level(): return '0'\ndef choose(): pass",
    ),
    "magics": (
        "x = 3",
        "%matplotlib inline\nout = !echo hello\nassert out == ['hello']\nassert x == 3",
        "x = 4",
    ),
    "views and iterators": (
        "def keys(d): return d.keys()\ndef pairs(d): return d.items()\ndef z(a, b): return zip(a, b)\ndef r(n): return range(n)",
        "assert set(keys({'a': 1})) == {'a'} and list(pairs({'a': 1})) == [('a', 1)] and list(z([1], [2])) == [(1, 2)] and r(3) == range(3)\n"
        "assert sorted(keys({'b': 1, 'a': 2})) == ['a', 'b'] and len(keys({1: 1})) == 1 and 'a' in keys({'a': 1})",
        "def keys(d): return []\ndef pairs(d): return []\ndef z(a, b): return []\ndef r(n): return [0, 1, 2]",
    ),
    "linked structures": (
        "class Node:\n    def __init__(self, v, nxt=None): self.v, self.nxt = v, nxt\n"
        "def build(vs):\n    head = None\n    for v in reversed(vs): head = Node(v, head)\n    return head\n"
        "def total(n): return 0 if n is None else n.v + total(n.nxt)",
        "n, got = build([1, 2, 3]), []\nwhile n is not None:\n    got.append(n.v)\n    n = n.nxt\nassert got == [1, 2, 3]\n"
        "a = Node(5)\na.nxt = Node(6)\nassert total(a) == 11 and a.nxt is a.nxt",
        "class Node:\n    def __init__(self, v, nxt=None): self.v, self.nxt = v, nxt\ndef build(vs): return None\ndef total(n): return 0",
    ),
    "objects of the test's own class": (
        "def area(shape): return shape.w * shape.h\ndef names(items): return [i.name() for i in items]",
        "class R:\n    w, h = 2, 3\n    def name(self): return 'R'\nassert area(R()) == 6 and names([R(), R()]) == ['R', 'R']",
        "def area(shape): return 0\ndef names(items): return []",
    ),
    "warnings": (
        "import warnings\ndef old(): warnings.warn('gone soon', DeprecationWarning)",
        "import pytest\nwith pytest.warns(DeprecationWarning, match='gone'): old()\nimport warnings\n"
        "with warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    old()\nassert len(w) == 1",
        "def old(): pass",
    ),
    "streams and mocks as arguments": (
        "def report(out, log):\n    out.write('hi')\n    log.info('sent', n=2)\n    return log.level",
        "import io\nfrom unittest.mock import Mock\nout, log = io.StringIO(), Mock(level=3)\nassert report(out, log) == 3\n"
        "assert out.getvalue() == 'hi'\nlog.info.assert_called_once_with('sent', n=2)",
        "def report(out, log): return 3",
    ),
    "nested functions of the test": (
        "def twice(f): return lambda x: f(f(x))\ndef mapped(f, xs): return [f(x) for x in xs]",
        "def inc(x): return x + 1\nassert twice(inc)(3) == 5 and mapped(inc, [1, 2]) == [2, 3] and mapped(twice(inc), [0]) == [2]",
        "def twice(f): return f\ndef mapped(f, xs): return [f(x) for x in xs]",
    ),
    "complex results": (
        "import numpy as np\ndef stats(a): return {'mean': a.mean(), 'shape': a.shape, 'rows': [r for r in a], 'all': (a.min(), a.max())}",
        "import numpy as np\ns = stats(np.arange(4.).reshape(2, 2))\nassert s['mean'] == 1.5 and s['shape'] == (2, 2) and s['all'] == (0, 3)\n"
        "np.testing.assert_array_equal(s['rows'][1], [2, 3])\nassert isinstance(s['mean'], np.floating)",
        "def stats(a): return {'mean': 1.5, 'shape': (2, 2), 'rows': [], 'all': (0, 3)}",
    ),
    "context managers": (
        "class C:\n    def __enter__(self):\n        self.on = True\n        return self\n    def __exit__(self, *a): self.on = False",
        "c = C()\nwith c as d:\n    assert d.on and d is c\nassert not c.on",
        "class C:\n    def __enter__(self): pass\n    def __exit__(self, *a): pass",
    ),
    "dataclasses and enums": (
        "from dataclasses import dataclass\nfrom enum import Enum\n@dataclass\nclass D:\n    a: int\n    b: str = 'x'\nclass Color(Enum):\n    RED = 1",
        "d = D(1)\nassert d.a == 1 and d.b == 'x' and repr(d).endswith(\"D(a=1, b='x')\") and D(1) == D(1) and D(1) != D(2)\n"
        "assert Color.RED.value == 1 and Color.RED.name == 'RED' and Color(1) is Color.RED and Color['RED'] == Color.RED",
        "class D:\n    def __init__(self, a): self.a = a\nclass Color: pass",
    ),
}
