"""A large organisation planned and published through the program: `python -m tests.bench.plan_large HOME WHAT ...`.

WHAT is `seed [PEOPLE SITES]` (an empty home, 10,000 people asked for at 25 sites, no plan), `draw [WEEKS]`, or `publish
[WEEKS]` (draws first); a home is seeded once, copied, and each copy drawn once. DEVSYS_EXECUTOR says who draws: nobody
but this process unless it is set. Plans of copies are the same when their digests are: ids are left out of them. The
clock is that of the seeding.
"""

import hashlib
import json
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from time import process_time
from typing import Any, Final

from devsys.actions import demo, draw_plan, publish_plan
from devsys.actions.demo_organisation import demo_organisation
from devsys.actions.demo_sites import site_plans
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, sessions
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import KEY_NAME, Db, Store
from devsys.base.clock import utc_now
from devsys.base.config import Settings
from devsys.core.model.hours import monday_of
from devsys.core.planning.problem import Progress
from devsys.faces.jobs.executor import crew_of
from tests.bench.job import own_peak

PEOPLE: Final = 10_000
SITES: Final = 25
CLOCK: Final = "clock"


def said(**values: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)  # noqa: T201


def told(what: str, work: Callable[[], Any]) -> Any:
    """Do something and print what it cost: processor seconds of this process, the most memory it has had so far."""
    began = process_time()
    result = work()
    said(what=what, cpu=round(process_time() - began, 1), peak_mb=round(own_peak()))
    return result


def seed(parts: Parts, size: Sequence[int]) -> None:
    """Write the people of the demo with its programmes; nothing is planned."""
    people, sites = size or (PEOPLE, SITES)
    now, programmes = parts.now(), demo.shipped()
    start = datetime.combine(monday_of(now.date()), time(6), now.tzinfo)
    activities = {a.code: a for p in programmes for a in p.activities}
    made = demo_organisation(activities, today=now.date(), at=site_plans(sites, people))
    made = replace(made, coaching=tuple(c for c in made.coaching if c[2] < now + demo.AGREED))
    cast = demo._accounts(parts, made)
    with parts.store.write() as db:
        demo._write(db, made, programmes, start, cast)


def digest(db: Db, draft_id: str) -> str:
    """Give the sessions and what is owed, without ids, as one hash."""
    held = sorted(
        (s.starts_utc, s.activity, s.site_id, s.facilitator_id or "", s.room_id or "", sorted(s.people))
        for s in sessions.changed_in(db, draft_id)
    )
    owed = sorted((o.person_id, o.need, o.rule, o.reason, o.would_fit) for o in plans.owed_in(db, draft_id))
    return hashlib.sha256(repr((held, owed)).encode()).hexdigest()


class Stages:
    """Prints each stage of a drawing as it begins."""

    def __init__(self) -> None:
        self.last = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self.last:
            self.last = progress.stage
            said(stage=progress.stage, owed=progress.owed, peak_mb=round(own_peak()))


def main() -> None:
    """Do one thing with a home."""
    home, what, asked = Path(sys.argv[1]), sys.argv[2], "executor" in Settings().model_fields_set
    numbers = [int(word) for word in sys.argv[3:]]
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home)
    store = Store(settings.url, home / KEY_NAME)
    clock = home / CLOCK
    if what == "seed":
        migrate(store)
        clock.write_text(utc_now().replace(microsecond=0).isoformat())
    now = datetime.fromisoformat(clock.read_text())
    parts = Parts(settings, store, lambda: now, crew_of(settings.executor) if asked else None)
    if what == "seed":
        told("seed", lambda: seed(parts, numbers))
        return
    wish = draw_plan.Wish(weeks=numbers[0] if numbers else 52, cause="the year")
    drawn = told("draw", lambda: draw_plan.carry_out(parts, wish, progress=Stages()))
    with store.read() as db:
        said(digest=digest(db, drawn.draft_id), figures=repr(drawn.figures), notes=drawn.notes)
    if what == "publish":
        told("publish", lambda: publish_plan.publish(parts, drawn.draft_id, by_id=None, cause=wish.cause))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    said(children_cpu=children.ru_utime + children.ru_stime, children_mb=children.ru_maxrss // 1024)


if __name__ == "__main__":
    main()
