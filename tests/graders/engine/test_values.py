import collections
import contextlib
import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.engine import codecs
from graders.engine.values import DECODERS, NoCodecError, Objects, Packed, Packer, Unpacker
from graders.engine.wire import GarbledError


def _refuse(value, _packer=None):
    raise NoCodecError(repr(value))


def _refuse_node(_node, _unpacker):
    raise GarbledError("no handles here")


def unpack(node, blobs=(), objects=None):
    views = [memoryview(bytearray(blob)) for blob in blobs]
    return Unpacker(objects or Objects(1), views, _refuse_node, lambda oid: oid < 0).value(node)


def cross(value):
    packer = Packer(Objects(-1), _refuse)
    node = json.loads(json.dumps(packer.pack(value)))
    return unpack(node, packer.blobs)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
keys = st.booleans() | st.integers() | st.text() | st.binary() | st.dates() | st.datetimes()
values = st.recursive(
    scalars | st.complex_numbers(allow_nan=False) | st.decimals(allow_nan=False) | st.fractions() | st.timedeltas(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner) | st.frozensets(keys),
    max_leaves=20,
)


def same(left, right) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(map(repr, left)) == list(map(repr, right)) and all(same(left[k], right[k]) for k in left)
    return left == right


@given(values)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
def test_values_cross_with_their_exact_type_and_order(value):
    assert same(cross(value), value)


@given(
    st.lists(st.integers(-(2**70), 2**70), min_size=600, max_size=700)
    | st.lists(st.floats(), min_size=600, max_size=700)
)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_long_lists_of_numbers_cross(value):
    assert list(map(repr, cross(value))) == list(map(repr, value))


nodes = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**66), 2**66)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["<f8", "|S3", "<M8[ns]"]),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.tuples(st.sampled_from([*sorted(DECODERS), "r", "=", "h", "cb"]), st.lists(inner, max_size=6)).map(
            lambda t: [t[0], *t[1]]
        )
    ),
    max_leaves=25,
)


@given(nodes, st.lists(st.binary(max_size=64), max_size=3))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_arrives_is_a_value_or_is_garbled(node, blobs):
    with contextlib.suppress(GarbledError):
        unpack(node, blobs)


@pytest.mark.parametrize("tag", sorted(DECODERS))
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_decoder_survives_any_fields(tag, data):
    fields = data.draw(st.lists(nodes, max_size=7))
    with contextlib.suppress(GarbledError):
        unpack([tag, *fields], [b"\0" * 16, b"\xff" * 8])


def test_a_subclass_has_no_codec():
    for kind in (int, str, float, list, dict, np.ndarray, pd.Series):
        sub = type("Sub", (kind,), {})
        with pytest.raises(NoCodecError):
            cross(sub((2,)) if kind is np.ndarray else sub())


def test_aliases_and_cycles_survive():
    inner: list = [1]
    value = {"a": inner, "b": inner}
    inner.append(value)
    crossed = cross(value)
    assert crossed["a"] is crossed["b"]
    assert crossed["a"][1] is crossed


def test_the_same_object_is_updated_in_place_under_its_id():
    objects = Objects(1)
    first = unpack(["l", -3, "", [1]], objects=objects)
    again = unpack(["l", -3, "", [1, 2]], objects=objects)
    assert again is first == [1, 2]


def test_an_object_of_ours_is_not_taken_over():
    objects = Objects(1)
    mine = [1]
    oid = objects.oid_of(mine)
    other = unpack(["l", oid, "", [9]], objects=objects)
    assert mine == [1]
    assert other == [9]
    assert objects.by_oid[oid] is mine


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.zeros((0, 3)),
        np.array(5),
        np.array([("a", 1)], dtype=[("n", "U3"), ("v", "i4")]),
        np.array(["2026-01-01", "NaT"], "M8[D]"),
        np.array(["가", "나다"]),
        np.array([1, None, "x"], object),
        np.arange(6)[::2],
        np.array([1 + 2j]),
        np.array([True, False]),
        np.arange(3, dtype=">i2"),
    ],
)
def test_arrays_cross(array):
    crossed = cross(array)
    assert crossed.dtype == array.dtype
    assert crossed.flags.f_contiguous == array.flags.f_contiguous or array.ndim < 2
    np.testing.assert_array_equal(crossed, array)


FRAME = pd.DataFrame(
    {
        "int": [1, 2],
        "text": ["x", None],
        "time": pd.to_datetime(["2026-01-01", None]),
        "zoned": pd.to_datetime(["2026-01-01", None]).tz_localize("Asia/Seoul"),
        "nullable": pd.array([1, None], dtype="Int64"),
        "flag": pd.array([True, None], dtype="boolean"),
        "kind": pd.Categorical(["u", "v"], ordered=True),
        "any": pd.Series([1, "a"], dtype=object),
        "lists": [[1], [2, 3]],
        "span": pd.to_timedelta([1, 2], unit="s"),
        "month": pd.period_range("2026-01", periods=2, freq="M"),
        "range": pd.interval_range(0, 2),
        "string": pd.array(["a", None], dtype="string"),
    },
    index=pd.Index(["r", "s"], name="row"),
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        pd.DataFrame(),
        pd.DataFrame(columns=["a", "b"]),
        pd.DataFrame(np.ones((2, 2)), index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["k", "l"])),
        pd.DataFrame(np.ones((2, 2)), columns=pd.MultiIndex.from_tuples([("x", 1), ("x", 2)])),
        pd.DataFrame({"v": [1.0, 2]}, index=pd.date_range("2026-01-01", periods=2, freq="D")),
    ],
)
def test_frames_cross_with_every_dtype(frame):
    crossed = cross(frame)
    pd.testing.assert_frame_equal(crossed, frame, check_freq=True)
    assert list(map(str, crossed.dtypes)) == list(map(str, frame.dtypes))


@pytest.mark.slow
def test_three_million_rows_cost_no_seconds():
    frame = pd.DataFrame({"a": np.arange(3_000_000), "b": np.random.rand(3_000_000), "s": ["ab", "c", "d"] * 1_000_000})
    start = time.process_time()  # not the wall clock: other tests share the cores
    packer = Packer(Objects(-1), _refuse)
    packed = Packed(packer.pack(frame), tuple(packer.blobs))
    Unpacker(Objects(1), [memoryview(b) for b in packed.blobs], _refuse_node, lambda _: True).value(packed.node)
    assert time.process_time() - start < 1.5


def test_a_namedtuple_is_rebuilt_from_names_only():
    point = collections.namedtuple("Point", "x y")(1, 2)
    packer = Packer(Objects(-1), codecs.codecs_builtin.pack_namedtuple)
    crossed = unpack(packer.pack(point))
    assert (crossed, type(crossed).__name__, crossed._fields) == ((1, 2), "Point", ("x", "y"))


@pytest.mark.parametrize("fields", [["a b"], ["class"], ["__import__('os')"], ["a"] * 201])
def test_a_namedtuple_of_code_is_refused(fields):
    with pytest.raises(GarbledError):
        unpack(["nt", "P", "m", fields, [1] * len(fields)])
