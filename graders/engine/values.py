"""Values as JSON nodes and raw blobs: the exact type or nothing.

A node is a JSON scalar or ``[tag, ...]``. Only exact types have codecs: a subclass, and whatever else has no
codec, goes to the ``foreign`` hook of its side, which makes a handle or a stub of it. Mutable values carry an
object id on both sides, so that identity, aliasing and cycles survive and changes can be written back.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from graders.engine.wire import Buffer, GarbledError

Node = Any
MAX_DEPTH = 150
MAX_NODES = 5_000_000

#: Encoders by exact type and decoders by tag; the codec modules fill them at import.
ENCODERS: dict[type, Callable[[Any, Packer], Node]] = {}
DECODERS: dict[str, Callable[[list[Any], Unpacker], Any]] = {}

#: Codecs of libraries that are loaded late (``graders.engine.codecs_late`` sets them).
_LATE: dict[str, Callable[[Any], Any]] = {}

_PLAIN = frozenset({type(None), bool, str, float})
_INT_BITS = 63


def set_late_codecs(encoder: Callable[[type], Any], decoder: Callable[[str], Any]) -> None:
    """Ask these for the encoder of an exact type and the decoder of a tag that have none yet."""
    _LATE.update(encoder=encoder, decoder=decoder)


class NoCodecError(Exception):
    """A codec met something inside a value that it cannot carry: the whole value becomes a handle."""


@dataclass(frozen=True)
class Packed:
    """One encoded value with its own blobs."""

    node: Node
    blobs: tuple[Buffer, ...] = ()

    @property
    def fingerprint(self) -> tuple[int, ...]:
        """Cheap digest to notice change; never evidence, so a checksum is enough."""
        text = json.dumps(self.node, separators=(",", ":")).encode()
        return (len(text), zlib.crc32(text), *(zlib.crc32(blob) for blob in self.blobs))


@dataclass
class Objects:
    """Objects known to both sides. Ids that this side gives have sign ``sign``; the other side's have the other."""

    sign: int
    by_oid: dict[int, Any] = field(default_factory=dict)
    oids: dict[int, int] = field(default_factory=dict)  # id(object) -> oid; by_oid keeps the object alive
    synced: dict[int, tuple[int, ...]] = field(default_factory=dict)
    count: int = 0
    sizes: dict[int, int] = field(default_factory=dict)  # bytes of the objects that ``note`` saw

    def oid_of(self, value: Any) -> int:
        """Return the id of ``value``, giving it one if it has none."""
        known = self.oids.get(id(value))
        if known is not None:
            return known
        self.count += 1
        oid = self.sign * self.count
        self.remember(oid, value)
        return oid

    def remember(self, oid: int, value: Any) -> None:
        """Let ``oid`` name ``value`` from now on."""
        old = self.by_oid.get(oid)
        if old is not None:
            self.oids.pop(id(old), None)
        self.by_oid[oid] = value
        self.oids[id(value)] = oid

    def note(self, oid: int, packed: Packed, fingerprint: tuple[int, ...]) -> None:
        """Remember what both sides have under ``oid``."""
        self.synced[oid] = fingerprint
        self.sizes.pop(oid, None)  # to the end: the order is the order of use
        self.sizes[oid] = sum(len(blob) for blob in packed.blobs) + fingerprint[0]

    def oldest_beyond(self, limit_bytes: int) -> list[int]:
        """Ids to forget so that what both sides keep alive stays within ``limit_bytes``, oldest first."""
        excess = sum(self.sizes.values()) - limit_bytes if self.sizes else 0
        found = []
        for oid, size in self.sizes.items():
            if excess <= 0:
                break
            found.append(oid)
            excess -= size
        return found

    def forget(self, oids: Iterable[int]) -> None:
        """Let go of objects; if one crosses again, it is a new one."""
        for oid in oids:
            value = self.by_oid.pop(oid, None)
            if value is not None:
                self.oids.pop(id(value), None)
            self.synced.pop(oid, None)
            self.sizes.pop(oid, None)

    def is_ours(self, oid: int) -> bool:
        """Whether this side gave the id."""
        return oid * self.sign > 0


class Packer:
    """Encodes one value; ``foreign`` encodes what has no codec."""

    def __init__(self, objects: Objects, foreign: Callable[[Any, Packer], Node]) -> None:
        self.objects = objects
        self.blobs: list[Buffer] = []
        self._foreign = foreign
        self._depth = 0
        self.seen: set[int] = set()
        self.plain_only = False

    def pack(self, value: Any) -> Node:
        """Return the node of ``value``; raises ``NoCodecError`` only inside codecs that need plain contents."""
        kind = type(value)
        if kind in _PLAIN:
            return value if kind is not str else _text_node(value, self)
        if kind is int:
            return value if value.bit_length() <= _INT_BITS else ["i", format(value, "x")]
        encode = ENCODERS.get(kind) or (_LATE["encoder"](kind) if _LATE else None)
        if encode is None or self._depth >= MAX_DEPTH:
            return self._pack_foreign(value)
        return self._pack_known(value, encode)

    def _pack_known(self, value: Any, encode: Callable[[Any, Packer], Node]) -> Node:
        self._depth += 1
        try:
            return encode(value, self)
        except NoCodecError:
            return self._pack_foreign(value)
        finally:
            self._depth -= 1

    def _pack_foreign(self, value: Any) -> Node:
        if self.plain_only:
            raise NoCodecError(type(value).__name__)
        return self._foreign(value, self)

    def pack_tracked(self, tag: str, value: Any, encode: Callable[[], list[Node]]) -> Node:
        """Encode a mutable value as ``[tag, oid, ...]``; the second time in a message as ``["r", oid]``."""
        oid = self.objects.oid_of(value)
        if oid in self.seen:
            return ["r", oid]
        self.seen.add(oid)
        return [tag, oid, *encode()]

    def blob(self, data: Buffer) -> int:
        """Add raw bytes to the message; returns their index."""
        self.blobs.append(data)
        return len(self.blobs) - 1


