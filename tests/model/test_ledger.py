"""The ledger: what counts where, and what does not."""

from datetime import date

from devsys.core.model.ledger import Entry, LedgerSum, OwedSum, Quarter, ledger, quarter_of, summed

TODAY = date(2026, 4, 2)
Q1, Q2 = Quarter(2026, 1), Quarter(2026, 2)


def test_a_day_lies_in_its_quarter():
    days = (date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 12, 31))
    assert [str(quarter_of(d)) for d in days] == ["Q1 2026", "Q1 2026", "Q2 2026", "Q4 2026"]
    assert [quarter_of(d).start for d in days] == [date(2026, m, 1) for m in (1, 1, 4, 10)]


def test_what_is_over_was_held_less_the_absent_and_today_is_not_over():
    sums = (
        LedgerSum(date(2026, 3, 31), "a", 120, 30, 0),
        LedgerSum(date(2026, 4, 1), "a", 60, 0, 45),
        LedgerSum(TODAY, "a", 90, 0, 0),
        LedgerSum(date(2026, 4, 1), None, 15, 15, 0),
    )
    found = ledger(sums, (), lambda _: 60, TODAY)
    assert found == {
        ("a", Q1): Entry(planned=120, held=90, due=120),
        ("a", Q2): Entry(planned=150, held=60, cancelled=45, due=60),
        (None, Q2): Entry(planned=15, held=0, due=15),
    }


def test_a_need_owed_counts_when_it_was_due_by_its_length():
    owed = (OwedSum(date(2026, 3, 31), "a", "long", 2), OwedSum(date(2026, 4, 1), "a", "short", 3))
    found = ledger((), owed, {"long": 90, "short": 30}.__getitem__, TODAY)
    assert found == {("a", Q1): Entry(owed=180, needs=2), ("a", Q2): Entry(owed=90, needs=3)}


def test_a_line_of_nothing_is_no_line():
    assert ledger((LedgerSum(TODAY, "a", 0, 0, 0),), (), lambda _: 60, TODAY) == {}


def test_sums_are_sums():
    entries = (Entry(1, 2, 3, 4, 5, 6), Entry(10, 20, 30, 40, 50, 60))
    assert summed(entries) == Entry(11, 22, 33, 44, 55, 66)
    assert not summed(())
