"""All attacks: class -> name -> attack."""

from __future__ import annotations

from tests.graders.attacks.bridge import BRIDGE
from tests.graders.attacks.exhaustion import EXHAUSTION
from tests.graders.attacks.in_process import IN_PROCESS
from tests.graders.attacks.network import NETWORK
from tests.graders.attacks.persistence import PERSISTENCE
from tests.graders.attacks.secrets_read import SECRETS_READ
from tests.graders.attacks.structure import STRUCTURE

CORPUS = {
    "metadata and structure": STRUCTURE,
    "tampering in the process": IN_PROCESS,
    "reading secrets": SECRETS_READ,
    "using up the machine": EXHAUSTION,
    "staying": PERSISTENCE,
    "network": NETWORK,
    "bridge and control": BRIDGE,
}
