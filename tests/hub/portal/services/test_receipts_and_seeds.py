"""Receipt ids can be read out and typed; seeds are secret, stable and one's own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.contract import LEARNER_FILE, MAX_SEED
from graders.files import FileSet
from hub.portal.services.receipts import ALPHABET, RECEIPT_ID, make_receipt_id, read_receipt_id
from hub.portal.services.seeds import SeedKeys, SeedSubject, with_learner_file

KEYS = SeedKeys(b"a" * 32, b"b" * 32)
SUBJECT = SeedSubject(7, "ai/a01", 1)


def test_a_made_id_is_readable_and_checks() -> None:
    receipt_id = make_receipt_id()
    assert RECEIPT_ID.fullmatch(receipt_id)
    assert read_receipt_id(receipt_id.lower().replace("-", " ")) == receipt_id


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_shows(place: int, wrong: str) -> None:
    plain = make_receipt_id().replace("-", "")
    changed = plain[:place] + wrong + plain[place + 1 :]
    assert (read_receipt_id(changed) is None) == (changed != plain)


@given(st.integers(0, 6))
def test_two_swapped_neighbours_show(place: int) -> None:
    plain = make_receipt_id().replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert (read_receipt_id(swapped) is None) == (swapped != plain)


@pytest.mark.parametrize("text", ["", "7F3K", "7F3K-2Q9M-1", "7F3K-2Q9!", "../../etc"])
def test_nonsense_is_no_receipt(text: str) -> None:
    assert read_receipt_id(text) is None


def test_seeds_differ_by_person_assignment_version_and_key() -> None:
    others = [SeedSubject(8, "ai/a01", 1), SeedSubject(7, "ai/a02", 1), SeedSubject(7, "ai/a01", 2)]
    seeds = {KEYS.learner_seed(each) for each in [SUBJECT, *others]} | {KEYS.hidden_seed(SUBJECT)}
    assert len(seeds) == 5
    assert all(0 <= seed <= MAX_SEED for seed in seeds)
    assert KEYS.learner_seed(SUBJECT) == SeedKeys(b"a" * 32, b"c" * 32).learner_seed(SUBJECT)


def test_keys_do_not_show_in_a_traceback() -> None:
    assert "aaaa" not in repr(KEYS)


def test_a_submitted_learner_file_is_replaced() -> None:
    files = with_learner_file(FileSet({LEARNER_FILE: b'{"seed": 1}', "a": b""}), 2**64 - 1)
    assert json.loads(files.files[LEARNER_FILE]) == {"seed": 2**64 - 1}
