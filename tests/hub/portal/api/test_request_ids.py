"""One id from a student's request through the portal to the hub and into the portal's log."""

import logging

from tests.hub.portal.api.test_api_submissions import NOTEBOOK


def test_the_hub_is_asked_with_the_id_of_the_request(sqlite_api, hub) -> None:
    answer = sqlite_api.get("/me", headers={"X-Request-ID": "0123456789abcdef"})
    assert answer.headers["X-Request-ID"] == "0123456789abcdef"
    assert hub.request_ids == ["0123456789abcdef"]


def test_the_log_says_which_attempt_a_request_made(sqlite_api, caplog) -> None:
    with caplog.at_level(logging.INFO, "hub.portal.api.submitting"):
        receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    (line,) = [record.msg for record in caplog.records if record.name == "hub.portal.api.submitting"]
    assert (line["event"], line["receipt_id"], line["new"]) == ("accepted", receipt, True)
    assert line["request_id"]
