"""What is kept for a time only goes when its time is over; the tables name the times."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, Table, delete, exists

from devsys.adapters.store.queries import (
    account_links,
    causes,
    coaching,
    coaching_plans,
    feedback,
    house,
    invitations,
    lessons,
    letters,
    observations,
    passkeys,
    plans,
    rollouts,
    rounds,
    runs,
    second_step,
    sight,
    tokens,
)
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AttemptRow, ChallengeRow, HalfSignInRow, SignInRow, SpentRow
from devsys.adapters.store.tables.answers import AnswerRow
from devsys.adapters.store.tables.asks import AskRow, WaitRow
from devsys.adapters.store.tables.audit import AuditRow
from devsys.adapters.store.tables.calendar import RevisionRow, TurnRow
from devsys.adapters.store.tables.feedback import FeedbackGivenRow
from devsys.adapters.store.tables.feeds import FeedRow
from devsys.adapters.store.tables.house import UploadRow
from devsys.adapters.store.tables.measures import OwnReadingRow
from devsys.adapters.store.tables.plans import SetAsideRow
from devsys.adapters.store.tables.pulse import PulseFigureRow
from devsys.base.config import Settings
from devsys.base.words import to_phrase

DAY: Final = timedelta(days=1)
LOOKED_AT: Final = timedelta(days=731)  # 24 months: warnings set aside, needs that were asked for
TURNS_OF_ROUNDS: Final = timedelta(days=457)  # 15 months: the rota looks back a year
CLOSED_ROUNDS: Final = timedelta(days=1096)  # 36 months
WAVES: Final = timedelta(days=1096)
REVOKED: Final = timedelta(days=30)
SUPPOSED: Final = timedelta(days=14)  # plans drawn on a supposition, laid side by side
GIVEN: Final = timedelta(days=120)  # by then nothing is asked about a session any more
# A feed shows a session until 60 days after its end, and its SEQUENCE there holds the turns: they go later.
TURNS: Final = timedelta(days=75)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long one kind of thing is kept, unless an administrator says otherwise within `least` and `most`."""

    key: str
    title: str
    usual: int
    least: int
    most: int
    unit: Literal["hours", "days", "months"]
    tables: tuple[str, ...]
    setting: str = ""  # the one of whoever runs devsys that holds until something is set here

    def span(self, count: int) -> timedelta:
        """Give so many hours, days, or months of the mean length, whole days."""
        if self.unit == "hours":
            return timedelta(hours=count)
        return timedelta(days=count if self.unit == "days" else math.ceil(count * _MONTH))


_MONTH: Final = 30.4375
LIMITS: Final = (
    Limit("letters", to_phrase("Letters that were sent"), 90, 30, 365, "days", ("letter",)),
    Limit("runs", to_phrase("Runs of the worker"), 90, 30, 365, "days", ("job_run",)),
    Limit("feedback", to_phrase("Feedback, under no name"), 12, 3, 24, "months", ("feedback",)),
    Limit(
        "notes",
        to_phrase("Coaching plans and notes after their end, observations"),
        24,
        6,
        36,
        "months",
        ("coaching_plan", "coaching_decline", "observation"),
    ),
    Limit(
        "readings",
        to_phrase("Readings of one person, figures of the pulse"),
        36,
        3,
        36,
        "months",
        ("own_reading", "pulse_figure"),
    ),
    Limit("fixes", to_phrase("Fixes and lessons after their end"), 36, 12, 60, "months", ("fix", "lesson")),
    Limit("audit", to_phrase("Log of acts"), 24, 12, 60, "months", ("audit",)),
    Limit("candidates", to_phrase("Candidates, after the decision"), 6, 1, 24, "months", (), "candidate_months"),
    Limit("cards", to_phrase("Texts of case cards, after the round"), 28, 1, 365, "days", (), "card_days"),
    Limit("sign_ins", to_phrase("Sign-ins that are not used"), 12, 1, 720, "hours", (), "sign_in_hours"),
)
_FACT: Final = "kept_"


def limits(db: Db, settings: Settings | None = None) -> Mapping[str, int]:
    """Give how long each kind is kept, in its own unit: what was set, else what the settings say, else the usual."""
    said = house.facts(db)
    return {one.key: int(said.get(_FACT + one.key, _usual(one, settings))) for one in LIMITS}


def _usual(one: Limit, settings: Settings | None) -> int:
    return int(getattr(settings, one.setting)) if settings is not None and one.setting else one.usual


def kept(db: Db, key: Literal["candidates", "cards", "sign_ins"], settings: Settings) -> int:
    """Give how long one kind is kept, in its unit: what was set on the page, else the setting."""
    said = house.fact(db, _FACT + key)
    return int(said) if said else next(_usual(one, settings) for one in LIMITS if one.key == key)


