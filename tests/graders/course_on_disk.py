"""An nbgrader course folder on disk, with submissions."""

import json

from graders.files import FileSet
from graders.release import make_release
from tests.graders.notebooks import graded, notebook, solution

TESTS = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(5) == 6\n### END HIDDEN TESTS"
SOURCE = notebook(
    solution("def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION", "f"),
    graded(TESTS, "test-f", points=2),
    solution("g = 3", "g"),
    graded("assert g == 3", "test-g"),
)
RIGHT = {"f": "def f(x):\n    return 1 + x", "g": "g = 3"}


def make_course(folder, name="ps1", **notebooks):
    """Write ``source/ps1``; notebooks by stem, one named 'a' if none are given."""
    source = folder / "source" / name
    source.mkdir(parents=True)
    for stem, data in (notebooks or {"a": SOURCE}).items():
        (source / f"{stem}.ipynb").write_bytes(data)
    return folder


def answered(answers, source=SOURCE, path="a.ipynb"):
    """The released notebook with these answers by grade id."""
    released = make_release(FileSet({path: source}), assignment="c/a").student
    body = json.loads(released.files[path])
    for cell in body["cells"]:
        cell["source"] = answers.get(cell["metadata"]["nbgrader"]["grade_id"], cell["source"])
    return json.dumps(body, ensure_ascii=False).encode()
