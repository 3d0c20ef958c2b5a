"""The real portal's app with a fault point armed: what gunicorn serves in these tests."""

from hub.portal.wsgi import app
from tests.hub.portal.faults.fault_points import arm

arm()
__all__ = ["app"]
