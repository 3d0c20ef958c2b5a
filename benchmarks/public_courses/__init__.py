"""Public nbgrader courses on our engine beside stock nbgrader: ``python -m benchmarks.public_courses CLONE...``."""
