"""The REST API that notebook servers speak to."""
