"""The container images: what goes into each, under which name, and how they are built and brought to a cluster."""