def set_limits(db: Db, wanted: Mapping[str, int]) -> None:
    """Keep how long things are kept. Raises ValueError for what is beyond its range (misuse)."""
    for one in (one for one in LIMITS if one.key in wanted):
        count = wanted[one.key]
        if not one.least <= count <= one.most:
            raise ValueError(f"{one.key} is kept {one.least} to {one.most} {one.unit}.")
        house.set_fact(db, _FACT + one.key, str(count))


def forget_old(db: Db, now: datetime) -> Mapping[str, int]:
    """Take away what is older than its time; give how many rows went, by the name of their table."""
    set_to = limits(db)
    since = {one.key: now - one.span(set_to[one.key]) for one in LIMITS}
    sign_in, attempt, upload = table(SignInRow), table(AttemptRow), table(UploadRow)
    audit, feed, turn, revision = table(AuditRow), table(FeedRow), table(TurnRow), table(RevisionRow)
    recent = exists().where(revision.c.session_id == turn.c.session_id, revision.c.ends_utc > now - TURNS)
    answer, given, aside = table(AnswerRow), table(FeedbackGivenRow), table(SetAsideRow)
    ask, waits = table(AskRow), table(WaitRow)
    counted = exists().where(revision.c.session_id == given.c.session_id, revision.c.ends_utc > since["feedback"])
    asked = exists().where(revision.c.session_id == given.c.session_id, revision.c.ends_utc > now - GIVEN)
    answered = exists().where(revision.c.session_id == answer.c.session_id, revision.c.ends_utc > now - TURNS)
    own, pulse = table(OwnReadingRow), table(PulseFigureRow)
    return {
        "sign_in": _delete(db, sign_in, sign_in.c.expires <= now),
        "spent": _delete(db, table(SpentRow), table(SpentRow).c.until <= now),
        "attempt": _delete(db, attempt, attempt.c.at < now - DAY),
        "half_sign_in": second_step.forget_old(db, now),
        "challenge": passkeys.forget_old(db, now),
        "account_link": account_links.forget_old(db, now),
        "upload": _delete(db, upload, upload.c.created < now - DAY),
        "audit": _delete(db, audit, audit.c.at < since["audit"]),
        "feed": _delete(db, feed, feed.c.revoked < now - REVOKED),
        "turn": _delete(db, turn, ~recent),
        "feedback": feedback.forget_old(db, since["feedback"]),
        "feedback_given": _delete(db, given, ~asked & (~given.c.open | ~counted)),
        "answer": _delete(db, answer, ~answered),
        "ask": _delete(db, ask, ~_recent(ask.c.session_id, now)),
        "wait": _delete(db, waits, ~_recent(waits.c.session_id, now)),
        "letter": letters.forget_old(db, since["letters"]),
        "invited": invitations.forget_old(db, since["letters"]),
        "set_aside": _delete(db, aside, aside.c.at < now - LOOKED_AT),
        "job_run": runs.forget_old(db, since["runs"]),
        "fix": causes.forget_old(db, since["fixes"]),
        "pulse_figure": _delete(db, pulse, pulse.c.month < f"{since['readings']:%Y-%m}"),
        "own_reading": _delete(db, own, own.c.first < since["readings"].date()),
        "lesson": lessons.forget_old(db, since["fixes"], (now - LOOKED_AT).date()),
        "case_card": rounds.forget_old(db, now - TURNS_OF_ROUNDS, now - CLOSED_ROUNDS),
        "readings_consent": sight.forget_consents(db),  # before the plans it belongs to
        "coaching_plan": coaching_plans.forget_old(db, since["notes"]),
        "coaching_decline": coaching.forget_old(db, since["notes"]),
        "observation": observations.forget_old(db, since["notes"]),
        "rollout_place": rollouts.forget_old(db, (now - WAVES).date()),
        "api_token": tokens.forget_old(db, now),
        "api_answer": tokens.forget_answers(db, now),
        "draft": plans.drop_supposed(db, now - SUPPOSED),
    }


def _recent(session_id: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Give whether a session ended so lately that feeds show it, in some state."""
    revision = table(RevisionRow)
    return exists().where(revision.c.session_id == session_id, revision.c.ends_utc > now - TURNS)


def end_all_sign_ins(db: Db) -> None:
    """End every sign-in, link to a password and token of the API: a restored database may know some ended since."""
    db.execute(delete(table(SignInRow)))
    db.execute(delete(table(HalfSignInRow)))
    db.execute(delete(table(ChallengeRow)))
    account_links.drop_all(db)
    tokens.drop_all(db)


def _delete(db: Db, target: Table, where: ColumnElement[bool]) -> int:
    first = next(iter(target.primary_key))
    return len(db.execute(delete(target).where(where).returning(first)).all())
