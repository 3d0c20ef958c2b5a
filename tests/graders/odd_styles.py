"""Honest submissions in odd styles: each changes a right notebook in a way that real students and editors do.

A style takes the solved cells (nbformat JSON) and returns a whole notebook; all deserve full points.
"""

import copy
import json

from tests.graders.notebooks import KERNEL, given, graded, manual, notebook, solution, text

SOURCE = notebook(
    given("import math"),
    solution("def area(r):\n    ### BEGIN SOLUTION\n    return math.pi * r ** 2\n    ### END SOLUTION", "area"),
    graded(
        "assert abs(area(1) - 3.14159) < 1e-4\n### BEGIN HIDDEN TESTS\nassert area(0) == 0\n### END HIDDEN TESTS",
        "test-area",
    ),
    text("## 평균"),
    solution(
        "def mean(values):\n    ### BEGIN SOLUTION\n    return sum(values) / len(values)\n    ### END SOLUTION", "mean"
    ),
    graded("assert mean([1, 2, 3]) == 2\nassert mean([5]) == 5", "test-mean", 2),
    manual("because", "why"),
)
ANSWERS = {
    "area": "def area(r):\n    return math.pi * r ** 2",
    "mean": "def mean(values):\n    return sum(values) / len(values)",
    "why": "원의 넓이는 반지름의 제곱에 비례합니다.",
}


