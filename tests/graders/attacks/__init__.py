"""Hostile submissions of our own making, graded through the real local runner."""
