"""Where our scores differ from stock nbgrader's on purpose: nbgrader's known mistakes, with the reason."""

#: (exercise, answer, test) -> (nbgrader's points, ours, reason). The exercises are in exercises/mistakes.yaml.
DIFFERENCES: dict[tuple[str, str, str], tuple[float | None, float | None, str]] = {
    ("warning_on_stderr", "reference", "test-1"): (0.0, 1.0, "text on stderr is no mistake of the student"),
    ("numpy_zero_as_score", "wrong", "test-1"): (2.0, 0.0, "np.float64(0.0) is a score of zero"),
    ("bool_as_score", "reference", "test-1"): (2.0, None, "True is no score: the author must look"),
    ("bool_as_score", "wrong", "test-1"): (2.0, None, "False is no score: the author must look"),
    ("not_a_number_as_score", "wrong", "test-1"): (2.0, None, "NaN is no score: the author must look"),
}

#: Where nbgrader is right and we are not yet: to be mended in the engine, then removed here.
OPEN_GAPS: dict[tuple[str, str, str], tuple[float | None, float | None, str]] = {
    ("files_written_by_the_test", "reference", "test-1"): (
        *(1.0, 0.0),
        "OPEN: a file that a test writes does not reach the student's folder",
    ),
    ("patched_module_function", "reference", "test-2"): (
        *(1.0, 0.0),
        "OPEN: patch.dict(os.environ) in a test does not reach the student's process",
    ),
}
