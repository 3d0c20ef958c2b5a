"""One small assignment with secrets in it, and how a submission to it is written."""

from __future__ import annotations

import json

from graders.contract import GradeRequest, Limits
from graders.environment import environment_digest
from graders.files import FileSet
from tests.graders.attacks.attack import Attack, Cells
from tests.graders.notebooks import given, graded, notebook, solution

#: Known to the grader, never to a student; attack code searches for the first half and so can't find itself.
CANARY = "KANARIE-5d1f0c7be3"
HIDDEN_SEED = 7_134_226_980_551_237
OTHERS_SECRET = "KANARIE-other-9a77"
RIGHT = f"def scale(x):\n    '''{OTHERS_SECRET}'''\n    return 3 * x + 1"

SOURCE = notebook(
    given("import math"),
    solution("def scale(x):\n    ### BEGIN SOLUTION\n    return 3 * x + 1\n    ### END SOLUTION", "scale"),
    graded("assert scale(2) == 7", "visible", 1),
    graded(
        "assert scale(0) == 1\n### BEGIN HIDDEN TESTS\n"
        "import random\nfrom courses.runtime import hidden_seed\n"
        "drawn = random.Random(hidden_seed()).randrange(10, 1000)\n"
        f"assert scale(drawn) == 3 * drawn + 1, '{CANARY}'\n### END HIDDEN TESTS",
        "hidden",
        3,
    ),
)
MAX_SCORE = 4


def answered(released: bytes, answer: str) -> Cells:
    """Return the released notebook's cells with this answer."""
    cells: Cells = json.loads(released)["cells"]
    return [cell | {"source": answer} if is_answer(cell) else cell for cell in cells]


def is_answer(cell: dict[str, object]) -> bool:
    """Whether a released cell is the one that students fill in."""
    return "scale(x)" in str(cell["source"]) and "def" in str(cell["source"])


def submission_of(attack: Attack, released: bytes) -> FileSet:
    """Return the attack as a submission."""
    cells = answered(released, attack.answer)
    return FileSet({"a.ipynb": attack.build(cells) if attack.build else notebook(*cells)})


def request_for(bundle: FileSet, submission: FileSet, limits: Limits) -> GradeRequest:
    """Return the request to grade a submission."""
    return GradeRequest(
        assignment="c/attacked",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=1,
        hidden_seed=HIDDEN_SEED,
        limits=limits,
        environment_digest=environment_digest(),
    )
