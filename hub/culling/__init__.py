"""Stopping servers that nobody uses: never one that works, never without a notice."""