def name_of(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def solved(released):
    """The released notebook's cells with the right answers."""
    cells = json.loads(released)["cells"]
    return [cell | {"source": ANSWERS.get(name_of(cell), "".join(cell["source"]))} for cell in cells]


def answer(**sources):
    """Style: these answers instead of the usual ones."""
    return lambda cells: notebook(
        *(cell | {"source": sources.get(name_of(cell) or "", cell["source"])} for cell in cells)
    )


def insert(place, *new):
    """Style: the student's own cells at a place."""
    return lambda cells: notebook(
        *cells[:place], *(each | {"id": f"own-{i}"} for i, each in enumerate(new)), *cells[place:]
    )


def each_cell(change):
    """Style: the same change to every cell."""
    return lambda cells: notebook(*(change(copy.deepcopy(cell)) for cell in cells))


def without(*keys):
    return each_cell(lambda cell: {key: value for key, value in cell.items() if key not in keys})


def renumbered(cells):
    return notebook(*(cell | {"id": f"{index:08x}"} for index, cell in enumerate(cells)))


def with_outputs(*outputs):
    def change(cell):
        return cell | ({"outputs": list(outputs), "execution_count": 7} if cell["cell_type"] == "code" else {})

    return each_cell(change)


def saved_as(minor=5, metadata=None):
    return lambda cells: notebook(
        *([cell if minor == 5 else {k: v for k, v in cell.items() if k != "id"} for cell in cells]),
        minor=minor,
        metadata=metadata,
    )


def colab(cells):
    changed = [
        cell | {"metadata": cell["metadata"] | {"id": f"aB{index}", "colab": {"base_uri": "https://localhost:8080/"}}}
        for index, cell in enumerate(cells)
    ]
    stripped = [{key: value for key, value in cell.items() if key != "id"} for cell in changed]
    return notebook(*stripped, minor=0, metadata={"colab": {"provenance": [], "toc_visible": True}} | KERNEL)


def vs_code(cells):
    lines = [
        cell
        | {
            "source": cell["source"].splitlines(keepends=True),
            "metadata": cell["metadata"] | {"vscode": {"languageId": "python"}},
        }
        for cell in cells
    ]
    return notebook(*lines, metadata={"language_info": {"name": "python", "version": "3.11.4"}, "orig_nbformat": 4})


def split(cells):
    half = cells[1] | {"source": "def square(r):\n    return r * r", "id": "half"}
    rest = cells[1] | {"source": "def area(r):\n    return math.pi * square(r)"}
    return notebook(cells[0], half, rest, *cells[2:])


def copied(cells):
    stub = cells[4] | {"source": "def mean(values):\n    raise NotImplementedError()", "id": "copy"}
    return notebook(*cells[:4], stub, *cells[4:])


def moved_imports(cells):
    return notebook(given("import math, os, sys", "own"), cells[0] | {"source": "# 위로 옮김"}, *cells[1:])


def deleted_tests(cells):
    return notebook(*(cell for cell in cells if not (name_of(cell) or "").startswith("test")))


def edited_tests(cells):
    return notebook(
        *(cell | {"source": "assert True"} if (name_of(cell) or "").startswith("test") else cell for cell in cells)
    )


def moved_answer(cells):
    return notebook(cells[0], *cells[2:], cells[1])


def bytes_of(change):
    return lambda cells: change(notebook(*cells))


AREA = "def area(r):\n    return math.pi * r ** 2"
HELPER = """class 원:
    def __init__(self, 반지름):
        self.반지름 = 반지름
    @property
    def 넓이(self):
        return math.pi * self.반지름 ** 2

def area(r):
    return 원(r).넓이"""
DOCUMENTED = '''def area(r: float) -> float:
    """원의 넓이를 구한다.

    >>> area(0)
    0.0
    """
    return math.pi * r ** 2'''
RECURSION = """def total(v):
    return v[0] + total(v[1:]) if v else 0
def mean(values):
    return total(values) / len(values)"""
THREADS = """from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(area, [1, 2])))"""
SHADOWED = """def mean(values):
    list = values
    sum = 0
    for v in list:
        sum += v
    return sum / len(list)"""
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title('넓이')\nplt.show()"
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": ["x"]}
STREAM = {"output_type": "stream", "name": "stdout", "text": ["가나다\n"] * 500}

STYLES = {
    "as_released": lambda cells: notebook(*cells),
    "extra_cells": insert(2, given("area(3)"), text("메모: 맞는 듯하다")),
    "extra_cells_everywhere": lambda cells: notebook(
        *(each for i, cell in enumerate(cells) for each in (cell, given(f"x{i} = {i}", f"own-{i}")))
    ),
    "cells_before_the_first": insert(0, text("홍길동 20261234"), given("name = '홍길동'")),
    "cells_after_the_last": insert(7, given("print(area(2))")),
    "own_cell_with_an_error": insert(2, given("area('x')")),
    "own_cell_with_a_syntax_error": insert(2, given("print 'hello'")),
    "own_empty_cells": insert(2, given(""), given("   \n"), text("")),
    "raw_cell": insert(2, {"cell_type": "raw", "metadata": {}, "source": "메모"}),
    "moved_imports": moved_imports,
    "import_inside_the_answer": answer(area="import math\n" + AREA),
    "import_inside_the_function": answer(area="def area(r):\n    from math import pi\n    return pi * r * r"),
    "star_import": answer(area="from math import *\ndef area(r):\n    return pi * r ** 2"),
    "own_helper_class_with_korean_names": answer(area=HELPER),
    "lambda": answer(area="area = lambda r: math.pi * r ** 2"),
    "callable_object": answer(
        area="class Area:\n    def __call__(self, r):\n        return math.pi * r ** 2\narea = Area()"
    ),
    "partial": answer(
        area="from functools import partial\ndef scaled(k, r):\n    return k * r ** 2\narea = partial(scaled, math.pi)"
    ),
    "decorated": answer(area="import functools\n@functools.lru_cache(None)\n" + AREA),
    "typed_with_docstring": answer(area=DOCUMENTED),
    "numpy": answer(mean="import numpy as np\ndef mean(values):\n    return np.mean(values)"),
    "pandas": answer(mean="import pandas as pd\ndef mean(values):\n    return pd.Series(values).mean()"),
    "statistics": answer(mean="import statistics\nmean = statistics.mean"),
    "recursion": answer(mean=RECURSION),
    "magics": answer(area="%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n" + AREA),
    "time_magic": insert(2, given("%%time\narea(10)"), given("%timeit -n 1 -r 1 area(1)")),
    "shell_command": insert(2, given("!echo hello"), given("files = !ls")),
    "help_and_question_mark": insert(2, given("area?"), given("help(len)")),
    "plots": insert(2, given(PLOT)),
    "long_output": insert(2, given("for i in range(3000):\n    print(i, '가' * 20)")),
    "progress_bar": insert(
        2, given("import sys\nfor i in range(100):\n    sys.stdout.write(f'\\r{i}%')\nsys.stdout.flush()")
    ),
    "warnings": insert(2, given("import warnings\nwarnings.warn('주의')")),
    "tabs_and_windows_lines": answer(area="def area(r):\r\n\treturn math.pi * r ** 2\r\n"),
    "semicolons": answer(mean="def mean(values): s = sum(values); n = len(values); return s / n"),
    "trailing_call": answer(area=AREA + "\n\narea(2)"),
    "main_guard": answer(area=AREA + "\n\nif __name__ == '__main__':\n    print(area(1))"),
    "commented_attempts": answer(area="# def area(r):\n#     return 3 * r\n" + AREA + "\n# 됐다!"),
    "stub_comment_kept": answer(
        area="def area(r):\n    # YOUR CODE HERE\n    return math.pi * r ** 2\n    raise NotImplementedError()"
    ),
    "input_with_fallback": answer(area="try:\n    r = input('반지름: ')\nexcept Exception:\n    r = 1\n" + AREA),
    "file_of_their_own": insert(
        2, given("with open('결과.txt', 'w', encoding='utf-8') as f:\n    f.write(str(area(1)))")
    ),
    "threads": insert(
        2,
        given(THREADS),
    ),
    "shadowed_builtin": answer(mean=SHADOWED),
    "old_outputs": with_outputs(STREAM),
    "old_errors": with_outputs(ERROR),
    "split_answer": split,
    "copied_answer": copied,
    "moved_answer": moved_answer,
    "deleted_tests": deleted_tests,
    "edited_tests": edited_tests,
    "renumbered_cells": renumbered,
    "no_metadata": each_cell(lambda cell: cell | {"metadata": {}}),
    "no_ids": without("id"),
    "no_execution_counts": without("execution_count"),
    "tags_and_slides": each_cell(
        lambda cell: (
            cell
            | {
                "metadata": cell["metadata"]
                | {"tags": ["parameters"], "slideshow": {"slide_type": "slide"}, "collapsed": True}
            }
        )
    ),
    "vs_code": vs_code,
    "colab": colab,
    "nbformat_4_0": saved_as(0),
    "nbformat_4_2": saved_as(2),
    "nbformat_4_4": saved_as(4),
    "no_kernel": saved_as(5, {}),
    "other_kernel_name": saved_as(
        5, {"kernelspec": {"name": "conda-env-ml-py", "display_name": "Python [conda env:ml]", "language": "python"}}
    ),
    "byte_order_mark": bytes_of(lambda data: b"\xef\xbb\xbf" + data),
    "escaped_unicode": bytes_of(lambda data: json.dumps(json.loads(data)).encode()),
    "compact_json": bytes_of(lambda data: json.dumps(json.loads(data), separators=(",", ":")).encode()),
}
