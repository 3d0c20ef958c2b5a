"""Where our scores differ from stock nbgrader's on purpose: nbgrader's known mistakes, with the reason."""

_UNTOUCHED = "a person gives these points, also for an answer left as it was handed out"

#: (exercise, answer, test) -> (nbgrader's points, ours, reason). Most are in exercises/mistakes.yaml.
DIFFERENCES: dict[tuple[str, str, str], tuple[float | None, float | None, str]] = {
    ("warning_on_stderr", "reference", "test-1"): (0.0, 1.0, "text on stderr is no mistake of the student"),
    ("numpy_zero_as_score", "wrong", "test-1"): (2.0, 0.0, "np.float64(0.0) is a score of zero"),
    ("bool_as_score", "reference", "test-1"): (2.0, None, "True is no score: the author must look"),
    ("bool_as_score", "wrong", "test-1"): (2.0, None, "False is no score: the author must look"),
    ("partial_credit_in_steps", "first", "numpy"): (2.0, 1.0, "np.float64(1.0) is a score of one"),
    ("every_kind_of_cell", "untouched", "essay"): (0.0, None, _UNTOUCHED),
    ("every_kind_of_cell", "untouched", "code-by-hand"): (0.0, None, _UNTOUCHED),
    ("metadata_of_version_1", "wrong", "essay"): (0.0, None, _UNTOUCHED),
    ("metadata_of_version_2", "wrong", "essay"): (0.0, None, _UNTOUCHED),
    ("not_a_number_as_score", "wrong", "test-1"): (2.0, None, "NaN is no score: the author must look"),
}
