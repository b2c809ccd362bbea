"""Marked words in cards of a case round are found only where the table of permissions lets them be read.

Every address that answers GET is opened by every role, by somebody of the round who wrote nothing, by colleagues of the
same and of another team who do not come, and by nobody signed in; the database, the log and errors are looked through.
"""

import io
import logging
import re
import zipfile
from datetime import datetime, timedelta

import pytest

from devsys.actions import give_feedback, run_round
from devsys.adapters.store.queries import accounts, feeds, letters
from devsys.adapters.store.tables.all import metadata
from devsys.app import routes
from devsys.base.ids import new_token
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import FIELDS, CardText
from tests import builders
from tests.builders import DOMAIN, id_of
from tests.web.scenes import adopt_shipped
from tests.web.test_routes import VALUES

ROUND = builders.a_session("round-1", starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes")
SHARED, KEPT = "zebrafinchshared", "quaggakept"
WRITER, DRAFTER = "ana.correia", "bruno.matos"
BESIDE = "catarina.leal"  # comes too, and wrote nothing
OTHERS = ("filipa.sousa", "helena.vaz")  # of the same team and of another; neither comes
AT = f"/rounds/{ROUND.id}"
READ = {AT}
# Who may find which word where, beside nothing anywhere.
MAY = {
    WRITER: {SHARED: {AT, f"{AT}/card", "/account/data", "/account/data.json"}},
    DRAFTER: {SHARED: READ, KEPT: {f"{AT}/card", "/account/data", "/account/data.json"}},
    BESIDE: {SHARED: READ},
    "olivia.brandt": {SHARED: READ},  # coordinates
    "tiago.lopes": {SHARED: READ},  # leads it
}
ALIKE = ("vera.antunes", "helena.vaz")  # reach no more than others who are opened; the long run opens theirs too
# The default run passes over pages that draw whole calendars; the long one opens them too.
HEAVY = re.compile(
    r"/(year|month|week|plans|owed|what-if|publish|repairs|issues|away|imports|coaching|charts|ledger)\b"
)


@pytest.fixture
def planted(parts, organisation, sign_in):
    """A round with a shared card and one that is not, full of marked words; and visitors by code."""
    assert organisation.people
    adopt_shipped(parts)
    builders.publish_now(parts, ROUND)
    more = (DRAFTER, BESIDE, *OTHERS)
    with parts.store.write() as db:
        for code in more:
            accounts.add_account(db, person_id=id_of(code), email=f"{code}@{DOMAIN}", password_hash="", now=parts.now())
        tokens = {}
        for kind, target, owner in (
            ("person", WRITER, WRITER),
            ("person", BESIDE, BESIDE),
            ("team", "alfama", "marta.nogueira"),
            ("facilitator", "tiago.lopes", "tiago.lopes"),
            ("room", "mewa", "olivia.brandt"),
        ):
            tokens[kind, target] = new_token()
            feeds.add(
                db,
                kind=kind,
                target_id=id_of(target),
                owner_id=id_of(owner),
                name=kind,
                token=tokens[kind, target],
                now=parts.now(),
            )
    for code, word, share in ((WRITER, SHARED, True), (DRAFTER, KEPT, False)):
        with parts.store.read() as db:
            viewer = accounts.viewer_of(db, id_of(code))
        texts = CardText(**{field: f"{word} {field}" for field in FIELDS})
        run_round.write_card(parts, viewer, ROUND.id, texts, principles=(Principle.OWN,), waived=(word,))
        if share:
            run_round.share_card(parts, viewer, ROUND.id)
    codes = [*dict.fromkeys([*builders.CAST.values(), *more])]
    return {code: sign_in(code) for code in codes}, tuple(tokens.values())


def addresses(app, lesson_id, *, whole):
    values = {**VALUES, "session_id": ROUND.id, "lesson_id": lesson_id, "person_id": id_of(WRITER)}
    for method, rule, endpoint, _ in routes(app):
        if method == "GET" and endpoint not in ("static", "feeds.give") and (whole or not HEAVY.match(rule)):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values.get(m[1], "0")), rule)
    yield from (f"/people?search={word}" for word in (SHARED, KEPT))
    yield from (f"/week?week=2026-W04&session={ROUND.id}", f"/week?week=2026-W04&find={SHARED}", f"/year?find={KEPT}")
    yield f"/{SHARED}"


def text_of(answer):
    """Give all that an answer holds as text, the parts of a workbook too."""
    data = answer.data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return data.decode("utf-8", "replace")


def found_in(text):
    return {word for word in (SHARED, KEPT) if word in text}


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_marked_words_of_cards_are_found_only_where_they_may_be_read(  # noqa: PLR0917 -- what it is handed
    app, parts, planted, client, caplog, whole
):
    visitors, tokens = planted
    lesson_id = builders.a_lesson(parts)
    everywhere = list(dict.fromkeys(addresses(app, lesson_id, whole=whole)))
    wrong, right = [], {}
    caplog.set_level(logging.DEBUG)
    for code, visitor in visitors.items():
        if not whole and code in ALIKE:
            continue
        for address in everywhere:
            answer = visitor.get(address)
            words = found_in(text_of(answer)) - (found_in(address) if address not in READ else set())
            answer.close()
            for word in words:
                if address in MAY.get(code, {}).get(word, ()):
                    right.setdefault((code, word), set()).add(address)
                else:
                    wrong.append((code, word, address))
    for address in (*everywhere, *(f"/feed/{token}.ics" for token in tokens)):
        answer = client.get(address)
        wrong += [("nobody", word, address) for word in found_in(text_of(answer)) - found_in(address)]
        answer.close()
    assert wrong == []
    assert right == {(code, word): at for code, words in MAY.items() for word, at in words.items()}
    said = [r.getMessage() for r in caplog.records if "GET" not in r.getMessage()]
    assert [line for line in said if found_in(line)] == []
    with parts.store.read() as db:
        rows = [f"{name}: {row}" for name, t in metadata.tables.items() for row in db.execute(t.select())]
    assert [row for row in rows if found_in(row)] == []
    assert any("case_card" in row for row in rows)


def test_letters_and_refusals_hold_no_word_of_a_card(parts, planted, clock):
    visitors, _ = planted
    marked = dict.fromkeys(FIELDS, SHARED) | {"situation": f"Ana Correia {SHARED}", "share": "1"}
    refused = visitors["helena.vaz"].post(f"{AT}/card", marked)
    assert refused.status_code == 404
    assert not found_in(refused.text)
    clock.now = ROUND.starts_utc - timedelta(hours=18)
    with parts.store.write() as db:
        letters.open_letters(db, letters.REMINDER, "2026-01-20", {id_of(WRITER): parts.now()}, parts.now())
        rows = [str(row) for t in metadata.tables.values() for row in db.execute(t.select())]
    assert not any(found_in(row) for row in rows)
    with parts.store.read() as db:
        assert give_feedback.asked_of(db, parts, id_of(WRITER)) == ()
