"""Writers of one process: in the order in which they came, one at a time, and never waiting for ever."""

import threading
import time

import pytest
from sqlalchemy.exc import SQLAlchemyError

from hub.portal.writer_turn import WriterTurn


def until(is_so) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def start_waiting(turn: WriterTurn, served: list[int], number: int) -> threading.Thread:
    """Start a writer and return when it stands in the line."""

    def write() -> None:
        with turn.taken():
            served.append(number)

    thread = threading.Thread(target=write)
    length = len(turn._line)
    thread.start()
    until(lambda: len(turn._line) > length)
    return thread


def test_writers_are_served_in_the_order_in_which_they_came() -> None:
    turn, served = WriterTurn(60), []
    with turn.taken():
        threads = [start_waiting(turn, served, number) for number in range(20)]
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_only_one_writes_at_a_time() -> None:
    turn, inside, most = WriterTurn(60), [], []

    def write() -> None:
        for _ in range(50):
            with turn.taken():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 400
    assert max(most) == 1


def test_whoever_waits_too_long_is_told_as_of_a_busy_database_and_holds_up_nobody() -> None:
    turn = WriterTurn(0.05)
    with turn.taken(), pytest.raises(SQLAlchemyError), turn.taken():
        raise AssertionError("not its turn")
    with turn.taken():
        assert len(turn._line) == 1


def test_a_writer_that_fails_passes_the_turn_on() -> None:
    turn = WriterTurn(60)
    with pytest.raises(KeyError), turn.taken():
        raise KeyError
    with turn.taken():
        assert len(turn._line) == 1
