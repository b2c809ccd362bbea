"""Files of the organisation: a dry run shows what they would do, Confirm does it in one transaction or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, causes, feeds, house, people, programme, uploads
from devsys.adapters.store.store import Db
from devsys.base import limits
from devsys.base.apart import apart
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_keep
from devsys.core.intake.export import export_rows
from devsys.core.intake.kinds import kind_of, tried
from devsys.core.intake.resolve import EMPTY, after, judge
from devsys.core.intake.teaching import Adopted
from devsys.core.intake.values import Outcome, Refused, Warned
from devsys.core.model.access import Viewer
from devsys.core.model.causes import Contacts
from devsys.core.model.people import Absence, Organisation, Requirement

KEPT: Final = timedelta(days=1)
CONTACTS: Final = "contacts"
REPLACED: Final = to_keep("the requirement was brought anew")
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a file would do, judged against the organisation at `revision`.

    `upload_id` names the file for Confirm; it is empty when there is nothing to confirm.
    """

    upload_id: str
    name: str
    outcome: Outcome
    revision: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What Confirm did. Not `written`: the organisation changed since the dry run; `again` is a fresh one."""

    written: bool
    again: DryRun


def dry_run(parts: Parts, viewer: Viewer, kind: str, name: str, data: bytes) -> DryRun:
    """Say what a file would do; nothing of it is written but the file itself, for a day.

    Raises NotFoundError for an unknown kind; whatever is wrong with the file stands among the refused.
    """
    kind_of(kind)
    now = parts.now()
    outcome, revision = _tried(kind, data), 0
    if outcome is None:
        outcome, revision = _judged(parts, kind, data, now.date())
    upload_id = ""
    if outcome.writes:
        upload_id = new_id()
        with parts.store.write() as db:
            uploads.forget(db, before=now - KEPT)
            text = limits.decoded(data, "The file")
            uploads.keep(db, upload_id, by_id=viewer.person_id, kind=kind, name=name, text=text, now=now)
    return DryRun(upload_id, name, outcome, revision)


def confirm(parts: Parts, viewer: Viewer, upload_id: str, seen: int) -> Confirmed:
    """Write what a dry run showed, if the organisation still is at the revision `seen` there.

    Otherwise the file is judged again and nothing is written. Raises NotFoundError when the upload is not the
    viewer's, has been written already, or is older than a day.
    """
    with parts.store.read() as db:
        found = uploads.get(db, upload_id, by_id=viewer.person_id)
    if found is None:
        raise NotFoundError(phrase("This file is no longer kept. Bring it again."))
    outcome, revision = _judged(parts, found.kind, found.text.encode("utf-8"), parts.now().date())
    again = DryRun(upload_id, found.name, outcome, revision)
    if revision != seen or not outcome.writes:
        return Confirmed(written=False, again=again)
    with parts.store.write() as db:
        if house.revision(db) != seen:
            return Confirmed(written=False, again=replace(again, revision=house.revision(db)))
        _write(db, parts, outcome, viewer.person_id)
        uploads.drop(db, upload_id)
    return Confirmed(written=True, again=again)


def bring(parts: Parts, kind: str, data: bytes, *, dry_run: bool, by: str | None) -> Outcome:
    """Judge a file and, unless it is a dry run, write it at once: all of it or nothing.

    `by` is the id of who brings it, None for the command line. Raises NotFoundError for an unknown kind,
    ConflictError when the organisation keeps changing meanwhile.
    """
    kind_of(kind)
    refused = None if by is None else _tried(kind, data)
    if refused is not None:
        return refused
    for _ in range(_TRIES):
        outcome, revision = _judged(parts, kind, data, parts.now().date())
        if dry_run or not outcome.writes:
            return outcome
        with parts.store.write() as db:
            if house.revision(db) == revision:
                _write(db, parts, outcome, by)
                return outcome
    raise ConflictError(
        phrase("The organisation keeps changing while this file is judged. Nothing was written; try again.")
    )


def export(parts: Parts, kind: str) -> str:
    """Give what stands as a file of the same kind. Raises NotFoundError for a kind that is not kept as it came."""
    with parts.store.read() as db:
        return export_rows(kind, people.organisation(db))


def _tried(kind: str, data: bytes) -> Outcome | None:
    """Read a file that somebody brought in a process of its own first; give the refusal of one that takes too much."""
    try:
        apart(tried, kind.encode("ascii") + b"\n" + data, what=phrase("The file"))
    except InvalidError as error:
        return Outcome(kind, refused=(Refused(0, "", "", error.message),))
    return None


def _judged(parts: Parts, kind: str, data: bytes, today: date) -> tuple[Outcome, int]:
    with parts.store.read() as db:
        organisation = people.organisation(db)
        activities = programme.activities(db).values()
        known = Adopted()
        if activities:
            known = Adopted(frozenset(a.code for a in activities), frozenset(a.qualification for a in activities))
        if kind == CONTACTS:
            counted = {(c.week, c.queue_id, c.cause): c.contacts for c in causes.contacts(db)}
            known = replace(known, fixes=frozenset(causes.causes_by_key(db)), contacts=counted)
    return _with_ends(judge(kind, data, organisation, today, known), organisation), organisation.revision


def _anew(changes: Iterable[object], standing: Organisation) -> list[Requirement]:
    """Give the requirements whose typical week is another one than stands."""
    profiles = {r.queue_id: r.profile for r in standing.requirements}
    return [r for r in changes if isinstance(r, Requirement) and profiles.get(r.queue_id) != r.profile]


def _with_ends(outcome: Outcome, standing: Organisation) -> Outcome:
    """Warn of requirements that a fix made lower and that will stand in full again."""
    lower = {r.queue_id for r in standing.reliefs}
    ends = [r.queue_id for r in _anew(outcome.upserts, standing) if r.queue_id in lower]
    if not ends:
        return outcome
    names = {q.id: q.name for q in standing.queues}
    what = phrase(
        "a checked fix makes its requirement lower at present; that ends with this file, which knows of the fix itself"
    )
    return replace(outcome, warnings=(*outcome.warnings, *(Warned(0, "queue", names[i], what) for i in ends)))


def _write(db: Db, parts: Parts, outcome: Outcome, by_id: str | None) -> None:
    now = parts.now()
    if outcome.kind == CONTACTS:
        causes.keep_contacts(db, (r for r in outcome.upserts if isinstance(r, Contacts)))
    else:
        write_changes(db, parts, after(EMPTY, outcome), gone=outcome.removals)
    what = f"{len(outcome.new)} new, {len(outcome.changed)} changed"
    audit.record(db, at=now, by_id=by_id, act=f"import {outcome.kind}", what=what)


def write_changes(db: Db, parts: Parts, changes: Organisation, *, gone: Iterable[Absence] = ()) -> None:
    """Write what is new and changed of the organisation, with all that follows of it at once."""
    now = parts.now()
    with parts.speaking():
        _end_reliefs(db, changes, now)
    people.write_organisation(db, changes, today=now.date(), gone=gone)
    feeds.refresh(db, now, address=parts.settings.public_url)


def _end_reliefs(db: Db, changes: Organisation, now: datetime) -> None:
    """Let a typical week that is brought anew stand as it is: it knows of fixes itself what they saved."""
    if not changes.requirements:
        return
    anew = _anew(changes.requirements, replace(EMPTY, requirements=people.requirements(db)))
    why = phrase(REPLACED)
    for fix_id in causes.end_reliefs(db, why, now, queue_ids=[r.queue_id for r in anew]):
        words = phrase("The requirement stands in full again: %(why)s.", why=why)
        causes.note(db, fix_id, words, by_id=None, now=now)
