"""Figures for Prometheus, for whoever brings the token of DEVSYS_METRICS_TOKEN; nobody's name, id or address is in it.

The text is the exposition format 0.0.4. Requests are counted by every web process in a file of its own; everything else
is read from the database at the moment it is asked for.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from devsys.actions.backup import BACKUP
from devsys.adapters.store.queries import feeds, house, letters, runs
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web import counted
from devsys.faces.web.here import now, parts

pages = Blueprint("metrics", __name__)
TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], float]


@pages.get("/metrics")
@allow("public")
def show() -> Response:
    """Give the figures; without the token, or with another one, there is no such page."""
    wanted = parts().settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise NotFoundError(phrase("There is no such page."))
    with parts().store.read() as db:
        lines = [*_requests(counted.counts().all()), *_of_data(db, now())]
    answer = Response("\n".join(lines) + "\n", content_type=TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _metric(name: str, kind: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP devsys_{name} {says}"
    yield f"# TYPE devsys_{name} {kind}"
    for labels, value in samples:
        said = ",".join(f'{key}="{_safe(text)}"' for key, text in labels.items())
        yield f"devsys_{name}{{{said}}} {value:.16g}" if said else f"devsys_{name} {value:.16g}"


def _safe(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _requests(found: Mapping[str, int]) -> Iterator[str]:
    pairs = {tuple(name.split(" ")): count for name, count in found.items()}
    samples = [({"route": route, "status": status}, count) for (route, status), count in pairs.items() if count]
    yield from _metric("requests_total", "counter", "Answers, by class of route and status.", samples)
    polls = sum(count for (route, _), count in pairs.items() if route == "feed")
    yield from _metric("feed_polls_total", "counter", "Polls of calendars.", [({}, polls)])
    same = pairs.get(("feed", "304"), 0)
    yield from _metric("feed_unchanged_total", "counter", "Polls answered by 304.", [({}, same)])


def _of_data(db: Db, at: datetime) -> Iterator[str]:
    by_job = runs.counts_by_job(db)
    samples = [({"job": job, "state": state}, count) for (job, state), count in sorted(by_job.items())]
    yield from _metric("runs", "gauge", "Runs in the ledger, by job and state.", samples)
    seen = runs.worker_seen(db)
    if seen is not None:
        age = max(0.0, (at - seen).total_seconds())
        yield from _metric("worker_age_seconds", "gauge", "Since the worker was last seen.", [({}, age)])
    waiting = [({"state": state}, count) for state, count in sorted(letters.counts(db).items())]
    yield from _metric("letters", "gauge", "Letters, by state.", waiting)
    yield from _metric("letters_due", "gauge", "Letters that should have left.", [({}, letters.overdue(db, at))])
    yield from _metric("feeds", "gauge", "Calendar links that are not revoked.", [({}, feeds.living(db))])
    under_way = runs.listed(db, states=(runs.RUNNING,), limit=1)
    progress = under_way[0].progress if under_way else {}
    figures = [({"what": k}, float(v)) for k, v in sorted(progress.items()) if isinstance(v, int | float)]
    yield from _metric("plan_progress", "gauge", "How far the run under way is.", figures)
    copied = house.fact(db, BACKUP)
    if copied:
        age = (at - datetime.fromisoformat(copied)).total_seconds()
        yield from _metric("backup_age_seconds", "gauge", "Since the last good backup.", [({}, age)])
