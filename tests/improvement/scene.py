"""Eighty more colleagues with a year and more of readings: enough people for a lot to tell something."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from devsys.actions.draw_rollout import Question, draw_with
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import people, rollouts
from devsys.adapters.store.tables.measures import OwnReadingRow
from devsys.core.improvement.rollout import By, Order
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Held, Person, Team
from tests.builders import DOMAIN, id_of
from tests.improvement import world

TEAMS, MEMBERS = 16, 5
NAMES = tuple(f"t{team:02d}.{member}" for team in range(TEAMS) for member in range(MEMBERS))


def grow(parts: Parts) -> None:
    """Bring sixteen teams of five to Lisbon's billing queue."""
    lisbon, queue, early = id_of("lisbon"), id_of("billing"), id_of("early")
    teams = tuple(Team(id_of(f"t{t:02d}"), f"t{t:02d}", f"Team {t:02d}", lisbon) for t in range(TEAMS))
    staff = tuple(
        Person(id_of(name), name, f"Rita {name}", f"{name}@{DOMAIN}", id_of(name[:3]), queue, early) for name in NAMES
    )
    with parts.store.write() as db:
        people.write_organisation(db, people.only(teams=teams, people=staff), today=parts.now().date())


def readings(parts: Parts, y: Any, last: date, measure: str = "csat") -> None:
    """Write weekly readings of the eighty, percentages `y` (people x weeks), up to the week before Monday `last`."""
    weeks = y.shape[1]
    rows = [
        {
            "measure": measure,
            "person_id": id_of(name),
            "team_id": id_of(name[:3]),
            "first": last - timedelta(weeks=weeks - k),
            "last": last - timedelta(weeks=weeks - k) + timedelta(days=6),
            "numerator": float(value) / 10,
            "denominator": 10.0,
        }
        for name, row in zip(NAMES, y, strict=True)
        for k, value in enumerate(row)
        if not np.isnan(value)
    ]
    with parts.store.write() as db:
        db.execute(insert(OwnReadingRow), rows)


def a_past(seed: int = 1, weeks: int = 104) -> Any:
    return world.a_world(seed, people=80, teams=16, weeks=weeks)


WAVE_WEEKS = tuple(range(39, 63, 4))


def roll_out(
    parts: Parts,
    *,
    gain: float = 8.0,
    half_life: float = 26.0,
    activity: str = "hear_fully",
    order: Order = Order.LOT,
    late: int = 15,
    seed: int = 7,
    attend: bool = True,
) -> tuple[str, Any]:
    """Draw a rollout 65 weeks ago, let it have been held and have its effect; give its id and the readings."""
    now = parts.now()
    past = replace(parts, clock=lambda: now - timedelta(weeks=70))
    last = monday_of(now.date())
    first = last - timedelta(weeks=104 - WAVE_WEEKS[0])
    teams = tuple(id_of(f"t{team:02d}") for team in range(TEAMS))
    asked = Question(
        activity, "csat", 2.0, teams, first, len(WAVE_WEEKS), 4, late, order, By.PERSON, strata=order is Order.LOT
    )
    y = a_past(seed).y
    readings(parts, y[:, :39], first)
    made = draw_with(past, id_of("olivia.brandt"), asked, seed, today=past.now().date())
    with parts.store.read() as db:
        places = {p.code: p for p in rollouts.places(db, made)}
    starts = np.array([(places[name].starts - last).days // 7 + 104.0 for name in NAMES])
    seen = np.clip(world.with_gain(y, starts, gain, half_life), 1, 120)
    readings(parts, seen[:, 39:], last)
    held = tuple(Held(p.person_id, activity, p.starts + timedelta(days=2)) for p in places.values() if p.starts < last)
    if attend:
        with parts.store.write() as db:
            people.write_organisation(db, people.only(held=held), today=now.date())
    return made, seen
