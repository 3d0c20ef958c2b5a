"""Codecs of torch: dense tensors on the CPU by their bytes, never pickle; gradients' history stays behind.

A tensor on another device, a sparse or a quantised one stays with the student as an object: ask for ``x.cpu()``.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from graders.engine.codecs_builtin import register_shared_class
from graders.engine.values import DECODERS, ENCODERS, NoCodecError, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_NAMES = (
    *("float16", "float32", "float64", "bfloat16", "complex64", "complex128", "bool"),
    *("uint8", "int8", "int16", "int32", "int64"),
)
_DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in _NAMES}
_NAME_OF = {dtype: name for name, dtype in _DTYPES.items()}
_MAX_DIMENSIONS = 32
_KINDS: dict[str, Any] = {"tt": torch.Tensor, "tp": torch.nn.Parameter}

for _kind in (torch.Tensor, torch.Size, torch.dtype, torch.device):
    register_shared_class(_kind)


def _pack_tensor(value: torch.Tensor, packer: Packer) -> Node:
    if value.layout != torch.strided or value.device.type != "cpu" or value.dtype not in _NAME_OF:
        raise NoCodecError(f"a tensor of {value.dtype} on {value.device}")
    tag = "tp" if type(value) is torch.nn.Parameter else "tt"
    return packer.pack_tracked(tag, value, lambda: _body(value, packer))


def _body(value: torch.Tensor, packer: Packer) -> list[Node]:
    flat = value.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    data = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
    return [_NAME_OF[value.dtype], list(value.shape), packer.blob(data), bool(value.requires_grad)]


def _unpack_tensor(node: list[Any], unpacker: Unpacker) -> torch.Tensor:
    tag, oid, name, shape, index, wants_gradient = node
    made = _make(_DTYPES[unpacker.text(name)], _shape(shape), unpacker.blob(index))
    known = unpacker.known(oid, _KINDS[tag])
    if known is not None and known.shape == made.shape and known.dtype == made.dtype:
        with torch.no_grad():
            known.copy_(made)
        made = known
    elif tag == "tp":
        made = torch.nn.Parameter(made, requires_grad=wants_gradient is True)
    elif wants_gradient is True:
        made.requires_grad_(True)
    unpacker.replace(unpacker.integer(oid), made)
    return made


def _make(dtype: torch.dtype, shape: tuple[int, ...], data: memoryview) -> torch.Tensor:
    """A tensor of its own memory; the number of bytes must be exactly what dtype and shape need."""
    if len(data) != dtype.itemsize * math.prod(shape):
        raise GarbledError("bytes and shape of a tensor disagree")
    if not data:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool and data.tobytes().strip(b"\0\1"):
        raise GarbledError("not truth values")
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def _shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or len(shape) > _MAX_DIMENSIONS:
        raise GarbledError("not a shape")
    if any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise GarbledError("not a shape")
    return tuple(shape)


def _unpack_device(node: list[Any], unpacker: Unpacker) -> torch.device:
    _, kind, index = node
    if kind not in ("cpu", "cuda", "meta", "mps"):
        raise GarbledError("not a device")
    return torch.device(kind) if index is None else torch.device(kind, unpacker.integer(index))


ENCODERS.update(
    {
        torch.Tensor: _pack_tensor,
        torch.nn.Parameter: _pack_tensor,
        torch.Size: lambda v, _: ["tsz", list(v)],
        torch.dtype: lambda v, p: ["tdt", _NAME_OF[v]] if v in _NAME_OF else p._pack_foreign(v),
        torch.device: lambda v, _: ["tdev", v.type, v.index],
    }
)
DECODERS.update(
    {
        "tt": _unpack_tensor,
        "tp": _unpack_tensor,
        "tsz": lambda n, _: torch.Size(_shape(n[1])),
        "tdt": lambda n, u: _DTYPES[u.text(n[1])],
        "tdev": _unpack_device,
    }
)
