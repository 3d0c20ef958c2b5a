"""The instructor's workbench: regrading, grading by hand, the gradebook."""