class Unpacker:
    """Decodes one untrusted node; what is unexpected raises ``GarbledError``; ``foreign`` decodes handles and stubs."""

    def __init__(
        self,
        objects: Objects,
        blobs: list[memoryview],
        foreign: Callable[[list[Any], Unpacker], Any],
        may_update: Callable[[int], bool],
    ) -> None:
        self.objects = objects
        self.blobs = blobs
        self.plain_only = False
        self._foreign = foreign
        self._may_update = may_update
        self._depth = 0
        self._nodes = 0
        self._fresh: dict[int, Any] = {}

    def value(self, node: Node) -> Any:
        """Return the value of ``node``."""
        kind = type(node)
        if kind in _PLAIN or kind is int:
            return node
        self._enter(node)
        try:
            return self._tagged(node)
        finally:
            self._depth -= 1

    def _enter(self, node: Node) -> None:
        self._depth += 1
        self._nodes += 1
        if type(node) is not list or not node or type(node[0]) is not str:
            raise GarbledError("not a value")
        if self._depth > MAX_DEPTH + 2 or self._nodes > MAX_NODES:
            raise GarbledError("a value is too deep or too large")

    def _tagged(self, node: list[Any]) -> Any:
        if node[0] == "r":
            return self._again(node)
        decode = (_LATE["decoder"](node[0]) if _LATE else None) or DECODERS.get(node[0])
        if decode is None:
            return self._alien(node)
        try:
            return decode(node, self)
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, AttributeError, ArithmeticError) as error:
            raise GarbledError(f"a malformed value: {node[0][:20]}") from error

    def _again(self, node: list[Any]) -> Any:
        oid = self.integer(node[1]) if len(node) == 2 else 0
        if oid in self._fresh:
            return self._fresh[oid]
        raise GarbledError("a reference to nothing")

    def _alien(self, node: list[Any]) -> Any:
        if self.plain_only:
            raise GarbledError("a handle where only data can be")
        return self._foreign(node, self)

    def values(self, nodes: Any) -> list[Any]:
        """Decode a JSON array of nodes."""
        if type(nodes) is not list:
            raise GarbledError("not a list of values")
        return [self.value(node) for node in nodes]

    def plain(self, nodes: Any) -> list[Any]:
        """Decode nodes among which no handle may be."""
        before, self.plain_only = self.plain_only, True
        try:
            return self.values(nodes)
        finally:
            self.plain_only = before

    def place(self, oid: Any, kind: type, make: Callable[[], Any]) -> Any:
        """Return the object to fill for ``oid``: the known one if it may be updated, else a new one.

        A new object under an id that this side gave stays unregistered: the other side can't take over our objects.
        """
        oid = self.integer(oid)
        known = self.objects.by_oid.get(oid)
        if type(known) is kind and self._may_update(oid):
            self._fresh[oid] = known
            return known
        made = make()
        self._fresh[oid] = made
        if not self.objects.is_ours(oid):
            self.objects.remember(oid, made)
        return made

    def replace(self, oid: int, value: Any) -> None:
        """Register what replaced the object of ``oid`` where it could not be updated in place."""
        self._fresh[oid] = value
        if not self.objects.is_ours(oid):
            self.objects.remember(oid, value)

    def known(self, oid: Any, kind: type) -> Any:
        """Return the object of ``oid`` if it exists, has this type and may be updated, else None."""
        known = self.objects.by_oid.get(self.integer(oid))
        return known if type(known) is kind and self._may_update(oid) else None

    def blob(self, index: Any) -> memoryview:
        """Return one blob of this value."""
        index = self.integer(index)
        if not 0 <= index < len(self.blobs):
            raise GarbledError("a blob that is not there")
        found: memoryview = self.blobs[index]
        return found

    @staticmethod
    def integer(value: Any) -> int:
        """Return ``value`` if it is an int and no bool."""
        if type(value) is not int:
            raise GarbledError("not an integer")
        return value

    @staticmethod
    def text(value: Any) -> str:
        """Return ``value`` if it is a str."""
        if type(value) is not str:
            raise GarbledError("not a text")
        return value


def _text_node(value: str, packer: Packer) -> Node:
    if len(value) < 100_000:
        return value
    return ["u", packer.blob(value.encode("utf-8", "surrogatepass"))]


def merge(packed: Packed, blobs: list[Buffer]) -> list[Node]:
    """Add a value to a message: ``[node, first blob, number of blobs]``."""
    start = len(blobs)
    blobs.extend(packed.blobs)
    return [packed.node, start, len(packed.blobs)]


def split(entry: Any, blobs: list[memoryview]) -> Packed:
    """Take a value out of a message, undoing ``merge``."""
    if type(entry) is not list or len(entry) != 3 or type(entry[1]) is not int or type(entry[2]) is not int:
        raise GarbledError("not a value with blobs")
    node, start, count = entry
    if start < 0 or count < 0 or start + count > len(blobs):
        raise GarbledError("blobs that are not there")
    return Packed(node, tuple(blobs[start : start + count]))
