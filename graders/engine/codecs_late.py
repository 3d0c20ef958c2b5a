"""Codecs of libraries that not every course uses: loaded when the first value of such a library crosses.

Torch alone takes seconds to import, so it must not be part of every grading. Only the libraries named here are ever
imported for a value, by the name in this table and never by a name that the other side sent.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from graders.engine.values import DECODERS, ENCODERS, Unpacker, set_late_codecs
from graders.engine.wire import GarbledError

Decoder = Callable[[list[Any], Unpacker], Any]

#: Library -> the module with its codecs, and the tags that this module decodes.
LATE: dict[str, tuple[str, tuple[str, ...]]] = {
    "torch": ("graders.engine.codecs_torch", ("tt", "tp", "tsz", "tdt", "tdev")),
    "networkx": ("graders.engine.codecs_networkx", ("nx",)),
    "sympy": ("graders.engine.codecs_sympy", ("sy", "sym", "sf", "sd", "syc")),
}
_BY_TAG = {tag: library for library, (_, tags) in LATE.items() for tag in tags}


def late_encoder(kind: type) -> Callable[[Any, Any], Any] | None:
    """The encoder of an exact type of one of these libraries, if that library is in use here."""
    library = _library_of(kind) or _library_of(type(kind))  # sympy makes a class for each function f, without a module
    if library is None or library not in sys.modules or not _load(library):
        return None
    return ENCODERS.get(kind) or ENCODERS.get(type(kind))


def _library_of(kind: type) -> str | None:
    module = type.__dict__["__dict__"].__get__(kind).get("__module__")  # a metaclass could answer anything
    library = module.partition(".")[0] if type(module) is str else ""
    return library if library in LATE else None


def late_decoder(tag: str) -> Decoder | None:
    """The decoder of a tag of one of these libraries; None where it is not installed."""
    library = _BY_TAG.get(tag)
    if library is None or not _load(library):
        return None
    return _guarded(DECODERS[tag])


def _guarded(decode: Decoder) -> Decoder:
    """Each library has errors of its own for parts that don't fit together: all mean that the value is garbled."""

    def decode_or_refuse(node: list[Any], unpacker: Unpacker) -> Any:
        try:
            return decode(node, unpacker)
        except MemoryError:
            raise
        except Exception as error:
            raise GarbledError(f"a malformed value: {node[0][:20]}") from error

    return decode_or_refuse


def _load(library: str) -> bool:
    try:
        importlib.import_module(LATE[library][0])
    except ImportError:
        return False
    return True


set_late_codecs(late_encoder, late_decoder)
