"""Codes of an authenticator app, against the vectors of RFC 6238."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from devsys.base.codes import app_address, code_at, new_secret, step_at, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 1, 5, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds, code):
    assert code_at(SECRET, seconds // 30, digits=8) == code
    assert code_at(SECRET, seconds // 30) == code[2:]


def test_a_code_is_taken_one_step_early_or_late_and_no_more():
    step = step_at(NOW)
    found = [step_of(SECRET, code_at(SECRET, step + by), NOW, 0) for by in range(-3, 4)]
    assert found == [None, None, step - 1, step, step + 1, None, None]


def test_a_code_is_taken_once_and_no_older_one_after_it():
    step = step_at(NOW)
    assert step_of(SECRET, code_at(SECRET, step), NOW, step) is None
    assert step_of(SECRET, code_at(SECRET, step - 1), NOW, step) is None
    later = NOW + timedelta(seconds=30)
    assert step_of(SECRET, code_at(SECRET, step + 1), later, step) == step + 1


def test_secrets_are_long_and_differ():
    assert len({new_secret() for _ in range(20)}) == 20
    assert len(base64.b32decode(new_secret())) == 20


def test_the_address_holds_names_that_cannot_break_it():
    assert app_address("ABC", "a&b=c@x.example", "House & Co") == (
        "otpauth://totp/House%20%26%20Co%3Aa%26b%3Dc%40x.example?secret=ABC&issuer=House%20%26%20Co"
    )
