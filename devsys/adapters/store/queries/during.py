"""Conditions on the time of a session, so that an index finds a week among the sessions of years."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from devsys.adapters.store.tables.calendar import RevisionRow

# No session is as long (the programme allows four hours): so what goes on at an instant began less than this before it.
LONGEST: Final = timedelta(days=1)


def ends_after(start: datetime) -> ColumnElement[bool]:
    """Sessions that go on at `start` or begin later."""
    return and_(col(RevisionRow.starts_utc) > start - LONGEST, col(RevisionRow.ends_utc) > start)


def during(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Sessions that touch a stretch of instants; the end is not included."""
    return and_(ends_after(start), col(RevisionRow.starts_utc) < end)
