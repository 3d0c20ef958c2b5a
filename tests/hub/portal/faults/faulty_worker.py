"""The real worker with a fault point armed."""

from hub.worker import worker
from tests.hub.portal.faults.fault_points import arm

if __name__ == "__main__":
    arm()
    worker()
