import socket
import threading
import time

import pytest

from graders.engine.wire import Channel, GarbledError, GoneError, OutOfTimeError, WireLimits


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def test_a_header_and_its_blobs_arrive(pair):
    Channel(pair[0]).send({"n": 1, "text": "가"}, [b"abc", b"", memoryview(b"xy")])
    header, blobs = Channel(pair[1]).receive()
    assert header == {"n": 1, "text": "가"}
    assert [blob.tobytes() for blob in blobs] == [b"abc", b"", b"xy"]


@pytest.mark.parametrize(
    "limits",
    [
        WireLimits(header_bytes=10),
        WireLimits(message_bytes=50),
        WireLimits(blobs=1),
        WireLimits(total_bytes=50),
        WireLimits(messages=0),
    ],
)
def test_more_than_the_limits_is_garbled(pair, limits):
    Channel(pair[0]).send({"n": 1, "x": "y" * 20}, [b"a" * 40, b"b"])
    with pytest.raises(GarbledError):
        Channel(pair[1], limits=limits).receive()


def test_a_closed_connection_is_gone(pair):
    pair[0].close()
    with pytest.raises(GoneError):
        Channel(pair[1]).receive()


def test_waiting_ends_at_the_deadline(pair):
    channel = Channel(pair[1], deadline=time.monotonic() + 0.05)
    with pytest.raises(OutOfTimeError):
        channel.receive()


def test_a_reader_that_does_not_read_ends_at_the_deadline(pair):
    channel = Channel(pair[1], deadline=time.monotonic() + 0.05)
    with pytest.raises(OutOfTimeError):
        channel.send({}, [bytes(50_000_000)])


def test_a_large_blob_arrives_whole(pair):
    data = bytes(range(256)) * 40_000
    sender = threading.Thread(target=Channel(pair[0]).send, args=({}, [data]))
    sender.start()
    _, blobs = Channel(pair[1]).receive()
    sender.join()
    assert blobs[0].tobytes() == data


def test_many_small_blobs_and_large_ones_between_them_arrive_in_order(pair):
    blobs = [bytes([number % 251]) * (number % 7) for number in range(1500)]
    blobs[3] = blobs[700] = b"large" * 100_000
    sender = threading.Thread(target=Channel(pair[0]).send, args=({}, blobs))
    sender.start()
    _, received = Channel(pair[1]).receive()
    sender.join()
    assert [blob.tobytes() for blob in received] == blobs


def test_many_small_blobs_take_few_calls_of_the_system(pair, monkeypatch):
    reads = []
    read = Channel._read
    monkeypatch.setattr(Channel, "_read", lambda channel, size: reads.append(size) or read(channel, size))
    Channel(pair[0]).send({}, [b"12345678"] * 1000)
    Channel(pair[1]).receive()
    assert len(reads) < 6
