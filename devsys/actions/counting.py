"""The figures of a draft and what it owes, counted anew after its sessions changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from devsys.adapters.store.queries import calendar_figures, plans, sessions
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import LANGUAGE, Db
from devsys.base.words import ENGLISH, phrase, speaking, to_keep
from devsys.core.model.calendar import Horizon, Owed, Session, Status
from devsys.core.model.changes import Difference
from devsys.core.model.hours import start_of
from devsys.core.model.needs import Need

# Why a need is owed: a rule, and the beginning of the sentence that says it.
Said = tuple[str, str]
LEFT_OUT: Final = "left_out"
NOT_DRAWN: Final = "not_drawn"
BY_HAND: Said = (LEFT_OUT, to_keep("Its session was left out by hand"))
BEYOND: Final = timedelta(weeks=104)  # how far behind the horizon a session may have been moved
CAME_UP: Said = (NOT_DRAWN, to_keep("It came up after the plan was drawn"))


def count_again(
    db: Db,
    brief: Brief,
    draft_id: str,
    needs: tuple[Need, ...],
    said: Callable[[Need], Said | None] = lambda _: None,
) -> None:
    """Bring the figures and the owed list of a draft in line with its sessions: needs = placed + owed, always.

    `needs` are those of the draft's horizon; `said` may give why one is owed that was not before.
    """
    draft = plans.draft(db, draft_id)
    first = start_of(draft.horizon)
    # A session that was moved beyond the end of the horizon answers its need all the same.
    placed = calendar_figures.answered(
        db, first, first + timedelta(weeks=draft.horizon.weeks) + BEYOND, draft_id=draft_id
    )
    known = {o.need: o for o in plans.owed_in(db, draft_id)}
    keys = {n.key for n in needs}
    open_needs = [n for n in needs if n.key not in placed]
    # What was owed of a need that the programme no longer asks for is not owed any more.
    left_out = {p.need for s in sessions.changed_in(db, draft_id) if s.status is Status.CANCELLED for p in s.places}
    owed = [
        known.get(n.key) or _owed(db, n, said(n) or (BY_HAND if n.key in left_out else CAME_UP)) for n in open_needs
    ]
    due = {n.key: n.due for n in needs}
    on_time = sum(1 for key, starts in placed.items() if key in keys and starts < due[key])
    sums = calendar_figures.day_sums(db, draft.horizon.start, draft.horizon.end, draft_id=draft_id)
    recovery = {a.code: a.recovery_minutes for a in brief.activities.values()}
    count = len(needs) - len(owed)
    # What was proved was proved of the needs that were there when the plan was drawn.
    same = draft.figures.proved and (len(needs), on_time) == (draft.figures.needs, draft.figures.bound)
    plans.keep_owed(db, draft_id, owed)
    plans.set_figures(
        db,
        draft_id,
        replace(
            draft.figures,
            needs=len(needs),
            placed=count,
            on_time=on_time,
            late=count - on_time,
            owed=len(owed),
            sessions=sum(s.sessions for s in sums),
            hours=sum(s.minutes + s.places * recovery.get(s.activity, 0) for s in sums) / 60,
            bound=max(draft.figures.bound, on_time),
            proved=same,
        ),
    )


def count_changes(
    db: Db,
    brief: Brief,
    draft_id: str,
    needs: tuple[Need, ...],
    *,
    found: Iterable[Difference],
    said: Mapping[str, Said],
) -> None:
    """Do what `count_again` does, from the figures and the owed list that stand, for the people in the brief's scope.

    `needs` are theirs in the draft's horizon; `found` is what the draft differs in from what is published; `said` gives
    by key why one is owed that was not before.
    """
    draft, found = plans.draft(db, draft_id), tuple(found)
    mine = sorted(brief.scope.people) if brief.scope else []
    first = start_of(draft.horizon)
    span = first, first + timedelta(weeks=draft.horizon.weeks) + BEYOND
    was = calendar_figures.answered(db, *span, people=mine)
    now = calendar_figures.answered(db, *span, draft_id=draft_id, people=mine)
    known = {o.need: o for person in mine for o in plans.owed_in(db, draft_id, person_id=person)}
    due = {n.key: n.due for n in needs}
    left_out = {p.need for d in found if d.after.status is Status.CANCELLED for p in d.after.places}
    open_needs = {n.key: n for n in needs if n.key not in now}
    fresh = [n for key, n in open_needs.items() if key not in known]
    gone = [key for key in known if key not in open_needs]
    plans.change_owed(
        db,
        draft_id,
        gone,
        [_owed(db, n, said.get(n.key) or (BY_HAND if n.key in left_out else CAME_UP)) for n in fresh],
    )
    asked_was, asked_now = ({k: t for k, t in rows.items() if k in due} for rows in (was, now))
    more_placed = len(asked_now) - len(asked_was)
    more_on_time = sum(t < due[k] for k, t in asked_now.items()) - sum(t < due[k] for k, t in asked_was.items())
    recovery = {a.code: a.recovery_minutes for a in brief.activities.values()}
    sums = [_held(d, draft.horizon, recovery) for d in found]
    before = draft.figures
    placed, on_time = before.placed + more_placed, before.on_time + more_on_time
    owed = before.owed + len(fresh) - len(gone)
    plans.set_figures(
        db,
        draft_id,
        replace(
            before,
            needs=placed + owed,
            placed=placed,
            on_time=on_time,
            late=placed - on_time,
            owed=owed,
            sessions=before.sessions + sum(count for count, _ in sums),
            hours=before.hours + sum(minutes for _, minutes in sums) / 60,
            bound=max(before.bound, on_time),
            proved=before.proved and (placed + owed, on_time) == (before.needs, before.bound),
        ),
    )


def _held(found: Difference, horizon: Horizon, recovery: Mapping[str, int]) -> tuple[int, int]:
    """Give how many sessions of a horizon, and minutes of people in them, a difference adds."""

    def held(s: Session | None) -> tuple[int, int]:
        if s is None or s.status is not Status.PLANNED or not horizon.start <= s.starts.date() < horizon.end:
            return 0, 0
        return int(bool(s.places)), len(s.places) * (s.minutes + recovery.get(s.activity, 0))

    (sessions_, minutes), (less, fewer) = held(found.after), held(found.before)
    return sessions_ - less, minutes - fewer


def _owed(db: Db, need: Need, said: Said) -> Owed:
    rule, what = said
    with speaking(db.info.get(LANGUAGE, ENGLISH)):  # it is kept with the draft
        reason = phrase("%(what)s; drawing the plan again looks for a place.", what=phrase(what))
    return Owed(
        person_id=need.person_id,
        activity=need.activity,
        need=need.key,
        earliest=need.earliest,
        due=need.due,
        latest=need.latest,
        rule=rule,
        reason=reason,
    )
