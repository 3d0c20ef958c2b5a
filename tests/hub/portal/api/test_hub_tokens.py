"""A flood of tokens that nobody has stops at the portal, and nobody who has a good one notices."""

from itertools import count, islice

import pytest

from hub.portal.api.hub_tokens import KNOWN_SECONDS, HubTokens
from hub.portal.api.throttle import UNKNOWN_BURST, UNKNOWN_PER_SECOND
from hub.portal.errors import TooManyError, UnavailableError
from tests.hub.loopback_server import Answers, served

NUMBERS = count()
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(hub, clock: Clock) -> HubTokens:
    return HubTokens(f"http://127.0.0.1:{hub.server.server_address[1]}/hub/api", clock)


def flood(tokens: HubTokens, address: str = HERE) -> int:
    """Send invented tokens until the portal has enough; returns how many it took."""
    sent: list[None] = []
    with pytest.raises(TooManyError) as stopped:
        sent.extend(tokens.username(f"invented-{number}", address) for number in islice(NUMBERS, 10_000))
    assert stopped.value.details == {"retry_after_seconds": 1}
    return len(sent)


def test_a_flood_of_unknown_tokens_stops_before_the_hub(hub, tokens: HubTokens) -> None:
    assert flood(tokens) == UNKNOWN_BURST == len(hub.asked)
    with pytest.raises(TooManyError):
        tokens.username("one-more", HERE)
    assert len(hub.asked) == UNKNOWN_BURST


def test_who_works_already_does_not_notice_a_flood_from_the_same_address(tokens: HubTokens, clock: Clock) -> None:
    assert tokens.username("token-kim", HERE) == "kim"
    flood(tokens)
    assert tokens.username("token-kim", HERE) == "kim"
    clock.now += KNOWN_SECONDS + 0.1  # the hub must be asked again
    flood(tokens)
    assert tokens.username("token-kim", HERE) == "kim"


def test_other_addresses_do_not_notice_it_and_the_same_one_may_go_on_in_time(tokens: HubTokens, clock: Clock) -> None:
    flood(tokens)
    assert tokens.username("token-lee", ELSEWHERE) == "lee"
    with pytest.raises(TooManyError):
        tokens.username("token-lim", HERE)
    clock.now += 1 / UNKNOWN_PER_SECOND
    assert tokens.username("token-lim", HERE) == "lim"


def test_a_class_whose_servers_start_behind_one_address_is_no_flood(tokens: HubTokens) -> None:
    for number in range(int(UNKNOWN_BURST) + 50):
        assert tokens.username(f"token-s{number}", HERE) == f"s{number}"


def test_a_token_that_is_taken_back_counts_as_unknown_from_then_on(hub, tokens: HubTokens, clock: Clock) -> None:
    tokens.username("token-kim", HERE)
    hub.answers["token-kim"] = (403, {})
    clock.now += KNOWN_SECONDS + 0.1
    assert tokens.username("token-kim", HERE) is None


def test_a_hub_that_does_not_answer_is_not_counted_against_who_asks(hub, tokens: HubTokens) -> None:
    hub.answers = {f"token-s{number}": (500, {}) for number in range(int(UNKNOWN_BURST) + 10)}
    for token in hub.answers:
        with pytest.raises(UnavailableError):
            tokens.username(token, HERE)


def test_one_connection_serves_many_questions_and_carries_nothing_over() -> None:
    asked: list[tuple[int, str | None, str | None]] = []

    class KeepingHub(Answers):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append((self.client_address[1], self.headers["Authorization"], self.headers["Cookie"]))
            self.answer(200, b'{"kind": "user", "name": "kim"}')

        def end_headers(self) -> None:
            self.send_header("Set-Cookie", "session=1; Path=/")
            super().end_headers()

    with served(KeepingHub) as server:
        tokens = HubTokens(f"http://127.0.0.1:{server.server_address[1]}/hub/api")
        for number in range(5):
            assert tokens.username(f"token-s{number}", HERE) == "kim"
        tokens.close()
    assert len({port for port, _, _ in asked}) == 1
    assert [token for _, token, _ in asked] == [f"token token-s{number}" for number in range(5)]
    assert {cookie for _, _, cookie in asked} == {None}
