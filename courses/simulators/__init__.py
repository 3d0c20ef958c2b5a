"""Seedable, vectorised simulators of manufacturing data."""
