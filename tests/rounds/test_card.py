"""What a card must not name: planted identifiers are found wherever they stand; plain sentences stay as they are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.core.model.rounds import CardText
from devsys.core.rounds.card import Directory, What, find, luhn, marks_of

PEOPLE = Directory(("Ana Correia", "Gonçalo Reis", "Will Hope", "Ivan Hrytsenko", "Li Wu"))
BEFORE = ("", "She said: ", "It was about ", "(", "“", "Then, after a while,\n")
AFTER = ("", ".", ", and then no more.", ")", "”", "\nNext line")


def kinds(text):
    return [(m.what, m.text) for m in find(text, PEOPLE)]


def with_luhn(digits):
    """Give the digits with the one that makes them pass."""
    return next(digits + str(n) for n in range(10) if luhn(digits + str(n)))


@given(
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
    st.text("0123456789", min_size=12, max_size=18),
    st.sampled_from(" -"),
)
def test_every_card_number_is_found_however_it_is_parted(before, after, digits, part):
    number = with_luhn(digits)
    for written in (number, part.join(number[i : i + 4] for i in range(0, len(number), 4))):
        assert (What.CARD, written) in kinds(f"{before}{written}{after}")


@given(
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
    st.from_regex(r"[a-z][a-z0-9.+_-]{0,12}[a-z]@[a-z]{2,9}\.(com|pt|example)", fullmatch=True),
)
def test_every_mail_address_is_found(before, after, address):
    assert (What.MAIL, address) in kinds(f"{before}{address}{after}")


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ("+351 912 345 678", What.PHONE),
        ("(0)30/901820-44", What.PHONE),
        ("020 7946 0958", What.PHONE),
        ("AB-20391", What.ORDER),
        ("INV2023-0045", What.ORDER),
        ("83920", What.ORDER),
        ("PT50000201231234567890154", What.ORDER),
        ("Ana", What.NAME),
        ("Ana Correia", What.NAME),
        ("Gonçalo", What.NAME),
        ("Hrytsenko's", What.NAME),
        ("12 Baker Street", What.ADDRESS),
        ("Rua da Prata 14", What.ADDRESS),
        ("Lindenstraße 9", What.ADDRESS),
    ],
)
def test_planted_identifiers_are_found(before, planted, what):
    found = kinds(f"{before}{planted}, as far as I know")
    assert [kind for kind, _ in found] == [what], found
    assert planted.startswith(found[0][1]) or found[0][1].startswith(planted.removesuffix("'s"))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("I spoke to Mr Peterson about it", "Peterson"),
        ("Senhora Fonseca waited", "Fonseca"),
        ("her order 4711 was late", "4711"),
        ("ticket #88 again", "88"),
    ],
)
def test_customers_and_numbers_are_known_by_the_word_before_them(text, marked):
    assert [m.text for m in find(text, PEOPLE)] == [marked]


@pytest.mark.parametrize(
    "text",
    [
        "Hope was gone by then. Will it come back? I may call again in May.",
        "It took 40 minutes, from 14:30 to 15:10, on 2026-03-02.",
        "He was owed 11 euros, not 1,250.00, after 9 years and 365 days.",
        "The third call on 3.4.2025 had the same question.",
        "ana is a prefix, and so is li: small letters are no names.",
        "The 4G router and the WPA2 key, IPv6 too.",
    ],
)
def test_plain_sentences_are_left_alone(text):
    assert kinds(text) == []


@given(st.text(max_size=300))
def test_marks_lie_within_the_text_in_order_and_apart_whatever_it_is(text):
    found = find(text, PEOPLE)
    assert all(text[m.start : m.end] == m.text and m.text for m in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_what_is_waived_or_changed_is_marked_no_more():
    card = CardText(situation="Ana rang about order 4711.", blocked="Nothing of it")
    assert {n: [m.text for m in marks] for n, marks in marks_of(card, PEOPLE).items()} == {"situation": ["Ana", "4711"]}
    assert [m.text for m in marks_of(card, PEOPLE, {"Ana"})["situation"]] == ["4711"]
    assert marks_of(card, PEOPLE, {"Ana", "4711"}) == {}
    assert marks_of(CardText(situation="A colleague rang about an order."), PEOPLE) == {}


@pytest.mark.parametrize(
    ("digits", "good"), [("79927398713", True), ("79927398710", False), ("4111111111111111", True)]
)
def test_the_check_of_card_numbers_is_that_of_the_standard(digits, good):
    assert luhn(digits) is good
