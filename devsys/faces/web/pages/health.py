"""Health of the installation; it only reads."""

from typing import Final

from flask import Blueprint, render_template

from devsys.actions import doctor
from devsys.adapters.store.queries import audit, runs
from devsys.adapters.store.queries.runs import Run
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import duration, moment, since
from devsys.core.policy import allow
from devsys.core.policy import scope as scope_of
from devsys.faces.web.filters import local
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.job_words import JOBS

pages = Blueprint("health", __name__)
SHOWN: Final = 30
_TONES: Final = {"fine": "ok", "warning": "warn", "broken": "bad"}
_CHECKS: Final = {
    "version": to_phrase("version"),
    "interpreter": to_phrase("interpreter"),
    "zone data": to_phrase("zone data"),
    "folder": to_phrase("folder"),
    "secret": to_phrase("secret"),
    "disk": to_phrase("disk"),
    "network": to_phrase("network"),
    "metrics": to_phrase("metrics"),
    "provider": to_phrase("provider"),
    "database": to_phrase("database"),
    "durability": to_phrase("durability"),
    "integrity": to_phrase("integrity"),
    "schema": to_phrase("schema"),
    "demo": to_phrase("demo"),
    "key": to_phrase("key"),
    "log": to_phrase("log"),
    "machines": to_phrase("machines"),
    "letters": to_phrase("letters"),
    "answers by mail": to_phrase("answers by mail"),
    "backup": to_phrase("backup"),
    "worker": to_phrase("worker"),
    "clock": to_phrase("clock"),
    "erasing": to_phrase("erasing"),
    "runs": to_phrase("runs"),
}
_FOUND: Final = {"fine": to_phrase("fine"), "warning": to_phrase("warning"), "broken": to_phrase("broken")}
_STATES: Final = {
    "waiting": to_phrase("waits"),
    "running": to_phrase("under way"),
    "done": to_phrase("done"),
    "failed": to_phrase("failed"),
    "skipped": to_phrase("left out"),
}


@pages.get("/health")
@allow("health")
def show() -> str:
    """Show what the doctor says, the last run of each job, and the newest runs."""
    checks = doctor.examine(parts())
    with parts().store.read() as db:
        listed = runs.listed(db, limit=SHOWN)
        erasing = bool(scope_of(viewer(), "erasure", "read"))
        asked = len(audit.asks_to_be_erased(db)) if erasing else 0
        last = [found for job in JOBS if (found := runs.latest(db, job)) is not None]
    trouble = [c for c in checks if c.state != "fine"]
    return render_template(
        "health/show.html",
        erasing=erasing,
        asked=asked,
        words=phrase("Everything is as it should be.") if not trouble else _trouble_words(len(trouble)),
        checks=[
            (_CHECKS.get(c.name, c.name), _FOUND[c.state], _TONES[c.state], c.says, c.todo)
            for c in (*trouble, *(c for c in checks if c.state == "fine"))
        ],
        jobs=[_line(run) for run in last],
        runs=[_line(run) for run in listed],
    )


def _trouble_words(count: int) -> str:
    return phrases("One thing wants a look.", "%(num)s things want a look.", count)


def _line(run: Run) -> dict[str, str]:
    when = local(run.finished or run.started or run.created, viewer().zone)
    took = ""
    if run.started is not None and run.finished is not None:
        seconds = int((run.finished - run.started).total_seconds())
        took = phrase("%(seconds)s s", seconds=seconds) if seconds < 60 else duration(seconds // 60)  # noqa: PLR2004
    return {
        "job": JOBS.get(run.job, run.job.capitalize()),
        "state": _STATES.get(run.state, run.state),
        "tone": {"failed": "bad", "done": "ok", "skipped": "unknown"}.get(run.state, ""),
        "when": moment(when),
        "since": since(run.finished or run.started or run.created, now()),
        "took": took,
        "by": run.by,
        "error": phrase(run.error) if run.error else "",
    }
