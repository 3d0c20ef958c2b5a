"""WHERE notebooks run: compute profiles, GPU resources, volumes, hardening and seat policy."""
