"""Every table, imported once so that the metadata is whole."""

from sqlmodel import SQLModel

from devsys.adapters.store.tables import (  # noqa: F401 -- importing registers the tables
    accounts,
    answers,
    asks,
    audit,
    busy,
    calendar,
    causes,
    coaching,
    conditions,
    feedback,
    feeds,
    hiring,
    house,
    job_run,
    letters,
    measures,
    observations,
    people,
    plans,
    programme,
    pulse,
    rollouts,
    rounds,
    tokens,
    webhooks,
)

metadata = SQLModel.metadata
