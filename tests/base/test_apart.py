"""A function in a process of its own: its answer, its refusal, and the limits that end it."""

import os
import sys

import pytest

from devsys.base.apart import apart
from devsys.base.errors import Fault, InvalidError


def backwards(data: bytes) -> bytes:
    return data[::-1]


def refusing(data: bytes) -> bytes:
    raise InvalidError("No.", (Fault("line 1", data.decode()),))


def for_ever(_data: bytes) -> bytes:
    while True:
        pass


def greedy(data: bytes) -> bytes:
    return data * 10_000_000_000


def surroundings(_data: bytes) -> bytes:
    return " ".join(sorted(os.environ)).encode() + b"|" + str("flask" in sys.modules).encode()  # noqa: TID251 -- what a child is given


def test_it_answers():
    assert apart(backwards, b"abc\x00", what="It") == b"\x00cba"


def test_a_refusal_comes_back_as_it_was():
    with pytest.raises(InvalidError) as refused:
        apart(refusing, b"why", what="It")
    assert (refused.value.message, refused.value.faults) == ("No.", (Fault("line 1", "why"),))


@pytest.mark.parametrize("function", [for_ever, greedy])
def test_the_limits_end_it(function):
    with pytest.raises(InvalidError) as refused:
        apart(function, b"x", what="It", seconds=1)
    assert refused.value.faults[0].where == "It"


def test_the_child_knows_no_settings_and_no_framework(monkeypatch):
    monkeypatch.setenv("DEVSYS_SECRET_THING", "1")
    names, _, flask = apart(surroundings, b"", what="It").decode().partition("|")
    assert "DEVSYS_SECRET_THING" not in names
    assert flask == "False"
