"""Draw a plan: what stands is kept, what is needed is placed, what cannot be is owed with its reason.

Reading, thinking and writing are three steps: the solver runs outside any transaction, and a draft remembers the
version it was drawn on, so that publishing notices what changed meanwhile.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import house, plans, runs, sessions
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.queries.plans import OPEN
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.base.written import plain_full_day
from devsys.core.model.calendar import Figures, Horizon, Owed, Session, Status
from devsys.core.model.causes import PLANNED_AGAIN
from devsys.core.model.changes import continued
from devsys.core.model.hours import monday_of
from devsys.core.planning.crew import Crew
from devsys.core.planning.draw import draw
from devsys.core.planning.explain import explain
from devsys.core.planning.mend import mend
from devsys.core.planning.picture import figures_from, owed_from, sessions_from
from devsys.core.planning.problem import Progress

JOB = "draw plan"
NOTICE = timedelta(days=2)  # nobody is given a new session at shorter notice
WEEKS = (1, 104)
WITHDRAWN = "withdrawn"  # the cause of what leaves with a coaching series its owner took back


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan is asked to be.

    `weeks` from the Monday of the present week; `redraw_from` frees what is published from that day on (pins and the
    freeze window stay); `rounds` bounds the sweep; `cause` is shown with every change.
    """

    weeks: int = 52
    cause: str = ""
    redraw_from: date | None = None
    seed: int = 0
    rounds: int = 3

    def as_text(self) -> str:
        """Give the wish as JSON, for the ledger of runs."""
        day = self.redraw_from.isoformat() if self.redraw_from else None
        return json.dumps({**asdict(self), "redraw_from": day})

    @classmethod
    def from_text(cls, text: str) -> "Wish":
        """Read what `as_text` wrote."""
        found = json.loads(text)
        day = found.pop("redraw_from", None)
        return cls(**found, redraw_from=date.fromisoformat(day) if day else None)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of it: the draft, how good it is, and sentences about what went wrong while it was drawn."""

    draft_id: str
    figures: Figures
    new: int
    cancelled: int
    altered: int
    notes: tuple[str, ...] = ()


def ask(parts: Parts, by_id: str | None, wish: Wish) -> str:
    """Leave a run for the worker; give its id. Raises InvalidError for a wish that cannot be."""
    possible(wish, parts.now().date(), parts.settings.freeze_days)
    now = parts.now()
    with parts.store.write() as db:
        return runs.ask(db, JOB, period=f"asked-{new_id()}", args=wish.as_text(), by_id=by_id, now=now)


def possible(wish: Wish, today: date, freeze_days: int) -> None:
    """Raise InvalidError for a wish that cannot be: its length, or a day inside the freeze window."""
    least, most = WEEKS
    if not least <= wish.weeks <= most:
        raise InvalidError(
            phrase(
                "A plan spans %(least)s to %(most)s weeks; %(weeks)s were asked for.",
                least=least,
                most=most,
                weeks=wish.weeks,
            )
        )
    first = today + timedelta(days=freeze_days)
    if wish.redraw_from and wish.redraw_from < first:
        raise InvalidError(
            phrase(
                "The next %(days)s days are frozen: what is published can be redrawn from %(first)s on.",
                days=freeze_days,
                first=plain_full_day(first),
            )
        )


def carry_out(
    parts: Parts,
    wish: Wish,
    *,
    by_id: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
    run_id: str = "",
) -> Drawn:
    """Draw the plan and keep it as a draft; `stop` ends it with the best so far.

    `run_id` is the run of the ledger that is done with it, in the transaction that writes the draft: a worker that is
    killed leaves both or neither.

    Raises InvalidError when there is nobody or nothing to plan.
    """
    ground = ground_of(parts, wish)
    with parts.speaking():  # reasons and notes are kept with the draft
        drawing = think(ground, wish, stop=stop, progress=progress, crew=parts.crew)
    with parts.store.write() as db:
        drawn = keep(db, wish, ground, drawing, by_id=by_id, now=parts.now())
        if run_id:
            runs.finish(db, run_id, parts.now(), asdict(drawn))
    return drawn


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is drawn on: the brief, the horizon, and what becomes of the published sessions.

    `changed` are those that must change whatever is drawn: cancelled with a coaching series that was taken back, or
    repaired because they can no longer stand. `freed`, by id, may be drawn again; `kept` stay as they are.
    """

    brief: Brief
    horizon: Horizon
    changed: tuple[Session, ...]
    freed: Mapping[str, Session]
    kept: tuple[Session, ...]


