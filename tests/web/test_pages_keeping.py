"""What administrators do with data: the log of acts, how long things are kept, erasing; and who may not."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from devsys.actions.keep_for import look
from devsys.actions.tidy_up import tidy_up
from devsys.adapters.store.queries import audit, retention
from devsys.adapters.store.queries.retention import LIMITS
from devsys.adapters.store.tables.all import metadata
from devsys.core.model.access import Role
from tests.builders import id_of

ANA, RUI, OLIVIA = map(id_of, ("ana.correia", "rui.carvalho", "olivia.brandt"))


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def acted(store, *acts):
    with store.write() as db:
        for at, by, act, what in acts:
            audit.record(db, at=at, by_id=by, act=act, what=what)


def count(store, name):
    with store.read() as db:
        return db.execute(select(func.count()).select_from(metadata.tables[name])).scalar()


def test_the_log_is_filtered_turned_over_and_taken_away(sign_in, store, clock):
    acted(store, *((clock.now, OLIVIA, "publish plan", f"version {n}") for n in range(150)))
    clock.move(days=2)
    acted(store, (clock.now, None, "erase person", "person 0"), (clock.now, RUI, "give role", "=cmd"))
    rui = sign_in(Role.ADMINISTRATOR)
    first = rui.get("/log?act=publish plan")
    assert text(first).count("version ") == 100
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = rui.get(older)
    assert text(second).count("version ") == 50
    seen = set(re.findall(r"version (\d+)", first.text)) | set(re.findall(r"version (\d+)", second.text))
    assert seen == {str(n) for n in range(150)}
    assert "version" not in text(rui.get("/log?from=2026-01-07"))
    assert text(rui.get("/log?who=devsys")).count("erase person") == 1
    assert text(rui.get(f"/log?who={RUI}&to=2026-01-06")).count("=cmd") == 0
    rows = list(csv.reader(io.StringIO(rui.get(f"/log.csv?who={RUI}").data.decode("utf-8-sig"))))
    assert rows == [["at", "who", "act", "what"], ["2026-01-07 09:00:00", "Rui Carvalho", "give role", "'=cmd"]]
    for odd in ("before=x", "before=99999999999", "before=-1", "who=%00", "act=%F0", "from=9999-99-99", "before="):
        assert rui.get(f"/log?{odd}").status_code == 200


def test_everybody_sees_their_own_acts_and_who_read_of_them(sign_in, store, clock):
    acted(store, (clock.now, OLIVIA, "publish plan", "version 1"), (clock.now, ANA, "record absence", f"person {ANA}"))
    with store.write() as db:
        audit.read_by_another(db, at=clock.now, by_id=OLIVIA, about_id=ANA, act="read readings")
    ana = sign_in(Role.EMPLOYEE)
    page = text(ana.get(f"/log?who={OLIVIA}"))
    assert "read readings" in page
    assert "version 1" not in page
    assert "version 1" not in ana.get("/log.csv").text


def test_a_limit_is_tried_out_set_and_kept_to_the_day(sign_in, parts, store, clock):
    """G3: nothing older than its limit and a day; what is younger stays."""
    old, young = clock.now - timedelta(days=380), clock.now - timedelta(days=360)
    acted(store, (old, RUI, "give role", "old"), (young, RUI, "give role", "young"))
    wanted = {one.key: str(one.usual) for one in LIMITS} | {"audit": "12"}
    rui = sign_in(Role.ADMINISTRATOR)
    assert "Nothing is old enough to go" in text(rui.get("/retention"))
    tried = rui.post("/retention", data=wanted | {"do": "try"})
    assert "Audit 1 row" in text(tried)
    assert count(store, "audit") == 2
    tidy_up(parts)
    assert count(store, "audit") == 2
    assert rui.post("/retention", data=wanted | {"do": "keep"}).status_code == 303
    assert look(parts).goes == {"audit": 1}
    tidy_up(parts)
    with store.read() as db:
        left = [(a.act, a.what) for a in audit.acts(db)]
        assert retention.limits(db)["audit"] == 12
    assert left == [("set retention", "audit 24 to 12 months"), ("give role", "young")]
    clock.move(days=6, hours=1)
    tidy_up(parts)
    with store.read() as db:
        assert all(a.at > clock.now - timedelta(days=367) for a in audit.acts(db))


def test_candidates_cards_and_sign_ins_are_set_there_too_and_else_by_the_settings(sign_in, parts, store, clock):
    """What nobody changes on the page stays with the setting; a sign-in then ends after the hours of the page."""
    rui = sign_in(Role.ADMINISTRATOR)
    page = text(rui.get("/retention"))
    assert "1 to 24; 6 by DEVSYS_CANDIDATE_MONTHS" in page
    usual = {one.key: str(one.usual) for one in LIMITS}
    assert rui.post("/retention", data=usual | {"do": "keep"}).status_code == 303
    other = parts.settings.model_copy(update={"card_days": 7, "candidate_months": 3})
    with store.read() as db:
        assert retention.kept(db, "cards", other) == 7  # nothing was changed, so nothing was kept
    changed = usual | {"candidates": "2", "cards": "9", "sign_ins": "1", "do": "keep"}
    assert rui.post("/retention", data=changed).status_code == 303
    with store.read() as db:
        assert [retention.kept(db, key, other) for key in ("candidates", "cards", "sign_ins")] == [2, 9, 1]
        assert retention.limits(db, other)["candidates"] == 2
        (act, *_) = audit.acts(db)
    assert act.what == "candidates 6 to 2 months, cards 28 to 9 days, sign_ins 12 to 1 hours"
    clock.move(minutes=11)
    assert rui.get("/retention").status_code == 200  # used, so it goes on for an hour from here
    clock.move(minutes=59)
    assert rui.get("/retention").status_code == 200
    clock.move(hours=1)
    assert rui.get("/retention").status_code == 303


@pytest.mark.parametrize(
    ("key", "value"), [("audit", "11"), ("audit", "61"), ("letters", "x"), ("notes", ""), ("sign_ins", "0")]
)
def test_a_limit_beyond_its_range_is_refused(sign_in, store, key, value):
    wanted = {one.key: str(one.usual) for one in LIMITS} | {key: value, "do": "keep"}
    assert sign_in(Role.ADMINISTRATOR).post("/retention", data=wanted).status_code == 422
    with store.read() as db:
        assert retention.limits(db) == {one.key: one.usual for one in LIMITS}


def test_usual_limits_are_what_the_tables_say():
    said = {
        name: re.match(r"(\d+) (days|months)", str(table.info["retention"])) for name, table in metadata.tables.items()
    }
    for one in LIMITS:
        for name in one.tables:
            found = said[name]
            assert found, name
            assert (int(found[1]), found[2]) == (one.usual, one.unit), name


def test_somebody_asks_and_an_administrator_erases(sign_in, store):
    ana, rui = sign_in(Role.EMPLOYEE), sign_in(Role.ADMINISTRATOR)
    assert ana.post("/account/erasure", data={"wants": "yes"}).status_code == 303
    assert ana.post("/account/erasure", data={"wants": "yes"}).status_code == 303
    assert "You asked to be erased" in text(ana.get("/account/data"))
    assert "Ana Correia" in text(rui.get("/erasures"))
    assert "Erasing people (1)" in text(rui.get("/health"))
    ana.post("/account/erasure", data={"wants": "no"})
    assert "Nobody waits" in text(rui.get("/erasures"))
    ana.post("/account/erasure", data={"wants": "yes"})
    page = rui.get(f"/people/{ANA}/erase")
    assert "Account 1 row" in text(page)
    assert rui.post(f"/people/{ANA}/erase", data={"typed": "Ana"}).status_code == 422
    assert rui.post(f"/people/{ANA}/erase", data={"typed": "Ana Correia"}).status_code == 303
    assert "Nobody waits" in text(rui.get("/erasures"))
    assert rui.get(f"/people/{ANA}").status_code == 404
    assert ana.get("/account/data").status_code in (302, 303)
    with store.read() as db:
        assert "Ana Correia" not in repr(db.execute(select(metadata.tables["person"])).all())
    assert rui.post(f"/people/{RUI}/erase", data={"typed": "Rui Carvalho"}).status_code == 422
    for odd in ("0", "%00", "9" * 300):
        assert rui.get(f"/people/{odd}/erase").status_code == 404


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ADMINISTRATOR])
def test_nobody_else_erases_or_sets_limits(sign_in, role):
    visitor = sign_in(role)
    for address in ("/erasures", "/retention", f"/people/{ANA}/erase"):
        assert visitor.get(address).status_code in (403, 404)
    assert visitor.post(f"/people/{ANA}/erase", data={"typed": "Ana Correia"}).status_code in (403, 404)
    assert visitor.post("/retention", data={}).status_code in (403, 404)
