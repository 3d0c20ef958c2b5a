"""The client against a real HTTP server: retries, idempotency, errors in words."""

import socket

import pytest

from graders.exchange.client import PAUSES, PortalClient
from graders.exchange.errors import PortalError
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, NOTEBOOK, RunningPortal

FILES = {"a03.ipynb": NOTEBOOK}


def test_a_submission_is_confirmed_by_a_receipt_over_the_sent_bytes(client: PortalClient, portal: RunningPortal):
    receipt = client.submit(COURSE, ASSIGNMENT, FILES, "key-1", version=1)
    assert receipt.receipt_id == "7F3K-0001"
    assert portal.state.uploads[receipt.receipt_id] == FILES


def test_the_same_key_gives_the_same_receipt(client: PortalClient, portal: RunningPortal):
    first = client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    again = client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert first == again
    assert len(portal.state.attempts) == 1


@pytest.mark.parametrize("failure", ["drop the answer", "unavailable", "garbage"])
def test_a_lost_answer_is_asked_for_again_and_counts_once(
    client: PortalClient, portal: RunningPortal, pauses: list[float], failure: str
):
    portal.state.failures = [failure, failure]
    receipt = client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert receipt.number == 1
    assert len(portal.state.attempts) == 1
    assert len(pauses) == 2


def test_a_refusal_is_not_repeated_and_keeps_the_portals_words(client: PortalClient, portal: RunningPortal):
    portal.state.failures = ["closed"]
    with pytest.raises(PortalError, match="마감되었습니다") as caught:
        client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert (caught.value.code, caught.value.request_id, caught.value.may_pass) == ("closed", "req-1", False)
    assert portal.state.attempts == []


def test_when_every_answer_is_lost_the_message_says_that_trying_again_is_safe(
    client: PortalClient, portal: RunningPortal, pauses: list[float]
):
    portal.state.failures = ["drop the answer"] * (len(PAUSES) + 1)
    with pytest.raises(PortalError, match="두 번 제출되지 않습니다") as caught:
        client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert caught.value.may_pass
    assert len(pauses) == len(PAUSES)


def test_an_unreachable_portal_is_said_in_two_languages():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    nobody = PortalClient(f"http://127.0.0.1:{port}/api/v1", "t", sleep=lambda _: None)
    with pytest.raises(PortalError) as caught:
        nobody.courses()
    assert "연결하지 못했습니다" in caught.value.message
    assert "could not be reached" in caught.value.message


def test_a_wrong_token_is_refused(portal: RunningPortal):
    with pytest.raises(PortalError, match="로그인이 필요합니다"):
        PortalClient(portal.base, "stolen").courses()


def test_the_token_never_shows_in_a_message_or_a_representation(portal: RunningPortal):
    client = PortalClient(portal.base, "very-secret")
    with pytest.raises(PortalError) as caught:
        client.courses()
    assert "very-secret" not in repr(client) + repr(caught.value) + str(caught.value)


def test_a_server_without_the_portals_address_says_so():
    with pytest.raises(PortalError, match="AXCAMPUS_PORTAL_API"):
        PortalClient.from_environment({"JUPYTERHUB_API_TOKEN": "t"})


@pytest.mark.parametrize("name", ["..", "a/b", "", "a b", ".hidden", "a\n"])
def test_a_name_that_could_change_the_address_is_refused_before_sending(
    client: PortalClient, portal: RunningPortal, name: str
):
    with pytest.raises(PortalError, match="쓸 수 없는 이름"):
        client.release(COURSE, name)
    assert portal.state.calls == []


def test_an_unchanged_answer_comes_back_without_a_body(client: PortalClient):
    receipt = client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    first = client.conditional(f"/receipts/{receipt.receipt_id}")
    assert first.etag
    assert client.conditional(f"/receipts/{receipt.receipt_id}", first.etag).body is None


def test_a_redirect_does_not_carry_token_and_work_elsewhere(client: PortalClient, portal: RunningPortal):
    portal.state.failures = ["redirect"]
    with pytest.raises(PortalError, match="HTTP 307"):
        client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert not any("elsewhere" in call for call in portal.state.calls)


def test_a_busy_portal_is_given_the_time_it_asked_for(client: PortalClient, portal: RunningPortal, pauses: list[float]):
    portal.state.failures = ["busy 60"]
    assert client.submit(COURSE, ASSIGNMENT, FILES, "key-1").number == 1
    assert [60 <= pause <= 84 for pause in pauses] == [True]


def test_a_refusal_until_tomorrow_is_said_at_once(client: PortalClient, portal: RunningPortal, pauses: list[float]):
    portal.state.failures = ["busy 40000"]
    with pytest.raises(PortalError, match="내일"):
        client.submit(COURSE, ASSIGNMENT, FILES, "key-1")
    assert pauses == []
    assert portal.state.attempts == []
