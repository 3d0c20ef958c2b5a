"""Where grading runs: on this machine or on Kubernetes."""
