"""WHAT is taught: course folders, the catalogue that reads them, and the simulators that make their data."""
