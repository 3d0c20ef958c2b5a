"""The REST API that notebook servers and the hub speak to."""

from hub.portal.api.blueprint import install_api

__all__ = ["install_api"]
