"""A coordinator brings the organisation as files: checked first, written whole or not at all."""

import re
from dataclasses import replace
from io import BytesIO

import pytest

from devsys.actions import import_files
from devsys.adapters.store.queries import house, people
from devsys.base.errors import ConflictError, NotFoundError
from devsys.core.intake.kinds import KINDS
from devsys.core.model.access import Role
from tests.builders import an_organisation, id_of

HEADER = "code,name,email,team,queue,pattern,joined,left"
NEW = "3001,Inês Prates,ines.prates@northgate.example,alfama,billing,early,2026-01-05,"
CHANGED = "bruno.matos,Bruno Matos,bruno.matos@northgate.example,alfama,billing,late,2024-03-04,"
SAME = "ana.correia,Ana Correia,ana.correia@northgate.example,alfama,billing,early,2024-03-04,"
BAD = "3002,Nobody Known,nobody,nowhere,billing,early,,"


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def csv(*rows):
    return "\r\n".join((HEADER, *rows)) + "\r\n"


def bring(visitor, data):
    """Post a file of any size; werkzeug's own client would leave a large one open."""
    token = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{visitor.token}\r\n'
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="file.csv"\r\n\r\n'
    body = (token + head).encode() + data + b"\r\n--x--\r\n"
    headers = {"Origin": visitor.origin, "Content-Type": "multipart/form-data; boundary=x"}
    return visitor.client.post("/imports/people", data=body, headers=headers)


def hidden(page):
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page.text)[1] for name in ("upload", "revision")}


def standing(store):
    with store.read() as db:
        return people.organisation(db)


def figures(page):
    found = re.findall(r'<span class="v[^"]*">([^<]*)</span><span class="k">([^<]*)</span>', page.text)
    return {words.split(",")[0]: count for count, words in found}


def test_dry_run_says_what_would_be_and_writes_nothing(coordinator, store):
    before = standing(store)
    page = coordinator.post("/imports/people", {"pasted": csv(NEW, CHANGED, SAME)})
    assert page.status_code == 200
    assert figures(page) == {"new": "1", "changed": "1", "same": "1", "refused": "0"}
    assert "Inês Prates" in page.text
    assert "pattern: early → late" in page.text
    assert standing(store) == before


def test_confirm_writes_it_in_one_step_and_the_same_file_then_changes_nothing(coordinator, store):
    before = standing(store)
    page = coordinator.post("/imports/people", {"pasted": csv(NEW, CHANGED, SAME)})
    answer = coordinator.post("/imports/people/confirm", hidden(page))
    assert answer.status_code == 303
    assert "Written: 1 new, 1 changed" in coordinator.get(answer.headers["Location"]).text
    after = standing(store)
    assert len(after.people) == len(before.people) + 1
    assert after.revision == before.revision + 1
    again = coordinator.post("/imports/people", {"pasted": csv(NEW, CHANGED, SAME)})
    assert figures(again) == {"new": "0", "changed": "0", "same": "3", "refused": "0"}
    assert "Nothing was changed" in again.text
    assert standing(store) == after


def test_one_bad_row_writes_nothing(coordinator, store):
    before = standing(store)
    page = coordinator.post("/imports/people", {"pasted": csv(NEW, BAD)})
    assert page.status_code == 422
    assert figures(page)["refused"] == "1"
    for words in ("Nothing can be written yet", "email", "nobody", "an e-mail address"):
        assert words in page.text
    assert 'name="upload"' not in page.text
    assert standing(store) == before


