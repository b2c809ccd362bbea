"""What is kept for a time only goes when its time is over; the tables name the times."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, exists

from devsys.adapters.store.queries import (
    account_links,
    causes,
    coaching,
    coaching_plans,
    feedback,
    lessons,
    letters,
    observations,
    plans,
    rollouts,
    rounds,
    runs,
    sight,
)
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AttemptRow, SignInRow
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

DAY: Final = timedelta(days=1)
RUNS: Final = timedelta(days=90)
LETTERS: Final = timedelta(days=90)
AUDIT: Final = timedelta(days=731)  # 24 months
TURNS_OF_ROUNDS: Final = timedelta(days=457)  # 15 months: the rota looks back a year
FIXES: Final = timedelta(days=1096)  # 36 months
WAVES: Final = timedelta(days=1096)
REVOKED: Final = timedelta(days=30)
SUPPOSED: Final = timedelta(days=14)  # plans drawn on a supposition, laid side by side
FEEDBACK: Final = timedelta(days=366)
OWN_READINGS: Final = timedelta(days=1096)  # 36 months
GIVEN: Final = timedelta(days=120)  # by then nothing is asked about a session any more
# A feed shows a session until 60 days after its end, and its SEQUENCE there holds the turns: they go later.
TURNS: Final = timedelta(days=75)


def forget_old(db: Db, now: datetime) -> Mapping[str, int]:
    """Take away what is older than its time; give how many rows went, by the name of their table."""
    sign_in, attempt, upload = table(SignInRow), table(AttemptRow), table(UploadRow)
    audit, feed, turn, revision = table(AuditRow), table(FeedRow), table(TurnRow), table(RevisionRow)
    recent = exists().where(revision.c.session_id == turn.c.session_id, revision.c.ends_utc > now - TURNS)
    answer, given, aside = table(AnswerRow), table(FeedbackGivenRow), table(SetAsideRow)
    ask, waits = table(AskRow), table(WaitRow)
    counted = exists().where(revision.c.session_id == given.c.session_id, revision.c.ends_utc > now - FEEDBACK)
    asked = exists().where(revision.c.session_id == given.c.session_id, revision.c.ends_utc > now - GIVEN)
    answered = exists().where(revision.c.session_id == answer.c.session_id, revision.c.ends_utc > now - TURNS)
    own, pulse = table(OwnReadingRow), table(PulseFigureRow)
    return {
        "sign_in": _delete(db, sign_in, sign_in.c.expires <= now),
        "attempt": _delete(db, attempt, attempt.c.at < now - DAY),
        "account_link": account_links.forget_old(db, now),
        "upload": _delete(db, upload, upload.c.created < now - DAY),
        "audit": _delete(db, audit, audit.c.at < now - AUDIT),
        "feed": _delete(db, feed, feed.c.revoked < now - REVOKED),
        "turn": _delete(db, turn, ~recent),
        "feedback": feedback.forget_old(db, now - FEEDBACK),
        "feedback_given": _delete(db, given, ~asked & (~given.c.open | ~counted)),
        "answer": _delete(db, answer, ~answered),
        "ask": _delete(db, ask, ~_recent(ask.c.session_id, now)),
        "wait": _delete(db, waits, ~_recent(waits.c.session_id, now)),
        "letter": letters.forget_old(db, now - LETTERS),
        "set_aside": _delete(db, aside, aside.c.at < now - AUDIT),
        "job_run": runs.forget_old(db, now - RUNS),
        "fix": causes.forget_old(db, now - FIXES),
        "pulse_figure": _delete(db, pulse, pulse.c.month < f"{now - OWN_READINGS:%Y-%m}"),
        "own_reading": _delete(db, own, own.c.first < (now - OWN_READINGS).date()),
        "lesson": lessons.forget_old(db, now - FIXES, (now - AUDIT).date()),
        "case_card": rounds.forget_old(db, now - TURNS_OF_ROUNDS, now - FIXES),
        "readings_consent": sight.forget_consents(db),  # before the plans it belongs to
        "coaching_plan": coaching_plans.forget_old(db, now - AUDIT),
        "coaching_decline": coaching.forget_old(db, now - AUDIT),
        "observation": observations.forget_old(db, now - AUDIT),
        "rollout_place": rollouts.forget_old(db, (now - WAVES).date()),
        "draft": plans.drop_supposed(db, now - SUPPOSED),
    }


def _recent(session_id: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Give whether a session ended so lately that feeds show it, in some state."""
    revision = table(RevisionRow)
    return exists().where(revision.c.session_id == session_id, revision.c.ends_utc > now - TURNS)


def end_all_sign_ins(db: Db) -> None:
    """End every sign-in and every link to a password: a restored database may know some that were ended since."""
    db.execute(delete(table(SignInRow)))
    account_links.drop_all(db)


def _delete(db: Db, target: Table, where: ColumnElement[bool]) -> int:
    first = next(iter(target.primary_key))
    return len(db.execute(delete(target).where(where).returning(first)).all())
