"""The page of one's own busy times."""

import io

import pytest

from devsys.adapters.store.queries import busy
from devsys.core.model.access import Role
from tests.builders import CAST, id_of
from tests.busy.calendars import a_calendar, an_event

CALENDAR = a_calendar(an_event("DTSTART:20260106T100000", "DTEND:20260106T113000"))


def sources(parts, role=Role.EMPLOYEE):
    with parts.store.read() as db:
        return busy.sources(db, id_of(CAST[role]))


def bring(visitor, data, name="own.ics"):
    return visitor.post("/account/busy/file", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.FACILITATOR, Role.COORDINATOR])
def test_anybody_brings_and_forgets_a_calendar_of_their_own(sign_in, parts, role):
    visitor = sign_in(role)
    assert "None yet" in visitor.get("/account/busy").text
    assert bring(visitor, CALENDAR).status_code == 303
    page = visitor.get("/account/busy").text
    assert "1 busy time until" in page
    assert "Nobody" not in page
    (source,) = sources(parts, role)
    assert visitor.post("/account/busy/remove", {"source": source.id}).status_code == 303
    assert sources(parts, role) == ()


def test_what_cannot_be_read_is_said_beside_the_field(sign_in, parts):
    visitor = sign_in(Role.EMPLOYEE)
    for data, words in ((b"<html>", "BEGIN:VCALENDAR"), (b"", "Choose a file"), (CALENDAR[:-17], "cut off")):
        answer = bring(visitor, data)
        assert answer.status_code == 422
        assert words in answer.text
    assert visitor.post("/account/busy/file", {}).status_code == 422
    assert sources(parts) == ()


def test_addresses_stand_on_the_page_only_where_they_are_taken(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    assert "address" not in visitor.get("/account/busy").text
    assert visitor.post("/account/busy/address", {"address": "https://example.com/a.ics"}).status_code == 404


def test_somebody_elses_calendar_is_not_there(sign_in, parts):
    bring(sign_in(Role.EMPLOYEE), CALENDAR)
    (source,) = sources(parts)
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        assert sign_in(role).post("/account/busy/remove", {"source": source.id}).status_code == 404
    assert sources(parts) == (source,)


def test_a_name_with_odd_letters_is_kept_clean(sign_in, parts):
    bring(sign_in(Role.EMPLOYEE), CALENDAR, name="<i>ka\u202elender</i>.ics")
    (source,) = sources(parts)
    assert "\u202e" not in source.name
    assert "<i>" not in sign_in(Role.EMPLOYEE).get("/account/busy").text
