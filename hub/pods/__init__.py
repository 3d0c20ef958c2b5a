"""Notebook servers as pods: the spawner that explains itself, free seats, and who tidies up."""
