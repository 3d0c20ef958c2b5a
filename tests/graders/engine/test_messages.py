import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from graders.engine.messages import MessageSocket


@pytest.fixture
def ends():
    ours, theirs = MessageSocket.pair()
    with ours, theirs:
        yield ours, theirs


def test_messages_keep_their_bounds_and_order(ends):
    ours, theirs = ends
    for number in range(3):
        ours.send({"n": number, "text": "가" * 1000})
    assert [theirs.receive()[0]["n"] for _ in range(3)] == [0, 1, 2]


def test_descriptors_come_with_their_message(ends):
    ours, theirs = ends
    read_end, write_end = os.pipe()
    ours.send({"n": 0})
    ours.send({"n": 1}, [write_end])
    assert theirs.receive() == ({"n": 0}, [])
    message, (copy,) = theirs.receive()
    os.write(copy, b"x")
    assert (message, os.read(read_end, 1)) == ({"n": 1}, b"x")
    for descriptor in (read_end, write_end, copy):
        os.close(descriptor)


def test_messages_of_a_process_and_its_child_do_not_mix(ends):
    ours, theirs = ends

    def send_many(sender: int) -> None:
        for number in range(500):
            ours.send({"sender": sender, "n": number, "text": "x" * (100 + 97 * sender)})

    with ThreadPoolExecutor(4) as pool:  # threads write as processes do: the system alone keeps them apart
        done = [pool.submit(send_many, sender) for sender in range(4)]
        received = [theirs.receive()[0] for _ in range(2000)]
        assert [future.result() for future in done] == [None] * 4
    for sender in range(4):
        assert [message["n"] for message in received if message["sender"] == sender] == list(range(500))


def test_the_end_of_the_other_side_is_none(ends):
    ours, theirs = ends
    ours.close()
    assert theirs.is_ready(1)
    assert theirs.receive() == (None, [])


def test_a_message_cut_short_is_none(ends):
    ours, theirs = ends
    ours.sock.sendall(b"\0\0\0\x09{")
    ours.close()
    assert theirs.receive() == (None, [])


def test_a_size_that_no_message_has_reserves_nothing(ends):
    ours, theirs = ends
    ours.sock.sendall(b"\xff\xff\xff\xff")
    assert theirs.receive() == (None, [])


def test_silence_is_not_ready(ends):
    assert not ends[0].is_ready(0)
