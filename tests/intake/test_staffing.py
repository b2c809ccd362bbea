"""The requirement, given or from calls; whole days replaced; warnings where the roster cannot meet it."""

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from devsys.core.intake.resolve import after
from devsys.core.model.people import Organisation, Requirement
from tests.intake import files

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank_calls_half_hour.csv"


def requirement_of(organisation: Organisation, code: str = "BILL") -> Requirement:
    queue = next(q for q in organisation.queues if q.code == code)
    return next(r for r in organisation.requirements if r.queue_id == queue.id)


def needed(figures: tuple[int, ...]) -> dict[int, int]:
    return {half: n for half, n in enumerate(figures) if n}


def test_days_named_are_set_and_the_others_need_nobody() -> None:
    given = requirement_of(files.brought())
    assert [needed(day) for day in given.profile] == [{16: 1, 17: 2}, {18: 1}, {}, {}, {}, {}, {}]
    assert given.days == {date(2026, 12, 24): (0,) * 48}


def test_a_day_named_again_is_replaced_as_a_whole_and_others_stay() -> None:
    organisation = files.brought()
    rows = files.with_rows("requirement", "BILL,mon,09:00,2", "BILL,sun,10:00,1", "BILL,2026-12-31,09:00,1")
    outcome = files.bring("requirement", rows, organisation)
    assert [(c.name, c.detail) for c in outcome.changed] == [
        ("Billing (BILL), Monday", "1.5 → 1 agent hours"),
        ("Billing (BILL), Sunday", "0 → 0.5 agent hours"),
    ]
    assert [(c.name, c.detail) for c in outcome.new] == [("Billing (BILL), Thursday 2026-12-31", "0.5 agent hours")]
    now = after(organisation, outcome)
    given = requirement_of(now)
    assert [needed(day) for day in given.profile] == [{18: 2}, {18: 1}, {}, {}, {}, {}, {20: 1}]
    assert list(given.days) == [date(2026, 12, 24), date(2026, 12, 31)]
    assert files.bring("requirement", rows, now).counts["same"] == 3


def test_a_first_requirement_is_new_and_the_same_figures_elsewhere_are_changed() -> None:
    organisation = files.brought()
    first = files.bring("requirement", files.with_rows("requirement", "TECH,mon,08:30,1"), organisation)
    assert (first.counts["new"], first.counts["changed"]) == (1, 0)
    moved = files.bring("requirement", files.with_rows("requirement", "BILL,tue,09:30,1"), organisation)
    assert [c.detail for c in moved.changed] == ["0.5 agent hours"]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["X,mon,08:00,3"], (2, "queue", "X", "a code that stands among the queues")),
        (
            ["BILL,mon,08:00,3", "BILL,Mon,8:00,4"],
            (3, "start", "8:00", "each half hour of a day once; row 2 has it already"),
        ),
        (["BILL,2036-02-29,08:00,3"], (2, "day", "2036-02-29", "a date at most 10 years ahead")),
    ],
)
def test_requirements_that_cannot_be_are_refused(rows: list[str], refused: tuple[int, str, str, str]) -> None:
    assert files.refusals("requirement", files.brought(), *rows) == [refused]


def test_more_than_the_roster_ever_has_is_a_warning() -> None:
    rows = files.with_rows(
        "requirement",
        "BILL,mon,08:00,2",  # Ana and Bruno work early
        "BILL,mon,08:30,3",
        "BILL,mon,09:00,14",
        "BILL,wed,09:00,1",
        "BILL,2026-03-10,09:00,3",
    )
    outcome = files.bring("requirement", rows, files.brought())
    assert [(w.row, w.column, w.value, w.what) for w in outcome.warnings] == [
        (
            2,
            "agents",
            "14",
            (
                "Billing needs 14 on Monday 09:00, 2 are rostered: nothing can be planned there "
                "(and in 1 more half hour of that day)"
            ),
        ),
        (
            5,
            "agents",
            "1",
            "Billing needs 1 on Wednesday 09:00, 0 are rostered: nothing can be planned there",
        ),
        (
            6,
            "agents",
            "3",
            "Billing needs 3 on Tuesday 2026-03-10 09:00, 2 are rostered: nothing can be planned there",
        ),
    ]
    assert (outcome.refused, outcome.writes) == ((), True)


def test_one_rostered_is_said_in_the_singular() -> None:
    outcome = files.bring("requirement", files.with_rows("requirement", "TECH,mon,09:00,2"), files.brought())
    assert [w.what for w in outcome.warnings] == [
        "Technical needs 2 on Monday 09:00, 1 is rostered: nothing can be planned there"
    ]


def test_absences_and_holidays_do_not_lower_what_the_roster_ever_has() -> None:
    organisation = files.brought()
    berlin = organisation.sites[0].id
    mondays = {date(2026, 1, 5) + timedelta(weeks=i): "closed" for i in range(60)}
    closed = replace(organisation, holidays={berlin: mondays})
    outcome = files.bring("requirement", files.with_rows("requirement", "BILL,mon,08:00,2"), closed)
    assert outcome.warnings == ()


