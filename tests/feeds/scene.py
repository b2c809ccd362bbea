"""Northgate with a programme, plans that are published the way the product does it, and feeds that are polled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from devsys.actions.age_feeds import age_feeds
from devsys.actions.parts import Parts
from devsys.actions.serve_feed import Asked, Bodies, Outcome, Served, serve_feed, write_notes
from devsys.adapters.store.queries import feeds, plans, programme, sessions
from devsys.base.ids import new_id
from devsys.core.model.calendar import Place, Session, Status
from devsys.core.model.changes import differences, next_sequence
from devsys.core.model.programme import Activity, Cadence, Kind, Programme, Rhythm
from tests import builders
from tests.builders import id_of

TITLES = {
    "clear_language": ("Clear language, kind limits", Kind.BOUNDARIES),
    "hear_fully": ("Hear fully before you answer", Kind.SKILL),
    "case_round": ("Case round", Kind.ROUND),
    "chat_tone": ("Tone in chat and mail", Kind.DIGITAL),
    "saying_no": ("Coaching: saying no without guilt", Kind.COACHING),
}


def the_programme(**titles: str) -> Programme:
    """Give a programme of five activities; a title can be another one."""
    activities = tuple(
        Activity(
            code=code,
            title=titles.get(code, title),
            kind=kind,
            minutes=60,
            group=(1, 1) if kind is Kind.COACHING else (2, 12),
            cadence=Cadence(Rhythm.REQUEST, weeks=1, grace_days=7, steps=4)
            if kind is Kind.COACHING
            else Cadence(Rhythm.EVERY, weeks=8),
            aim=f"What helps at the next hard call: {title.lower()}.",
            qualification=kind.value,
            room=kind not in (Kind.COACHING, Kind.DIGITAL),
            prepare="Bring one call of last week.",
        )
        for code, (title, kind) in TITLES.items()
    )
    return Programme("northgate", "Northgate development", "Calm, clear, on the caller's side.", activities)


def settle(parts: Parts) -> None:
    """Write Northgate and its programme into a fresh store."""
    builders.settle(parts.store)
    with parts.store.write() as db:
        programme.keep(db, the_programme(), by_id=None, now=parts.now())


def publish(parts: Parts, *after: Session) -> int:
    """Publish states of sessions, past the verifier, in the order of the product; give how many feeds were revised."""
    now = parts.now()
    with parts.store.write() as db:
        wanted = sessions.Wanted(ids=frozenset(s.id for s in after), planned_only=False)
        found = differences(sessions.published(db, wanted), after)
        stamped = [
            replace(d.after, sequence=next_sequence(d.before, d.after), changed=now, created=d.after.created or now)
            for d in found
        ]
        if not stamped:
            return 0
        draft_id = new_id()
        plans.new_draft(
            db, draft_id, horizon=builders.a_horizon(), by_id=id_of("olivia.brandt"), cause="next plan", now=now
        )
        sessions.lay_into_draft(db, draft_id, stamped, now)
        plans.publish(db, draft_id, by_id=id_of("olivia.brandt"), cause="next plan", now=now, changes={})
        sessions.turn_places(db, [(d.before, s) for d, s in zip(found, stamped, strict=True)], now)
        return feeds.touch(db, found, now, address=parts.settings.public_url)


def published(parts: Parts) -> dict[str, Session]:
    """Give the published sessions by id, cancelled ones too."""
    with parts.store.read() as db:
        return {s.id: s for s in sessions.published(db, sessions.Wanted(planned_only=False))}


def with_people(session: Session, *codes: str) -> Session:
    return replace(session, places=tuple(Place(p) for p in sorted(map(id_of, codes))))


def cancelled(session: Session) -> Session:
    return replace(session, status=Status.CANCELLED)


def moved(session: Session, starts: datetime) -> Session:
    from devsys.core.model.hours import instant

    return replace(session, starts=starts, starts_utc=instant(starts, session.zone))


def a_feed(
    parts: Parts,
    kind: str = "person",
    target: str = "ana.correia",
    owner: str = "",
    *,
    kinds: Iterable[str] = (),
    titles: bool = False,
    token: str = "",
) -> str:
    """Make a feed; give its token. The owner of a feed about a person is that person unless said otherwise."""
    owner = owner or (target if kind in ("person", "facilitator") else "olivia.brandt")
    token = token or f"{kind}-{target}-{owner}-{'titles' if titles else 'plain'}-{'-'.join(sorted(kinds))}"
    with parts.store.write() as db:
        feeds.add(
            db,
            kind=kind,
            target_id=id_of(target),
            owner_id=id_of(owner),
            name=f"{target}, {kind}",
            token=token,
            now=parts.now(),
            kinds=kinds,
            titles=titles,
        )
    return token


@dataclass
class Poller:
    """A process that answers polls: its own kept bodies over the store of the test."""

    parts: Parts
    bodies: Bodies

    @classmethod
    def fresh(cls, parts: Parts) -> "Poller":
        return cls(parts, Bodies())

    def ask(self, token: str, **headers: str) -> Served:
        """Poll, and write down what the poll leaves behind."""
        found = serve_feed(self.parts, self.bodies, Asked(token, **headers))
        if found.notes:
            write_notes(self.parts, found.notes)
        return found

    def body(self, token: str) -> bytes:
        found = self.ask(token)
        assert found.outcome is Outcome.BODY
        return found.body


def next_day(parts: Parts, clock: object, days: int = 1) -> int:
    """Let days pass and the daily job run; give how many feeds were revised."""
    clock.move(days=days)  # type: ignore[attr-defined]
    return age_feeds(parts)


def revisions(parts: Parts) -> Mapping[str, int]:
    """Give the revision of every feed by its token's feed name."""
    from sqlalchemy import select
    from sqlmodel import col

    from devsys.adapters.store.tables.feeds import FeedRow

    with parts.store.read() as db:
        return dict(db.execute(select(col(FeedRow.name), col(FeedRow.revision))).all())
