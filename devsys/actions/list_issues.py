"""What stands in the way of the published plan or of a draft, and what ought to be looked at: by the verifier's word.

What blocks cannot stand (published) or cannot be published (a draft); what warns may be set aside with a reason. Only
that is kept: the list is read from plan and organisation whenever somebody looks (docs/decisions/0016).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from devsys.actions.brief import needs_of
from devsys.actions.edit_draft import frozen_until
from devsys.actions.parts import Parts
from devsys.actions.publish_plan import Preview, brief_for, preview
from devsys.actions.repair_absence import About, brief_of, unsound
from devsys.adapters.store.queries import aside, asks, audit, plans, sessions
from devsys.adapters.store.queries.aside import SetAside
from devsys.adapters.store.queries.asks import Ask, What
from devsys.adapters.store.queries.planning import Brief
from devsys.base.errors import Fault, InvalidError, NotAllowedError, NotFoundError
from devsys.base.limits import TEXT
from devsys.base.text import clean
from devsys.base.words import phrase, phrases
from devsys.base.written import clock, plain_day
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import Change, Difference
from devsys.core.model.issues import Issue, Level, in_order
from devsys.core.planning.check import Violation
from devsys.core.policy import scope

PINNED: Final = "pinned"  # cannot stand, and only a person may let it go
WAITING: Final = "waiting"  # cannot stand if somebody is still away by then
CROSSED: Final = "crossed"  # another version says otherwise of the same session
OUTDATED: Final = "outdated"  # another version was published since the draft was made
UNANSWERED: Final = "unanswered"  # a colleague was asked to lead it and has not said yes or no
SHORT_NOTICE: Final = "short_notice"  # a published session is changed inside the freeze window
LATE: Final = "late"  # moved behind the day its needs were due
STANDING: Final = "standing"  # broken as published already, neither caused nor cured by the draft


@dataclass(frozen=True, slots=True)
class Issues:
    """The issues of one plan in order, what was set aside of them, and the sessions they speak of, by id."""

    draft_id: str | None
    found: tuple[Issue, ...]
    aside: Mapping[str, SetAside]
    sessions: Mapping[str, Session]

    @property
    def blocks(self) -> tuple[Issue, ...]:
        """What blocks."""
        return tuple(i for i in self.found if i.level is Level.BLOCKS)

    @property
    def warns(self) -> tuple[Issue, ...]:
        """What warns and is not set aside."""
        return tuple(i for i in self.found if i.level is Level.WARNS and i.key not in self.aside)

    @property
    def quiet(self) -> tuple[Issue, ...]:
        """What was set aside."""
        return tuple(i for i in self.found if i.level is Level.WARNS and i.key in self.aside)

    @property
    def ordered(self) -> tuple[Issue, ...]:
        """Everything as the list shows it, for next and previous."""
        return (*self.blocks, *self.warns, *self.quiet)


def issues(parts: Parts, draft_id: str | None, site_id: str = "") -> Issues:
    """Give the issues of a draft, or of what is published; of that of one site when asked.

    Raises NotFoundError for a draft that is not there.
    """
    with parts.speaking():  # what an issue says is part of its key: it must not depend on who looks
        return _of_published(parts, site_id) if draft_id is None else _of_draft(parts, draft_id)


def _of_published(parts: Parts, site_id: str) -> Issues:
    now = parts.now()
    with parts.store.read() as db:
        number = plans.pointer(db)
        if not number:
            return _gathered(None, (), {}, {})
        brief = brief_of(db, site_id, now)
        quiet = aside.all_set_aside(db)
        drafts = plans.open_drafts(db)
        asked = asks.open_of(db, What.SUBSTITUTE, now)
    found = unsound(brief, About(site_id=site_id), now)
    kept = found.view.kept
    issues_ = list(_broken(found.broken, kept, now, stuck=found.stuck, waiting=found.waiting))
    issues_ += [_older(draft, number) for draft in drafts if draft.base != number]
    issues_ += [_unanswered(one, kept[one.session_id], brief) for one in asked if one.session_id in kept]
    return _gathered(None, issues_, quiet, kept)


def _unanswered(ask: Ask, session: Session, brief: Brief) -> Issue:
    name = next((p.name for p in brief.organisation.people if p.id == ask.person_id), phrase("Somebody"))
    words = phrase(
        "%(name)s was asked to lead it instead and has not answered; the question ends on %(day)s.",
        name=name,
        day=plain_day(ask.until),
    )
    return Issue(Level.WARNS, UNANSWERED, (words,), (session.id,), ask.person_id, session.starts_utc)


def _older(draft: plans.Draft, number: int) -> Issue:
    words = phrase(
        "The draft of %(day)s by %(who)s stands on version %(version)s; %(published)s is published.",
        day=plain_day(draft.created),
        who=draft.by,
        version=draft.base,
        published=number,
    )
    return Issue(Level.WARNS, OUTDATED, (words,), who=draft.id)


def _broken(
    violations: Iterable[Violation],
    kept: Mapping[str, Session],
    now: datetime,
    *,
    stuck: tuple[Violation, ...],
    waiting: frozenset[str],
) -> Iterable[Issue]:
    """Give broken rules as issues: one for each session and what it suffers from, one for each gap of a queue."""
    gathered: dict[tuple[str, str, str, Level], list[Violation]] = defaultdict(list)
    for violation in violations:
        ahead = sorted(
            (i for i in violation.sessions if i in kept and kept[i].starts_utc > now), key=lambda i: kept[i].starts_utc
        )
        if violation in stuck:
            place = (PINNED, violation.who, ahead[0], Level.BLOCKS)
        elif all(i in waiting for i in ahead):
            place = (WAITING, violation.who, "", Level.WARNS)
        else:
            one = violation.what if violation.rule == "coverage" else ahead[0]
            place = (violation.rule, violation.who, one, Level.BLOCKS)
        gathered[place].append(violation)
    for (kind, who, _, level), several in gathered.items():
        touched = sorted({i for v in several for i in v.sessions if i in kept}, key=lambda i: (kept[i].starts_utc, i))
        yield Issue(level, kind, _words(several), tuple(touched), who, kept[touched[0]].starts_utc)


def _words(violations: Iterable[Violation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v.what for v in violations))


def _of_draft(parts: Parts, draft_id: str) -> Issues:
    seen = preview(parts, draft_id)
    plans.must_be_open(seen.draft)
    now = parts.now()
    with parts.store.read() as db:
        brief = brief_for(db, seen.differences, now=now)
        changed = sessions.changed_in(db, draft_id)
        quiet = aside.all_set_aside(db)
    drafted = {s.id: s for s in brief.published} | {s.id: s for s in changed}
    touched = {d.after.id for d in seen.differences}
    blocking = list(_blocking(seen, drafted, touched))
    firm = frozen_until(now, parts.settings.freeze_days)
    warning = [
        *(_short_notice(d) for d in seen.differences if _is_short(d, firm)),
        *_late(brief, seen),
        *_standing(seen, drafted, touched),
    ]
    return _gathered(draft_id, [*blocking, *warning], quiet, drafted)


def _blocking(seen: Preview, drafted: Mapping[str, Session], touched: set[str]) -> Iterable[Issue]:
    if seen.outdated and seen.differences:
        words = phrase("Another plan was published since this draft was made: compare it again before it is published.")
        yield Issue(Level.BLOCKS, OUTDATED, (words,), who=seen.draft.id)
    for session_id, number in seen.crossed.items():
        words = phrase("Version %(version)s says otherwise of this session: say which one holds.", version=number)
        yield Issue(Level.BLOCKS, CROSSED, (words,), (session_id,), at=drafted[session_id].starts_utc)
    gathered: dict[tuple[str, str], list[Violation]] = defaultdict(list)
    for violation in seen.blocking:
        mine = sorted(i for i in violation.sessions if i in touched)
        one = violation.what if violation.rule == "coverage" else (mine or [""])[0]
        gathered[violation.rule, one].append(violation)
    for (rule, _), several in gathered.items():
        named = {i for v in several for i in v.sessions if i in drafted}
        ids = sorted(named & touched or named, key=lambda i: (drafted[i].starts_utc, i))
        at = drafted[ids[0]].starts_utc if ids else None
        yield Issue(Level.BLOCKS, rule, _words(several), tuple(ids), several[0].who, at)


def _is_short(found: Difference, firm: datetime) -> bool:
    """Say whether a published session is changed that starts, or will start, inside the freeze window."""
    sides = [s for s in (found.before, found.after) if s is not None]
    return found.change is not Change.NEW and min(s.starts_utc for s in sides) < firm


def _short_notice(found: Difference) -> Issue:
    after = found.after
    if found.change is Change.CANCELLED:
        act = phrase("It is left out inside the freeze window")
    elif found.change is Change.ALTERED:
        act = phrase("It is changed inside the freeze window")
    else:
        when = f"{plain_day(after.starts)} {clock(after.starts)}"
        act = phrase("It is moved inside the freeze window, to %(when)s", when=when)
    words = phrases(
        "%(act)s: %(num)s person has little time to hear of it.",
        "%(act)s: %(num)s people have little time to hear of it.",
        len(found.concerned),
        act=act,
    )
    if after.cause:
        words = f"{words} {phrase('Cause: %(cause)s.', cause=cause_words(after.cause))}"
    return Issue(Level.WARNS, SHORT_NOTICE, (words,), (found.after.id,), at=(found.before or found.after).starts_utc)


def _late(brief: Brief, seen: Preview) -> Iterable[Issue]:
    """Give sessions that the draft moves behind the day on which needs of their people were due."""
    moved = [d for d in seen.differences if d.before is not None and d.after.status is Status.PLANNED]
    if not moved:
        return
    due = {need.key: need.due for need in needs_of(brief, seen.draft.horizon)}
    for difference in moved:
        before, after = difference.before, difference.after
        missed = [
            due[place.need]
            for place in after.places
            if place.need in due and before is not None and before.starts_utc < due[place.need] <= after.starts_utc
        ]
        if missed:
            words = phrases(
                "It comes late for %(num)s person now: it was due before %(day)s.",
                "It comes late for %(num)s people now: it was due before %(day)s.",
                len(missed),
                day=plain_day(min(missed)),
            )
            yield Issue(Level.WARNS, LATE, (words,), (after.id,), at=after.starts_utc)


def _standing(seen: Preview, drafted: Mapping[str, Session], touched: set[str]) -> Iterable[Issue]:
    gathered: dict[str, list[Violation]] = defaultdict(list)
    for violation in seen.standing:
        mine = sorted(i for i in violation.sessions if i in touched)
        if mine:
            gathered[mine[0]].append(violation)
    for session_id, several in gathered.items():
        words = (*_words(several), phrase("It is so as published already; this draft neither causes nor cures it."))
        yield Issue(Level.WARNS, STANDING, words, (session_id,), several[0].who, drafted[session_id].starts_utc)


def _gathered(
    draft_id: str | None, found: Iterable[Issue], quiet: Mapping[str, SetAside], known: Mapping[str, Session]
) -> Issues:
    ordered = in_order(found)
    named = {i for issue in ordered for i in issue.sessions}
    return Issues(
        draft_id,
        ordered,
        {issue.key: quiet[issue.key] for issue in ordered if issue.key in quiet},
        {i: known[i] for i in named if i in known},
    )


def set_aside(  # noqa: PLR0917 -- what is set aside, of which plan and site, by whom and why
    parts: Parts, viewer: Viewer, draft_id: str | None, key: str, reason: str, site_id: str = ""
) -> None:
    """Set a warning aside with a reason that others read.

    Raises NotAllowedError, NotFoundError for an issue that is not there any more, InvalidError for what blocks or
    without a reason.
    """
    _may(viewer)
    reason = clean(reason, limit=TEXT)
    if not reason:
        raise InvalidError(
            phrase("Say why it may stay as it is."), (Fault("reason", phrase("say why: others read it")),)
        )
    issue = next((i for i in issues(parts, draft_id, site_id).found if i.key == key), None)
    if issue is None:
        raise NotFoundError(phrase("This issue is not there any more."))
    if issue.level is Level.BLOCKS:
        raise InvalidError(phrase("What blocks cannot be set aside: it has to be put right."))
    with parts.store.write() as db:
        aside.set_aside(db, key, reason, by_id=viewer.person_id, now=parts.now())
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="set issue aside", what=key)


def take_back(parts: Parts, viewer: Viewer, key: str) -> None:
    """Let a warning be heard again. Raises NotAllowedError, NotFoundError where it was not set aside."""
    _may(viewer)
    with parts.store.write() as db:
        if not aside.take_back(db, key):
            raise NotFoundError(phrase("This warning is not set aside."))
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="hear issue again", what=key)


def _may(viewer: Viewer) -> None:
    if not scope(viewer, "draft", "write").everything:
        raise NotAllowedError(phrase("Only a coordinator of all teams sets warnings aside."))
