"""The differential corpus: honest notebooks graded by stock nbgrader and by our engine, cell by cell."""
