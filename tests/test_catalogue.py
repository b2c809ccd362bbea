"""The catalogue names tests that exist, in the forms it promises, and its page says what it says."""

from tests import catalogue
from tests.catalogue import PAGE, PROMISES, PROOFS


def test_every_proof_is_a_test_of_a_promise() -> None:
    ids = {p.id for p in PROMISES}
    assert [p.test for p in PROOFS if p.id not in ids or not catalogue.exists(p)] == []
    assert len(ids) == len(PROMISES)
    assert len({(p.id, p.test) for p in PROOFS}) == len(PROOFS)


def test_every_proof_was_seen_to_fail() -> None:
    assert [p.test for p in PROOFS if not p.fault.strip("- ")] == []


def test_a_promise_with_a_larger_size_at_night_has_both_forms() -> None:
    lacking = []
    for promise in PROMISES:
        found = [catalogue.forms(p) for p in PROOFS if p.id == promise.id]
        if not found:
            continue
        small, soak = any(a for a, _ in found), any(b for _, b in found)
        if (promise.small != "-" and not small) or (promise.soak != promise.small and not soak):
            lacking.append((promise.id, found))
    assert [one for one in lacking if one[0] not in NOT_YET] == []
    assert {one[0] for one in lacking} == NOT_YET, "take what is whole now from NOT_YET"


NOT_YET: set[str] = set()  # rows whose larger form is being written


def test_the_page_of_the_catalogue_is_its_table(*, update_golden: bool) -> None:
    if update_golden:
        PAGE.write_text(catalogue.page(), "utf-8")
    assert PAGE.read_text("utf-8") == catalogue.page()
