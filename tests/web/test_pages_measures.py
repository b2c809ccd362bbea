"""Sources of measures: a mapping kept, a file checked and confirmed, faults by line; for coordinators alone."""

import io
import re

from devsys.core.model.access import Role
from tests.improvement.sources import CALLS

MAPPING = CALLS.replace("always: desk", "always: alfama").replace("{column: Agent}", "{column: Agent, keep: no}")
HEADER = "Call Id,Agent,Date,Answered (Y/N),Resolved,AvgTalkDuration,Satisfaction rating\n"
ROWS = HEADER + "1,Diane,2025-12-01,Y,Y,0:01:00,4\n2,Dan,2025-12-03,Y,N,0:01:00,2\n"


def _file(text):
    return {"file": (io.BytesIO(text.encode()), "calls.csv")}


def test_a_source_is_described_and_its_file_checked_and_confirmed(sign_in) -> None:
    olivia = sign_in(Role.COORDINATOR)
    assert "No source is known yet" in olivia.get("/imports/measures/").text
    refused = olivia.post("/imports/measures/", {"text": MAPPING.replace("in: [4, 5]", "like: 4")})
    assert refused.status_code == 422
    assert "mapping:10" in refused.text
    assert "like: 4" in refused.text  # what was typed stays
    kept = olivia.post("/imports/measures/", {"text": MAPPING})
    assert (kept.status_code, kept.location) == (303, "/imports/measures/support_calls")
    page = olivia.get("/imports/measures/support_calls").text
    assert "rows where Resolved is Y, over rows where Answered (Y/N) is Y" in page
    assert "1 source" in olivia.get("/imports").text

    wrong = olivia.post("/imports/measures/support_calls", _file(ROWS.replace("2025-12-03", "03.12.2025")))
    assert wrong.status_code == 422
    assert "line 3, column Date" in wrong.text
    days = {"first": "2025-12-01", "last": "2025-12-07"}
    checked = olivia.post("/imports/measures/support_calls", {**_file(ROWS), **days})
    assert checked.status_code == 200
    upload = re.search(r'name="upload" value="([^"]+)"', checked.text)[1]
    done = olivia.post("/imports/measures/support_calls/confirm", {"upload": upload})
    assert done.status_code == 303
    assert "4 readings new" in olivia.get(done.location).text
    again = olivia.post("/imports/measures/support_calls", {**_file(ROWS), **days})
    assert "The file holds nothing new" in again.text
    cut = olivia.post("/imports/measures/support_calls", _file(ROWS))
    assert cut.status_code == 409
    assert "stand as one sum" in cut.text
    assert olivia.post("/imports/measures/support_calls/confirm", {"upload": upload}).status_code == 404


def test_what_is_missing_is_said_beside_its_field(sign_in) -> None:
    olivia = sign_in(Role.COORDINATOR)
    olivia.post("/imports/measures/", {"text": MAPPING})
    nothing = olivia.post("/imports/measures/support_calls", {"first": "yesterday"})
    assert nothing.status_code == 422
    assert "Choose a file or paste rows" in nothing.text
    assert "A date as 2026-03-31" in nothing.text
    assert olivia.get("/imports/measures/moon").status_code == 404


def test_leads_and_employees_bring_no_files(sign_in) -> None:
    for role in (Role.LEAD, Role.EMPLOYEE, Role.COACH):
        visitor = sign_in(role)
        assert visitor.get("/imports/measures/").status_code in (403, 404)
        assert visitor.post("/imports/measures/", {"text": MAPPING}).status_code in (403, 404)


FORM = {
    "title": "Calls: the desk's",
    "source": "desk_calls",
    "rows": "contact",
    "key": "Call Id",
    "date": "Date",
    "form": "2026-01-31",
    "covers": "",
    "team": "",
    "team_always": "alfama",
    "person": "Agent",
    "measure0": "csat",
    "n0_column": "Satisfaction rating",
    "n0_test": "in",
    "n0_values": "4, 5",
    "d0_column": "Satisfaction rating",
    "d0_test": "not empty",
    "measure1": "handle_time",
    "n1_column": "AvgTalkDuration",
    "n1_test": "sum",
    "d1_column": "Call Id",
    "d1_test": "not empty",
    "measure2": "volume",
    "n2_column": "Call Id",
    "n2_test": "not empty",
    "d2_test": "week",
}


def test_a_form_writes_the_same_mapping(sign_in) -> None:
    olivia = sign_in(Role.COORDINATOR)
    assert "Column of the day" in olivia.get("/imports/measures/New").text
    refused = olivia.post("/imports/measures/New", {**FORM, "source": "Desk Calls", "n0_values": ""})
    assert refused.status_code == 422
    assert "a code of small letters" in refused.text
    assert "in: a list of values" in refused.text
    assert 'value="Calls: the desk&#39;s"' in refused.text  # what was typed stays
    kept = olivia.post("/imports/measures/New", FORM)
    assert (kept.status_code, kept.location) == (303, "/imports/measures/desk_calls")
    page = olivia.get(kept.location).text
    assert "rows where Satisfaction rating is one of 4, 5, over rows where Satisfaction rating is not empty" in page
    assert "AvgTalkDuration summed, over rows where Call Id is not empty" in page
    checked = olivia.post("/imports/measures/desk_calls", _file(ROWS))
    assert checked.status_code == 200


def test_the_form_opens_to_those_who_bring_files(sign_in) -> None:
    assert sign_in(Role.EMPLOYEE).get("/imports/measures/New").status_code in (403, 404)
