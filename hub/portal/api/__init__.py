"""The REST API that notebook servers and the hub speak to."""