def test_a_queue_nobody_works_on_is_one_warning() -> None:
    organisation = replace(files.brought(), people=())
    rows = files.with_rows("requirement", "BILL,mon,08:00,2", "BILL,tue,08:00,2")
    assert [w.what for w in files.bring("requirement", rows, organisation).warnings] == [
        "nobody is rostered on Billing yet"
    ]


def volumes(code: str, start: datetime, weeks: int, calls: int) -> list[str]:
    return [f"{code},{start + timedelta(weeks=i):%Y-%m-%dT%H:%M},{calls}" for i in range(weeks)]


def test_calls_become_the_typical_week_through_the_queues_service() -> None:
    organisation = files.brought()
    rows = files.with_rows("volumes", *volumes("BILL", datetime(2025, 9, 1, 10), 6, 100))
    outcome = files.bring("volumes", rows, organisation)
    given = requirement_of(after(organisation, outcome))
    # 100 calls of 240 s are 13.3 erlangs: 17 agents for 80 % in 20 s, 25 with 30 % shrinkage.
    assert [needed(day) for day in given.profile] == [{20: 25}, {}, {}, {}, {}, {}, {}]
    assert given.days == requirement_of(organisation).days
    assert [c.detail for c in outcome.changed] == ["6 days; at most 25 at work, Monday 10:00"]
    assert files.bring("volumes", rows, after(organisation, outcome)).counts["same"] == 1


def test_public_holidays_of_the_site_are_left_out() -> None:
    organisation = files.brought()
    rows = [*volumes("BILL", datetime(2026, 3, 23, 10), 4, 100)]
    rows[2] = "BILL,2026-04-06T10:00,1"  # Easter Monday in Berlin
    outcome = files.bring("volumes", files.with_rows("volumes", *rows), organisation)
    assert [c.detail for c in outcome.changed] == [
        "3 days, 1 public holiday left out; at most 25 at work, Monday 10:00"
    ]


def test_a_weekday_of_few_days_is_a_warning() -> None:
    rows = [*volumes("BILL", datetime(2025, 9, 1, 10), 3, 1), *volumes("BILL", datetime(2025, 9, 2, 10), 1, 1)]
    outcome = files.bring("volumes", files.with_rows("volumes", *rows), files.brought())
    few = [(w.row, w.column, w.value, w.what) for w in outcome.warnings if w.column == "start"]
    assert few == [(5, "start", "tue", "only 1 Tuesday in the file; its typical day rests on that")]


def test_a_half_hour_twice_and_an_unknown_queue_are_refused() -> None:
    rows = ["BILL,2025-10-26T02:30,5", "BILL,2025-10-26T02:30,6", "X,2025-10-27T10:00,4", "X,2025-10-27T10:30,4"]
    assert files.refusals("volumes", files.brought(), *rows) == [
        (
            3,
            "start",
            "2025-10-26T02:30",
            "each half hour once; row 2 has it already (where the clocks go back, give the sum)",
        ),
        (4, "queue", "X", "a code that stands among the queues"),
        (5, "queue", "X", "a code that stands among the queues"),
    ]


def test_no_calls_at_all_need_nobody() -> None:
    outcome = files.bring("volumes", files.with_rows("volumes", *volumes("TECH", datetime(2025, 9, 1), 3, 0)))
    assert [r.column for r in outcome.refused] == ["queue"] * 3
    organisation = files.brought()
    outcome = files.bring(
        "volumes", files.with_rows("volumes", *volumes("TECH", datetime(2025, 9, 1), 3, 0)), organisation
    )
    assert (outcome.counts["new"], outcome.warnings) == (1, ())
    assert not any(map(any, requirement_of(after(organisation, outcome), "TECH").profile))


def test_a_real_banks_calls_become_a_requirement() -> None:
    if not BANK.exists():
        pytest.skip("the call volumes of ../shared/data are not here")
    organisation = files.brought()
    with BANK.open() as file:
        rows = [f"BILL,{row['start']},{row['calls']}" for row in csv.DictReader(file)]
    outcome = files.bring("volumes", files.with_rows("volumes", *rows), organisation)
    assert outcome.refused == ()
    assert len({row[5:15] for row in rows}) == 164
    given = requirement_of(after(organisation, outcome))
    busiest = max(range(48), key=lambda half: given.profile[0][half])
    assert 18 <= busiest <= 24
    assert max(map(max, given.profile[:5])) == given.profile[0][busiest]
    assert not any(map(any, given.profile[5:]))
    queue = organisation.queues[0]
    mean = sum(int(row.rsplit(",", 1)[1]) for row in rows) / len(rows)
    rostered = [n for day in given.profile for n in day if n]
    # On average the load over occupancy and shrinkage, a little more where Erlang and rounding ask for it.
    floor = mean * queue.handle_seconds / 1800 / 0.9 / 0.7
    assert 1.0 < sum(rostered) / len(rostered) / floor < 1.12
