"""The year's values: quarters by ISO weeks, what is owed in hours, principles nobody names."""

from datetime import date

from devsys.adapters.store.queries.calendar_figures import DaySum
from devsys.core.model.calendar import Figures
from devsys.core.model.ledger import LedgerSum
from devsys.core.model.programme import Activity, Cadence, Kind, Principle, Rhythm
from devsys.faces.web.year_values import (
    Stretch,
    YearFacts,
    kind_of,
    ledger_table,
    quarter_days,
    share_words,
    year_strip,
)

HEAVY = Activity(
    code="strong_feelings",
    title="Staying with strong feelings",
    kind=Kind.EMOTIONAL_SUPPORT,
    minutes=90,
    group=(4, 8),
    cadence=Cadence(Rhythm.EVERY, weeks=13),
    aim="People stay with the customer.",
    qualification="emotional_support",
    recovery_minutes=30,
    principles=(Principle.LISTEN, Principle.OWN),
)
JANUARY = Stretch(date(2025, 12, 29), 53)


def facts(**more):
    values = {
        "stretch": JANUARY,
        "sums": (DaySum(date(2026, 1, 1), HEAVY.code, 4, 1, 360), DaySum(date(2026, 4, 1), "gone", 2, 1, 120)),
        "ledger": (
            LedgerSum(date(2026, 1, 1), "a", 360, 90, 0),
            LedgerSum(date(2026, 4, 1), "a", 120, 0, 60),
        ),
        "owed": ((date(2026, 4, 1), HEAVY.code, 2), (date(2024, 4, 1), HEAVY.code, 5)),
        "spare": (0.0,) * 53,
        "holidays": ((date(2026, 1, 1), "Ano Novo", "lisbon"),),
        "activities": {HEAVY.code: HEAVY},
    }
    return YearFacts(**(values | more))


def test_hours_off_the_queue_count_recovery():
    strip = year_strip(facts(), today=date(2026, 2, 2), freeze_days=14, planned_until=date(2027, 1, 4), link="/week?")
    assert (strip.away[0], strip.away[13]) == (8.0, 2.0)
    hours = {row.kind: row.hours for row in strip.rows}
    assert hours["emotional_support"][0] == 6.0
    assert hours["skill"][13] == 2.0  # an activity no programme has any more
    assert (strip.owed[13], sum(strip.owed)) == (2, 2)
    assert strip.weeks[0].holiday == "Ano Novo"
    assert strip.weeks[4].href == "/week?week=2026-W05"


def test_the_ledger_holds_the_four_calendar_quarters_the_stretch_begins_with():
    assert JANUARY.quarters == (*(date(2026, m, 1) for m in (1, 4, 7, 10)), date(2027, 1, 1))
    assert Stretch(date(2026, 9, 28), 53).quarters[0] == date(2026, 10, 1)
    assert quarter_days(date(2026, 12, 31))[1:] == tuple(date(2027, m, 1) for m in (1, 4, 7, 10))


def test_planned_held_taken_back_in_hours_and_owed_in_needs():
    ledger = ledger_table(facts(), date(2026, 2, 2))
    rows = [(q.label, q.planned, q.held, q.cancelled, q.owed) for q in ledger.quarters]
    assert rows == [("Q1", 6, 4, 0, 0), ("Q2", 2, 0, 1, 2), ("Q3", 0, 0, 0, 0), ("Q4", 0, 0, 0, 0)]
    assert (ledger.planned, ledger.held, ledger.cancelled, ledger.owed) == (8, 4, 1, 2)


def test_years_are_named_where_there_are_two():
    found = facts(stretch=Stretch(date(2026, 9, 28), 53))
    labels = [q.label for q in ledger_table(found, date(2026, 2, 2)).quarters]
    assert labels == ["Q4 \u201926", "Q1 \u201927", "Q2 \u201927", "Q3 \u201927"]


def test_principles_nobody_names_are_named():
    ledger = ledger_table(facts(), date(2026, 1, 1))
    assert ledger.words[0] == "Not used in Q1 2026: ask to the point, explain clearly and follow up."
    assert ledger_table(facts(), date(2027, 1, 11)).words == (
        "Held so far: 81.2\u2009% of what was planned until yesterday.",
    )


def test_figures_of_a_plan_without_needs_are_not_made_up():
    assert share_words(Figures(needs=0, placed=0, on_time=0, owed=0, sessions=0, bound=0)) == ()
    shown = share_words(Figures(needs=10, placed=9, on_time=8, owed=1, sessions=3, bound=8))
    assert [value for value, _, _ in shown] == ["80\u2009%", "100\u2009%", "1"]
    assert shown[1][1] == "of the best possible, 8"
    proved = Figures(needs=10, placed=9, on_time=8, owed=1, sessions=3, bound=8, proved=True)
    assert share_words(proved)[1][1] == "of the best possible, 8, proved"


def test_a_kind_for_every_code():
    assert kind_of(HEAVY.code, {HEAVY.code: HEAVY}) == "emotional_support"
    assert kind_of("gone", {}) == "skill"