def ground_of(parts: Parts, wish: Wish) -> Ground:
    """Read what a wish is to be drawn on. Raises InvalidError when there is nobody or nothing to plan."""
    now = parts.now()
    possible(wish, now.date(), parts.settings.freeze_days)
    with parts.store.read() as db:
        brief = planning_queries.brief(db, now=now)
        withdrawn = _withdrawn(brief.published, series_queries.withdrawn(db), now)
    left = [s for s in brief.published if s.id not in withdrawn]
    freed = _freed(left, wish, now + timedelta(days=parts.settings.freeze_days))
    standing = [s for s in left if s.id not in freed]
    horizon = Horizon(monday_of(now.date()), wish.weeks)
    view = see(brief, horizon, kept=standing, new_from=now + NOTICE, seating=True)
    repaired = {s.id: s for s in mend(view, now=now, new_id=new_id, new_uid=lambda _: new_id() + new_id())}
    held = {s.id: s for s in standing} | repaired
    kept = tuple(s for s in held.values() if s.status is Status.PLANNED)
    return Ground(brief, horizon, (*withdrawn.values(), *repaired.values()), freed, kept)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What came of thinking: the sessions that change, what is owed, how good it is, and what went wrong."""

    changed: tuple[Session, ...]
    owed: tuple[Owed, ...]
    figures: Figures
    notes: tuple[str, ...] = ()


def think(
    ground: Ground,
    wish: Wish,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
    crew: Crew | None = None,
) -> Drawing:
    """Draw the plan on its ground; nothing is read or written. Raises UnavailableError when a crew is out of reach."""
    view = see(ground.brief, ground.horizon, kept=ground.kept, new_from=ground.brief.now + NOTICE, seating=True)
    plan = draw(view.problem, seed=wish.seed, rounds=wish.rounds, stop=stop, progress=progress, crew=crew)
    planned = sessions_from(view, plan, new_id, lambda _: new_id() + new_id())
    found = continued(
        (s for s in planned if s.id not in view.kept), ground.freed.values(), cause=wish.cause or PLANNED_AGAIN
    )
    fresh = [s for s in found if s != ground.freed.get(s.id)]  # what came out as it stands is no change
    owed = owed_from(view, plan, explain(view.problem, plan, stop))
    return Drawing((*ground.changed, *fresh), owed, figures_from(view, plan), plan.notes)


def _withdrawn(published: Iterable[Session], series: frozenset[str], now: datetime) -> dict[str, Session]:
    """Give, cancelled, the sessions still to come of coaching that its owner took back: pinned or frozen, they leave.

    The person may stop at any time (product.md D3); nobody else's pin keeps them.
    """
    return {
        s.id: replace(s, status=Status.CANCELLED, cause=WITHDRAWN)
        for s in published
        if s.series in series and s.starts_utc > now
    }


def _freed(published: Iterable[Session], wish: Wish, frozen_until: datetime) -> dict[str, Session]:
    """Give the published sessions that may be redrawn: from the day wished on, neither pinned nor frozen."""
    if wish.redraw_from is None:
        return {}
    return {
        s.id: s
        for s in published
        if s.starts.date() >= wish.redraw_from and s.starts_utc >= frozen_until and not s.pinned
    }


def keep(
    db: Db, wish: Wish, ground: Ground, drawing: Drawing, *, by_id: str | None, now: datetime, state: str = OPEN
) -> Drawn:
    """Write a draft in the caller's transaction; it stands on the version that its ground was read at."""
    draft_id = new_id()
    known = {s.id for s in ground.brief.published}
    drawn = Drawn(
        draft_id=draft_id,
        figures=drawing.figures,
        new=sum(s.id not in known for s in drawing.changed),
        cancelled=sum(s.status is Status.CANCELLED for s in drawing.changed),
        altered=sum(s.id in known and s.status is Status.PLANNED for s in drawing.changed),
        notes=drawing.notes,
    )
    if not house.fact(db, house.PROGRAMME_EPOCH):
        house.set_fact(db, house.PROGRAMME_EPOCH, ground.brief.epoch.isoformat())
    plans.new_draft(
        db,
        draft_id,
        horizon=ground.horizon,
        by_id=by_id,
        cause=wish.cause,
        now=now,
        base=ground.brief.base,
        state=state,
    )
    sessions.lay_into_draft(db, draft_id, drawing.changed, now)
    plans.keep_owed(db, draft_id, drawing.owed)
    plans.set_figures(db, draft_id, drawing.figures)
    return drawn
