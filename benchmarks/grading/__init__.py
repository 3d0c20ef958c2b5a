"""How fast submissions are graded, against stock nbgrader in the same run: ``python -m benchmarks.grading``."""
