"""The one masking rule, as a table."""

import pytest

from hub.portal.services.privacy.masking import masked_email, masked_name, masked_phone, shown_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [("김민수", "김*수"), ("김용", "김*"), ("남궁민수", "남**수"), ("김", "*"), ("", "*"), ("Kim", "K*m")],
)
def test_names_keep_their_ends(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("01012345678", "010-****-5678"), ("0551234567", "055-****-4567"), ("123", "****"), ("", None), (None, None)],
)
def test_phones_keep_their_last_four(phone: str | None, masked: str | None) -> None:
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("minsu@example.ac.kr", "mi***@example.ac.kr"),
        ("ab@example.kr", "a***@example.kr"),
        ("a@example.kr", "***@example.kr"),
        ("nonsense", "***"),
        (None, None),
    ],
)
def test_addresses_keep_two_letters_and_the_domain(email: str | None, masked: str | None) -> None:
    assert masked_email(email) == masked


@pytest.mark.parametrize(
    ("phone", "shown"), [("01012345678", "010-1234-5678"), ("0212345678", "02-1234-5678"), (None, None)]
)
def test_a_whole_number_is_written_as_people_do(phone: str | None, shown: str | None) -> None:
    assert shown_phone(phone) == shown