def test_a_file_is_taken_as_a_pasted_text_is(coordinator, store):
    file = (BytesIO(("\ufeff" + csv(NEW)).encode()), "staff.csv")
    page = coordinator.post("/imports/people", {"file": file})
    assert figures(page)["new"] == "1"
    assert "staff.csv" in page.text
    assert coordinator.post("/imports/people/confirm", hidden(page)).status_code == 303
    assert "Inês Prates" in {p.name for p in standing(store).people}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (csv(NEW).encode("utf-16"), "UTF-16"),
        (csv(NEW).encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04workbook", "workbook"),
        (csv(NEW).replace(",", ";").encode(), "semicolons"),
        (b"code,name\r\n1,Ana\r\n", "The first line must be"),
        (b"\x00\x01\x02", "NUL"),
        (b"   ", "empty"),
        (csv().encode(), "no rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "too large"),
        (b"a\n" * 20_002, "rows"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_first(coordinator, store, data, said):
    before = standing(store)
    page = bring(coordinator, data)
    assert page.status_code == 422
    assert "The file cannot be taken" in page.text
    assert said in page.text
    assert standing(store) == before


def test_nothing_brought_is_said(coordinator):
    page = coordinator.post("/imports/people", {"pasted": ""})
    assert page.status_code == 422
    assert "Choose a file or paste rows" in page.text


def test_a_change_between_check_and_confirm_is_judged_again(coordinator, store, clock):
    page = coordinator.post("/imports/people", {"pasted": csv(NEW, CHANGED)})
    organisation = an_organisation()
    moved = next(p for p in organisation.people if p.code == "bruno.matos")
    late = replace(moved, pattern_id=id_of("late"))
    with store.write() as db:
        people.write_organisation(db, people.only(people=(late,)), today=clock.now.date())
    answer = coordinator.post("/imports/people/confirm", hidden(page))
    assert answer.status_code == 409
    assert "changed since you looked" in answer.text
    assert figures(answer) == {"new": "1", "changed": "0", "same": "1", "refused": "0"}
    assert "Inês Prates" not in {p.name for p in standing(store).people}
    assert coordinator.post("/imports/people/confirm", hidden(answer)).status_code == 303
    assert "Inês Prates" in {p.name for p in standing(store).people}


def test_a_checked_file_is_confirmed_once_by_who_brought_it(coordinator, sign_in, clock):
    page = coordinator.post("/imports/people", {"pasted": csv(NEW)})
    named = hidden(page)
    assert sign_in(Role.ADMINISTRATOR).post("/imports/people/confirm", named).status_code == 404
    clock.move(hours=1)
    assert coordinator.post("/imports/people/confirm", named).status_code == 303
    assert coordinator.post("/imports/people/confirm", named).status_code == 404
    for forged in ({}, {"upload": "x", "revision": "x"}, {"upload": "x" * 99, "revision": "0"}):
        assert coordinator.post("/imports/people/confirm", forged).status_code == 404


def test_a_checked_file_is_forgotten_after_a_day(coordinator, sign_in, clock):
    named = hidden(coordinator.post("/imports/people", {"pasted": csv(NEW)}))
    clock.move(hours=25)
    later = sign_in(Role.COORDINATOR)
    later.post("/imports/people", {"pasted": csv(CHANGED)})
    assert later.post("/imports/people/confirm", named).status_code == 404


@pytest.mark.parametrize("kind", [code for code, kind in KINDS.items() if kind.exported])
def test_what_stands_brought_back_changes_nothing(coordinator, store, kind):
    before = standing(store)
    file = coordinator.get(f"/imports/{kind}/export.csv")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    page = coordinator.post(f"/imports/{kind}", {"pasted": file.text})
    if file.text.count("\n") > 1:
        assert page.status_code == 200
        assert figures(page)["new"] == figures(page)["changed"] == figures(page)["refused"] == "0"
    assert standing(store) == before


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_template_and_a_page_with_its_limits(coordinator, kind):
    template = coordinator.get(f"/imports/{kind}/template.csv")
    assert template.text.splitlines()[0] == ",".join(KINDS[kind].header)
    page = coordinator.get(f"/imports/{kind}")
    for column in KINDS[kind].columns:
        assert f'<span class="code">{column.name}</span>' in page.text
    assert "at most 5 MiB and 20,000 rows" in page.text


def test_unknown_kinds_and_lost_exports_are_not_there(coordinator):
    for path in ("/imports/payroll", "/imports/payroll/template.csv", "/imports/volumes/export.csv"):
        assert coordinator.get(path).status_code == 404
    assert coordinator.post("/imports/payroll", {"pasted": "x"}).status_code == 404


def test_kinds_stand_in_the_order_they_are_brought_with_what_stands(coordinator):
    page = coordinator.get("/imports").text
    assert re.findall(r'<th scope="row"><a href="/imports/(\w+)">', page) == list(KINDS)
    counts = dict(zip(KINDS, re.findall(r'data-h="Stands now">([^<]+)<', page), strict=False))
    assert [counts[kind] for kind in list(KINDS)[:5]] == ["2", "3", "3", "4", "23"]
    assert counts["requirement"] == counts["volumes"] == "3 queues with a requirement"
    assert counts["contacts"] == "none yet"


def test_call_volumes_become_the_requirement(coordinator, store):
    rows = [
        f"billing,2025-{month:02d}-{day:02d}T{hour:02d}:{half},120"
        for month, days in ((11, range(3, 29)), (12, range(1, 24)))
        for day in days
        for hour in range(9, 18)
        for half in ("00", "30")
    ]
    page = coordinator.post("/imports/volumes", {"pasted": "\r\n".join(("queue,start,calls", *rows))})
    assert page.status_code == 200, page.text
    assert coordinator.post("/imports/volumes/confirm", hidden(page)).status_code == 303
    found = next(r for r in standing(store).requirements if r.queue_id == id_of("billing"))
    assert max(found.profile[0]) > 20
    assert found.profile[0][20] == found.profile[2][20]


def test_holidays_of_a_new_site_are_known_at_once(coordinator, store):
    rows = "code,name,zone,country,region\r\nsouth,Adelaide,Australia/Adelaide,AU,SA\r\n"
    page = coordinator.post("/imports/sites", {"pasted": rows})
    assert coordinator.post("/imports/sites/confirm", hidden(page)).status_code == 303
    organisation = standing(store)
    site = next(s for s in organisation.sites if s.code == "south")
    assert {d.year for d in organisation.holidays[site.id]} == set(range(2024, 2030))


def test_each_import_is_one_line_of_the_log(coordinator, store):
    page = coordinator.post("/imports/people", {"pasted": csv(NEW)})
    coordinator.post("/imports/people/confirm", hidden(page))
    log = coordinator.get("/log").text
    assert "import people" in log
    assert "1 new, 0 changed" in log
    with store.read() as db:
        assert house.revision(db) == 2


def test_the_command_line_brings_a_file_at_once_or_only_looks(parts, store, organisation):
    before = standing(store)
    looked = import_files.bring(parts, "people", csv(NEW).encode(), dry_run=True, by=None)
    assert (looked.counts["new"], standing(store)) == (1, before)
    refused = import_files.bring(parts, "people", csv(NEW, BAD).encode(), dry_run=False, by=None)
    assert (refused.counts["refused"] > 0, standing(store)) == (True, before)
    written = import_files.bring(parts, "people", csv(NEW).encode(), dry_run=False, by=organisation.people[0].id)
    assert written.counts["new"] == 1
    assert len(standing(store).people) == len(before.people) + 1
    again = import_files.bring(parts, "people", csv(NEW).encode(), dry_run=False, by=None)
    assert (again.counts["same"], standing(store).revision) == (1, before.revision + 1)
    with pytest.raises(NotFoundError, match="no kind of file"):
        import_files.bring(parts, "payroll", b"", dry_run=True, by=None)


def test_an_import_gives_up_when_the_organisation_never_stands_still(parts, store, organisation, monkeypatch):
    assert organisation.people
    judge = import_files.judge

    def while_somebody_writes(*args):
        with store.write() as db:
            house.next_revision(db)
        return judge(*args)

    monkeypatch.setattr(import_files, "judge", while_somebody_writes)
    with pytest.raises(ConflictError, match="keeps changing"):
        import_files.bring(parts, "people", csv(NEW).encode(), dry_run=False, by=None)


def test_a_change_at_the_last_moment_is_noticed_too(coordinator, store, monkeypatch):
    page = coordinator.post("/imports/people", {"pasted": csv(NEW)})
    judge = import_files.judge

    def then_somebody_writes(*args):
        outcome = judge(*args)
        with store.write() as db:
            house.next_revision(db)
        return outcome

    monkeypatch.setattr(import_files, "judge", then_somebody_writes)
    answer = coordinator.post("/imports/people/confirm", hidden(page))
    assert answer.status_code == 409
    assert "Inês Prates" not in {p.name for p in standing(store).people}


def test_what_was_pasted_stays_when_it_is_refused(coordinator):
    page = coordinator.post("/imports/people", {"pasted": csv(NEW, BAD)})
    assert "3002,Nobody Known,nobody,nowhere" in page.text.split("<textarea")[1]
