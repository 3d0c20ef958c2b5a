"""Arrow-typed and sparse columns cross with their dtype; buffers that don't fit are refused before Arrow reads them."""

import contextlib
import json

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.engine import codecs_arrow
from graders.engine.codecs_pandas import unpack_column
from graders.engine.values import NoCodecError, Objects, Packer, Unpacker
from graders.engine.wire import GarbledError


def refuse(value, _other=None):
    raise NoCodecError(repr(value))


def unpacker(blobs):
    return Unpacker(Objects(1), [memoryview(bytearray(blob)) for blob in blobs], refuse, lambda oid: oid < 0)


def cross(value):
    packer = Packer(Objects(-1), refuse)
    node = json.loads(json.dumps(packer.pack(value)))
    return unpacker(packer.blobs).value(node)


COLUMNS = [
    pd.Series([1, None, 3], dtype="int64[pyarrow]", name="a"),
    pd.Series([True, None, False] * 9, dtype="bool[pyarrow]"),
    pd.Series([], dtype="double[pyarrow]"),
    pd.Series(["x", None, "한"], dtype=pd.ArrowDtype(pa.string())),
    pd.Series(["x", "yy"], dtype="large_string[pyarrow]"),
    pd.Series(pd.date_range("2026", periods=3), dtype="timestamp[ns][pyarrow]"),
    pd.Series([1, 2, 3, None], dtype="int64[pyarrow]").iloc[1:],
    pd.Series([0, 0, 1.5, 0], dtype="Sparse[float]"),
    pd.Series([0, 0], dtype=pd.SparseDtype("int", 0)),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda each: str(each.dtype))
def test_a_column_crosses_alone_and_in_a_frame(column):
    pd.testing.assert_series_equal(cross(column), column)
    frame = column.to_frame("b").assign(c=1)
    pd.testing.assert_frame_equal(cross(frame), frame)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([[1], [2]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        pd.Series([1], dtype=pd.ArrowDtype(pa.timestamp("ns", "Asia/Seoul"))),
    ],
    ids=lambda each: str(each.dtype),
)
def test_other_arrow_types_are_no_values(column):
    with pytest.raises(NoCodecError):
        cross(column)


EIGHT = b"\0" * 8


@pytest.mark.parametrize(
    ("node", "blobs"),
    [
        (["ar", "int64", 2, [None, 0]], [EIGHT]),  # too few bytes for two rows
        (["ar", "int64", 2**40, [None, 0]], [EIGHT]),
        (["ar", "int64", -1, [None, 0]], [EIGHT]),
        (["ar", "int64", 1, [None]], []),
        (["ar", "int64", 1, [None, None]], []),
        (["ar", "int64", 60, [0, 1]], [b"\1", EIGHT * 60]),  # validity is too short
        (["ar", "string", 1, [None, 0, 1]], [b"\0\0\0\0\xff\0\0\0", b"x"]),  # an offset behind the text
        (["ar", "string", 1, [None, 0, 1]], [b"\0\0\0\0\1\0\0\0", b"\xff"]),  # no UTF-8
        (["ar", "string", 1, [None, 0, None]], [EIGHT]),
        (["ar", "list", 1, [None, 0]], [EIGHT]),
        (["sp", "<f8", 5, 1, None, 0, 1], [EIGHT, b"\x09\0\0\0"]),  # a place behind the end
        (["sp", "<f8", 5, 2, None, 0, 1], [EIGHT * 2, b"\1\0\0\0\1\0\0\0"]),  # one place twice
        (["sp", "<f8", 2**40, 0, None, 0, 0], [b""]),
        (["sp", "|O", 1, 1, None, 0, 1], [EIGHT, b"\0\0\0\0"]),
    ],
    ids=str,
)
def test_buffers_that_do_not_fit_are_garbled(node, blobs):
    with pytest.raises(GarbledError):
        unpacker(blobs).value(["sr", -1, node, ["ir", 0, 1, 1, None], None])


fields = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**66) | st.sampled_from(["int64", "string", "bool", "<f8", "|b1"]),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("tag", ["ar", "sp"])
@given(parts=st.lists(fields, max_size=7), blobs=st.lists(st.binary(max_size=40), max_size=3))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_arrives_is_a_column_or_is_garbled(tag, parts, blobs):
    with contextlib.suppress(GarbledError):
        unpacker(blobs).value(["sr", -1, [tag, *parts], ["ir", 0, 1, 1, None], None])


@given(length=st.integers(0, 40), blobs=st.tuples(*[st.binary(max_size=60)] * 3))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_are_text_or_are_garbled(length, blobs):
    with contextlib.suppress(GarbledError, ValueError):
        made = unpack_column(["ar", "string", length, [0, 1, 2]], unpacker(blobs))
        assert len(made.to_numpy()) == length


def test_the_types_that_are_carried_have_a_fixed_width():
    assert all(kind.bit_width in (1, 8, 16, 32, 64) for kind in codecs_arrow._FIXED.values())
