"""Northgate with a row for two people in every table that holds what is personal: Ana's and Kofi's, every text marked.

Ana (an employee of Billing Alfama) is led by Marta, taught by Tiago and coached by Nadia, who play roles; around Kofi,
of another team, nobody does. A mark names table, column and whose it is: `mark("coaching_plan", "goal", MINE)`.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, update
from sqlmodel import SQLModel

from devsys.actions import api_tokens
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, feeds, runs
from devsys.adapters.store.queries.steps import _text
from devsys.adapters.store.sealed import Sealed, seal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.all import metadata
from devsys.base.ids import new_token, token_hash
from devsys.core.model.access import Grant, Role
from devsys.core.model.hiring import Criterion, Outcome
from devsys.core.model.tokens import SCOPES
from tests import builders
from tests.builders import CAST, DOMAIN, NOW, id_of
from tests.web.scenes import adopt_shipped

MINE, THEIRS, HIDDEN = "mine", "theirs", "hidden"
# Who is what to the two: person, team, who leads sessions, who coaches, lead and assessor of the vacancy, whose card
# is not for the assessor yet.
WHO: Final = {
    MINE: ("ana.correia", "alfama", "tiago.lopes", "nadia.haddad", "marta.nogueira", "vera.antunes"),
    THEIRS: ("kofi.mensah", "belem", "rajesh.karki", "rajesh.karki", "helena.vaz", "joana.pires"),
}
OTHER_ASSESSOR: Final = "diogo.faria"
SOON: Final = NOW + timedelta(days=60)
DRAFTED: Final = builders.a_session("drafted", starts=datetime(2026, 2, 3, 14))

# The columns of each table, of those that hold what is personal or confidential, whose words somebody wrote or which
# tell of a person: each holds a mark. What is left are codes, ids and hashes (CODED, and whatever ends in those words).
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "account": ("email",),
    "api_answer": ("request", "said"),
    "api_token": ("name",),
    "asked_need": ("why",),
    "busy_source": ("name", "address", "tag", "dated", "note", "trouble"),
    "candidate": ("name", "contact"),
    "case_card": ("situation", "did", "customer", "me", "blocked", "waived"),
    "coaching_note": ("text",),
    "coaching_plan": ("goal", "baseline", "measure", "mid", "helped", "looked"),
    "coaching_private": ("text",),
    "coaching_request": ("hope",),
    "feed": ("name", "client"),
    "hiring_card": ("ratings",),
    "hiring_decision": ("said",),
    "identity": ("issuer", "subject"),
    "letter": ("recipient", "subject", "text", "message", "error"),
    "meeting_link": ("address",),
    "observation": ("seen_listen", "seen_question", "seen_explain", "seen_own", "seen_follow_up"),
    "passkey": ("key_id", "name", "public"),
    "person": ("code", "email"),
    "second_step": ("secret",),
    "sign_in": ("device", "network"),
    "upload": ("name", "text"),
}
SECRETS: Final = {MINE: "CANARYSECONDSTEPMINE2222", THEIRS: "CANARYSECONDSTEPTHEIRS22"}
# Texts that are one of a few words, or that the program reads back (JSON of places and times, lists of codes).
CODED: Final = frozenset(
    {
        "activity", "after", "before", "about", "does", "edits", "kind", "kinds", "language", "languages", "landing",
        "key_hash", "measure", "month", "need", "offers", "outcome", "passed", "preferred", "principle", "principles",
        "provider_session", "qualifications", "reason", "role", "rule", "says", "scopes", "site_ids", "stage", "state",
        "theme", "timing", "via", "view", "why", "would_fit", "zone", "body", "content_hash",
        "marked_by",
        "name",  # of a person: names are for everybody who has an account; where a table's name is not, WORDS has it
    }
)  # fmt: skip


def mark(table: str, column: str, whose: str) -> str:
    """Give the marked word of one column; it stands as it is in HTML, JSON, CSV and addresses."""
    return f"canary-{table}-{column}-{whose}".replace("_", "-") + "x"


def marks() -> dict[tuple[str, str, str], str]:
    """Give every mark by table, column and whose it is."""
    found = {(t, c, w): mark(t, c, w) for t, columns in WORDS.items() for c in columns for w in (MINE, THEIRS)}
    found |= {("second_step", "secret", whose): secret for whose, secret in SECRETS.items()}
    return found | {("hiring_card", "ratings", HIDDEN): mark("hiring_card", "ratings", HIDDEN)}


def put(db: Db, name: str, whose: str = MINE, /, **values: Any) -> None:
    """Write one row: what is not given is as the table says, and its words are marked."""
    table = metadata.tables[name]
    model = next(m for m in SQLModel.__subclasses__() if getattr(m, "__tablename__", "") == name)
    known = {
        field: info.get_default(call_default_factory=True)
        for field, info in model.model_fields.items()
        if not info.is_required()
    }
    row = known | {c: mark(name, c, whose) for c in WORDS.get(name, ()) if c != "message"} | values
    row_id = "/".join(str(row[c.name]) for c in table.primary_key)
    for c in table.columns:
        if isinstance(c.type, Sealed) and row.get(c.name) is not None:
            row[c.name] = seal(db, name, c.name, row_id, row[c.name])
    if row.get("id", "") is None:
        row.pop("id")
    db.execute(insert(table).values(**row))


@dataclass
class House:
    """The organisation, the values that fill addresses (by whose), and the file to go back to after a change."""

    app: Any
    parts: Parts
    values: dict[str, dict[str, str]]
    kept: Path
    watcher: sqlite3.Connection
    stand: int = 0

    def keep(self) -> None:
        """Remember what stands now."""
        file = self.parts.store.file
        assert file is not None
        source, target = sqlite3.connect(file), sqlite3.connect(self.kept)
        source.backup(target)
        source.close()
        target.close()
        self.stand = self._stand()

    def _stand(self) -> int:
        return int(self.watcher.execute("PRAGMA data_version").fetchone()[0])

    def back(self) -> bool:
        """Bring back what stood, if anything was written since; say whether."""
        if self._stand() == self.stand:
            return False
        source, target = sqlite3.connect(self.kept), sqlite3.connect(self.parts.store.file or "")
        source.backup(target)
        source.close()
        target.close()
        self.stand = self._stand()
        return True


def built(app: Any, parts: Parts, folder: Path) -> House:
    """Fill a fresh SQLite store."""
    builders.settle(parts.store)
    adopt_shipped(parts)
    publish(parts)
    with parts.store.write() as db:
        _leaver(db)
        for whose in WHO:
            _person(db, whose)
            _sessions(db, whose)
            _coaching(db, whose)
            _hiring(db, whose)
            _improving(db, whose)
        _shared(db)
    file = parts.store.file
    assert file is not None
    watcher = sqlite3.connect(file, check_same_thread=False)
    return House(app, parts, {whose: _values(parts, whose) for whose in WHO}, folder / "kept.db", watcher)


def publish(parts: Parts) -> None:
    """Publish a round for each, one with coaching, and lay one more into an open draft."""
    rounds = []
    for whose, (code, team, leads, coach, *_) in WHO.items():
        site = "lisbon"
        mate = "bruno.matos" if whose == MINE else "helena.vaz"
        at = {MINE: datetime(2026, 1, 20, 14), THEIRS: datetime(2026, 1, 21, 14)}[whose]
        more = {"site": site, "team": team}
        rounds.append(builders.a_session(whose, starts=at, people=(code, mate), facilitator=leads, **more))
        rounds.append(
            builders.a_session(
                f"coaching {whose}", activity="coaching_calls", starts=at + timedelta(days=2), minutes=30,
                people=(code,), facilitator=coach, room=None, site=site, team=None,
            )
        )  # fmt: skip
    builders.publish_now(parts, *rounds)
    builders.a_draft(parts, DRAFTED, code="open")


def _leaver(db: Db) -> None:
    person = id_of("bikash.gurung")
    accounts.add_account(db, person_id=person, email=f"gone@{DOMAIN}", password_hash="", now=NOW)
    accounts.add_grants(db, person, tuple(Grant(role) for role in Role if role is not Role.EMPLOYEE))


def _person(db: Db, whose: str) -> None:
    code, *_ = WHO[whose]
    person, made = id_of(code), {"created": NOW}
    people, account = metadata.tables["person"], metadata.tables["account"]
    if whose == THEIRS:
        accounts.add_account(db, person_id=person, email=f"{code}@{DOMAIN}", password_hash="", now=NOW)
    words = {c: mark("person", c, whose) for c in WORDS["person"]}
    db.execute(update(people).where(people.c.id == person).values(**words))
    db.execute(update(account).where(account.c.person_id == person).values(email=mark("account", "email", whose)))
    token = id_of(f"token {whose}")
    of = {"person_id": person}
    put(db, "absence", whose, **of, start=datetime(2026, 3, 2), end=datetime(2026, 3, 4))
    put(db, "account_link", whose, **of, token_hash=token_hash(f"link {whose}"), kind="reset", expires=SOON)
    put(db, "api_token", whose, id=token, kind="person", owner_id=person, token_hash=token_hash(token), **made,
        scopes="people:read", expires=SOON)  # fmt: skip
    put(db, "api_answer", whose, token_id=token, key_hash="k", owner_id=person, status=200, **made)
    source = id_of(f"busy {whose}")
    put(db, "busy_source", whose, id=source, **of, **made, read=NOW, until=SOON, tried=NOW)
    put(db, "busy", whose, **of, source_id=source, starts_utc=NOW, ends_utc=NOW + timedelta(hours=1))
    put(
        db, "feed", whose, id=id_of(f"feed {whose}"), kind="person", target_id=person, owner_id=person, **made,
        token_hash=token_hash(f"feed {whose}"), revised=NOW,
    )  # fmt: skip
    put(db, "held", whose, **of, activity="professional_boundaries", day=date(2025, 11, 3))
    put(db, "half_sign_in", whose, **of, id_hash=token_hash(f"half {whose}"), expires=SOON)
    put(db, "identity", whose, **of, since=NOW)
    put(
        db, "letter", whose, id=id_of(f"letter {whose}"), **of, kind="changes", about="1", state="sent", opened=NOW,
        due=NOW, ended=NOW, message=mark("letter", "message", whose).encode(),
    )  # fmt: skip
    put(db, "letter_choice", whose, **of)
    put(db, "recovery_code", whose, **of, code_hash=token_hash(f"code {whose}"))
    # Not confirmed, so that it asks nobody for a code; a secret is read back, so its mark is in its own letters.
    put(db, "second_step", whose, **of, since=None, secret=SECRETS[whose])
    put(db, "sign_in", whose, id_hash=token_hash(f"browser {whose}"), **of, **made, seen=NOW, expires=SOON)
    put(db, "told", whose, **of, version=1)
    put(db, "upload", whose, id=id_of(f"upload {whose}"), by_id=person, kind="people", **made)
    put(db, "passkey", whose, id=id_of(f"passkey {whose}"), **of, **made,
        public=mark("passkey", "public", whose).encode())  # fmt: skip
    put(db, "pulse_given", whose, **of, month="2025-12")


def _sessions(db: Db, whose: str) -> None:
    code, _, leads, *_ = WHO[whose]
    person, session = id_of(code), id_of(f"session {whose}")
    of = {"person_id": person, "session_id": session}
    put(
        db,
        "ask",
        whose,
        id=id_of(f"ask {whose}"),
        kind="seat",
        **of,
        by_id=None,
        made=NOW,
        until=SOON,
        need="x/round/1",
    )
    put(db, "answer", whose, **of, says="yes", sequence=0, given=NOW)
    put(db, "asked_need", whose, id=id_of(f"need {whose}"), person_id=person, activity="hear_fully",
        asked=NOW.date(), due=date(2026, 3, 1))  # fmt: skip
    put(db, "attendance", whose, **of, present=True, marked_by=id_of(leads), marked=NOW)
    put(db, "case_card", whose, id=id_of(f"card {whose}"), **of, shared=NOW, changed=NOW)
    put(db, "case_card_read", whose, card_id=id_of(f"card {whose}"), reader_id=person, at=NOW)
    put(db, "feedback_given", whose, **of, stage="after", activity="case_round", open=True)
    put(db, "invited", whose, **of, base=0, sequence=0, stands=True)
    put(db, "meeting_link", whose, person_id=id_of(leads))
    put(db, "presenter", whose, **of, does="skips")
    put(db, "turn", whose, **of, turns=1, changed=NOW)
    put(db, "wait", whose, **of, need="x/round/1", since=NOW)
    put(db, "draft_step", whose, draft_id=id_of("draft open"), number=1 if whose == MINE else 2, kind="move",
        session_id=id_of("session drafted"), before=_text(DRAFTED),
        after=_text(DRAFTED), drafted_before=True, drafted_after=True, at=NOW,
        by_id=person)  # fmt: skip
    put(db, "owed", whose, draft_id=id_of("draft open"), need=f"{person}/round/1", person_id=person,
        activity="case_round", earliest=NOW, due=SOON, latest=SOON, rule="coverage", reason="coverage",
        would_fit="")  # fmt: skip


def _coaching(db: Db, whose: str) -> None:
    code, _, leads, coach, *_ = WHO[whose]
    person, coach_id, plan = id_of(code), id_of(coach), id_of(f"plan {whose}")
    of, series = {"person_id": person}, id_of(f"series {whose}")
    put(db, "coach", whose, person_id=coach_id, most=4, changed=NOW)
    put(db, "series", whose, id=series, **of, activity="coaching_calls", requested=NOW)
    put(db, "coaching_plan", whose, id=plan, **of, coach_id=coach_id, series_id=series, activity="coaching_calls",
        begun=NOW, outcome="met")  # fmt: skip
    put(db, "coaching_part", whose, series_id=series, plan_id=plan, coach_id=coach_id, since=NOW)
    put(db, "coaching_request", whose, id=id_of(f"request {whose}"), **of, state="asked", activity="coaching_calls",
        made=NOW, changed=NOW, coach_id=coach_id, plan_id=plan)  # fmt: skip
    put(db, "coaching_hold", whose, coach_id=coach_id, starts_utc=SOON, request_id=id_of(f"request {whose}"))
    put(db, "coaching_decline", whose, id=id_of(f"decline {whose}"), coach_id=coach_id, activity="coaching_calls",
        reason="load", at=NOW)  # fmt: skip
    put(db, "coaching_note", whose, id=id_of(f"note {whose}"), plan_id=plan, **of, author_id=coach_id, kind="note",
        at=NOW)  # fmt: skip
    put(db, "coaching_private", whose, id=id_of(f"private {whose}"), plan_id=plan, coach_id=coach_id, at=NOW)
    put(db, "observation", whose, id=id_of(f"observation {whose}"), **of, author_id=id_of(leads), day=NOW.date(),
        shared_id=coach_id, at=NOW)  # fmt: skip
    put(db, "readings_consent", whose, plan_id=plan, **of, coach_id=coach_id, since=NOW)


def card_of(words: str) -> str:
    """Give the sealed text of a hiring card that holds some words."""
    return json.dumps({Criterion.CALM.value: {"asked": words, "heard": words, "level": 3}})


def _hiring(db: Db, whose: str) -> None:
    code, team, _, _, lead, assessor = WHO[whose]
    vacancy, candidate = id_of(f"vacancy {whose}"), id_of(f"candidate {whose}")
    put(db, "vacancy", whose, id=vacancy, title="Agent", team_id=id_of(team), lead_id=id_of(lead),
        questions=json.dumps({c.value: ["Why?"] for c in Criterion}),
        by_id=id_of("olivia.brandt"), opened=NOW.date())  # fmt: skip
    put(db, "candidate", whose, id=candidate, vacancy_id=vacancy, person_id=id_of(code), added=NOW)
    for one, mine in ((assessor, whose), (OTHER_ASSESSOR, HIDDEN)):
        put(db, "vacancy_assessor", whose, vacancy_id=vacancy, person_id=id_of(one))
        words = mark("hiring_card", "ratings", mine)
        # Their own card is open, so that of the other one is not to be read yet.
        sent = NOW if mine == HIDDEN else None
        put(db, "hiring_card", whose, candidate_id=candidate, assessor_id=id_of(one), submitted=sent,
            ratings=card_of(words))  # fmt: skip
    decided = id_of(f"decided {whose}")
    put(db, "candidate", whose, id=decided, vacancy_id=vacancy, added=NOW, decided=NOW)
    said = json.dumps(
        {"outcome": Outcome.YES.value, "reasons": {Criterion.CALM.value: mark("hiring_decision", "said", whose)}}
    )
    put(db, "hiring_decision", whose, candidate_id=decided, said=said, by_id=id_of(lead), at=NOW)


def _improving(db: Db, whose: str) -> None:
    code, team, *_ = WHO[whose]
    person, team_id, by, today = id_of(code), id_of(team), id_of("olivia.brandt"), NOW.date()
    leads = id_of("marta.nogueira" if whose == MINE else "tiago.lopes")
    made = {"team_id": team_id, "by_id": by}
    put(db, "fix", whose, id=id_of(f"fix {whose}"), key=f"FIX-{1 + (whose == THEIRS)}", title="Labels print twice",
        cause="tool", team_id=team_id, owner_id=leads if whose == MINE else id_of("helena.vaz"), by_id=by,
        due=today + timedelta(weeks=2), created=NOW)  # fmt: skip
    put(db, "lesson", whose, id=id_of(f"lesson {whose}"), words="Refunds wait", team_id=team_id, by_id=person,
        guess="policy", created=NOW)  # fmt: skip
    put(db, "mark", whose, id=id_of(f"mark {whose}"), **made, measure="csat", day=today, kind="other", words="Moved",
        rebase=False, reason="", at=NOW)  # fmt: skip
    put(db, "target", whose, id=id_of(f"target {whose}"), **made, measure="satisfaction", unit="percent",
        direction="at_least", value=80.0, since=today)  # fmt: skip
    put(db, "decides_alone", whose, id=id_of(f"leave {whose}"), **made, what="Refunds", since=today)
    put(db, "own_reading", whose, measure="csat", person_id=person, team_id=team_id, first=date(2025, 12, 1),
        last=date(2025, 12, 7), numerator=4, denominator=5)  # fmt: skip
    put(db, "reading", whose, measure="csat", team_id=team_id, first=date(2025, 12, 1), last=date(2025, 12, 7),
        numerator=40, denominator=50, people=6)  # fmt: skip


def _shared(db: Db) -> None:
    """Put in what belongs to nobody in particular."""
    by = id_of("olivia.brandt")
    rollout = id_of("rollout")
    put(db, "rollout", id=rollout, activity="hear_fully", measure="csat", least_gain=2.0, draw="lot", unit="person",
        seed="7", strata=False, frozen=NOW, drawn=NOW, by_id=by)  # fmt: skip
    for i, (code, team, *_) in enumerate(WHO.values()):
        put(db, "rollout_place", rollout_id=rollout, person_id=id_of(code), team_id=id_of(team), stratum=0, wave=i + 1,
            late=False, starts=date(2026, 2, 2 + 7 * i))  # fmt: skip
    put(db, "refresher", id=id_of("refresher"), rollout_id=rollout, wave=1, earliest=date(2026, 3, 2),
        due=date(2026, 3, 8), latest=date(2026, 4, 5), why="fading", weight=1.0, state="open", made=NOW)  # fmt: skip
    put(db, "webhook", id=id_of("webhook"), name="Wall", host="wall.example", address="https://wall.example/x",
        secret="s", events="plan.published", created=NOW)  # fmt: skip
    put(db, "api_token", id=id_of("integration"), kind="integration", owner_id=id_of(CAST[Role.ADMINISTRATOR]),
        name="Wallboard", token_hash=token_hash("integration"), scopes="people:read", created=NOW,
        expires=SOON)  # fmt: skip


def _values(parts: Parts, whose: str) -> dict[str, str]:
    code, team, *_ = WHO[whose]
    with parts.store.write() as db:
        run = runs.ask(db, "draw plan", period=f"asked-{whose}", now=NOW)
    things = ("ask", "token", "feed", "request", "plan", "letter", "fix", "lesson", "mark", "target", "leave")
    of = {f"{thing}_id": id_of(f"{thing} {whose}") for thing in (*things, "vacancy", "candidate", "observation")}
    return of | {
        "person_id": id_of(code),
        "kind": "people",
        "code": "case_rounds",
        "activity": "case_round",
        "session_id": id_of(f"session {whose}"),
        "draft_id": id_of("draft open"),
        "key": "csat",
        "run_id": run,
        "team_id": id_of(team),
        "unit_id": id_of(team),
        "queue_id": id_of("billing" if whose == MINE else "delivery"),
        "check": "staffing",
        "rollout_id": id_of("rollout"),
        "refresher_id": id_of("refresher"),
        "webhook_id": id_of("webhook"),
        "passkey_id": id_of(f"passkey {whose}"),
        "integration_id": id_of("integration"),
        "decided_id": id_of(f"decided {whose}"),
        "number": "1",
        "token": "no-such-token",
        "filename": "devsys.css",
    }


def token_for(parts: Parts, person_id: str) -> str:
    """Give a token of the API that is made for everything its owner may do."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, person_id)
    assert viewer is not None
    return api_tokens.make(parts, viewer, api_tokens.Wanted(f"walk {new_token()[:6]}", SCOPES, 30))


def feed_ids(parts: Parts, person_id: str) -> list[str]:
    """Give the ids of somebody's feeds."""
    with parts.store.read() as db:
        return [feed.id for feed in feeds.of_owner(db, person_id)]
