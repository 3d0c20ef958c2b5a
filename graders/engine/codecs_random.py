"""Random generators of a test travel to the student's side by state; a student's generator stays a handle.

Their state never comes back: student code could otherwise choose what a test draws.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from graders.engine.values import Node, Packer, Unpacker

_BIT_GENERATORS = {
    kind.__name__: kind
    for kind in (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64)
}


def pack_generator(value: Any, packer: Packer) -> Node | None:
    """Node of a generator of the test, or None for every other object."""
    kind = type(value)
    if kind is np.random.Generator and type(value.bit_generator).__name__ in _BIT_GENERATORS:
        return packer.pack_tracked("rng", value, lambda: ["g", packer.pack(value.bit_generator.state)])
    if kind is np.random.RandomState:
        return packer.pack_tracked("rng", value, lambda: ["s", packer.pack(value.get_state(legacy=True))])
    if kind is random.Random:
        return packer.pack_tracked("rng", value, lambda: ["r", packer.pack(value.getstate())])
    return None


def unpack_generator(node: list[Any], unpacker: Unpacker) -> Any:
    """The student side's generator of the same object id, with the test's state."""
    _, oid, kind, state_node = node
    state = unpacker.value(state_node)
    made, is_new = _find_or_make(unpacker.objects.by_oid.get(oid), kind, state)
    if kind == "g":
        made.bit_generator.state = state
    elif kind == "s":
        made.set_state(state)
    else:
        made.setstate(state)
    if is_new:
        unpacker.replace(oid, made)
    return made


def _find_or_make(known: Any, kind: str, state: Any) -> tuple[Any, bool]:
    if known is not None:
        return known, False
    if kind == "g":
        return np.random.Generator(_BIT_GENERATORS[state["bit_generator"]]()), True
    return (np.random.RandomState() if kind == "s" else random.Random()), True  # noqa: S311
