"""The demo organisation keeps what the product promises: rosters cover what queues need, and a seed repeats it."""

from datetime import date, timedelta

import numpy as np
import pytest

from devsys.actions.demo_organisation import demo_organisation
from devsys.base.resources import folder, programme_files
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import coverage_of
from devsys.core.model.hours import hours_of, monday_of
from devsys.core.programmes.read import read_programme

TODAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def activities():
    files = programme_files(folder("schedules"))
    read = [read_programme(file.read_text(encoding="utf-8"), file.name)[0] for file in files]
    return {a.code: a for programme in read if programme for a in programme.activities}


def test_rosters_cover_what_the_queues_need(activities):
    organisation = demo_organisation(activities, today=TODAY).organisation
    horizon = Horizon(monday_of(TODAY), 52)
    found = coverage_of(organisation, horizon, hours_of(organisation, horizon))
    assert len(found) == len(organisation.queues)
    for coverage in found.values():
        open_hours = coverage.required > 0
        short = coverage.rostered[open_hours] < coverage.required[open_hours]
        assert np.mean(short) < 0.02  # absences cluster now and then, as they do
        assert np.mean(coverage.required[open_hours]) > 0.5 * np.mean(coverage.rostered[open_hours])


def test_the_same_seed_and_day_make_the_same_organisation(activities):
    first, again = (demo_organisation(activities, today=TODAY, seed=3) for _ in range(2))
    assert first == again
    assert demo_organisation(activities, today=TODAY, seed=4) != first
    assert demo_organisation(activities, today=TODAY + timedelta(days=1), seed=3) != first


def test_teams_and_people_have_names_of_their_own(activities):
    organisation = demo_organisation(activities, today=TODAY).organisation
    for things in (organisation.teams, organisation.people, organisation.queues):
        names = [thing.name for thing in things]
        assert len(set(names)) == len(names)
