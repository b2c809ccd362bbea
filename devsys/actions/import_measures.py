"""Readings from files: a mapping kept per source, a dry run, Confirm; all of a file or nothing, contacts not kept."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.actions.review_improvement import JOB as REVIEW
from devsys.adapters.store.queries import audit, measures, rollouts, runs, uploads
from devsys.adapters.store.queries.measures import Days, Source, Standing
from devsys.adapters.store.store import Db
from devsys.base import limits, tree
from devsys.base.apart import apart
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.sheet import read_sheet, tried
from devsys.base.words import phrase
from devsys.core.improvement.mapping import SourceMapping, read_mapping
from devsys.core.improvement.metrics import MEASURES, Measure
from devsys.core.improvement.readings import OwnReading, Reading, Span, Summed, sum_up
from devsys.core.model.access import Viewer

KEPT: Final = timedelta(days=1)
_KIND: Final = "measures"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file would do: its sums, and how many readings (of teams and people) are new, changed, same, gone."""

    summed: Summed
    new: int
    changed: int
    same: int
    gone: int

    @property
    def writes(self) -> bool:
        """Say whether anything would be written."""
        return bool(self.new or self.changed or self.gone)


@dataclass(frozen=True, slots=True)
class DryRun:
    """A judged file; `upload_id` names it for Confirm, empty when there is nothing to confirm."""

    upload_id: str
    name: str
    found: Found


def all_sources(db: Db) -> tuple[tuple[Source, SourceMapping], ...]:
    """Give every source with its mapping."""
    found = []
    for source in measures.sources(db):
        mapping, _ = read_mapping(source.text)
        if mapping is not None:
            found.append((source, mapping))
    return tuple(found)


def all_measures(db: Db) -> dict[str, Measure]:
    """Give every measure by key: the shipped ones, then those the sources bring."""
    own = {m.key: m for _, mapping in all_sources(db) for m in mapping.own_measures}
    return {**MEASURES, **own}


def keep_mapping(parts: Parts, viewer: Viewer | None, text: str, *, source: str = "") -> SourceMapping:
    """Keep the mapping of a source, new or in place of its former one; `source` is the code it must have, if any.

    Raises InvalidError with the line of every fault, and where a measure of the organisation's own is described
    otherwise by another source.
    """
    if viewer is not None:
        apart(tree.tried, text.encode(errors="replace")[: limits.YAML_BYTES + 1], what=phrase("This description"))
    mapping, faults = read_mapping(text)
    if mapping is None:
        raise InvalidError(phrase("The mapping cannot be taken; nothing was kept."), faults)
    if source and mapping.source != source:
        raise InvalidError(
            phrase(
                "The mapping is that of %(found)s, not of %(source)s; nothing was kept.",
                found=mapping.source,
                source=source,
            )
        )
    now = parts.now()
    with parts.store.write() as db:
        for known, other in all_sources(db):
            if known.code != mapping.source:
                _alike(mapping, other, known)
        measures.keep_source(db, mapping.source, mapping.title, text, now=now)
        audit.record(db, at=now, by_id=viewer.person_id if viewer else None, act="keep mapping", what=mapping.source)
    return mapping


def _alike(mapping: SourceMapping, other: SourceMapping, source: Source) -> None:
    known = {m.key: m for m in other.own_measures}
    for measure in mapping.own_measures:
        if known.get(measure.key, measure) != measure:
            raise InvalidError(
                phrase(
                    "The measure %(key)s is described otherwise by %(title)s; nothing was kept.",
                    key=measure.key,
                    title=source.title,
                ),
                (Fault("measures", phrase("%(key)s as there, or another code", key=measure.key)),),
            )


def dry_run(parts: Parts, viewer: Viewer, code: str, data: bytes, *, name: str, span: Span) -> DryRun:
    """Say what a file would do; nothing of it is written but the file itself, for a day.

    Raises NotFoundError for an unknown source, InvalidError with line and column of every fault.
    """
    with parts.store.read() as db:
        mapping = _mapping(db, code)
    apart(tried, data, what=phrase("The file"))
    with parts.store.read() as db:
        found = _judged(db, parts, mapping, data, span)
    upload_id = ""
    if found.writes:
        upload_id, now = new_id(), parts.now()
        with parts.store.write() as db:
            uploads.forget(db, before=now - KEPT)
            text, kind = limits.decoded(data, phrase("The file")), _kind(code, span)
            uploads.keep(db, upload_id, by_id=viewer.person_id, kind=kind, name=name, text=text, now=now)
    return DryRun(upload_id, name, found)


def confirm(parts: Parts, viewer: Viewer, code: str, upload_id: str) -> Found:
    """Write what a dry run showed, judged once more against what stands now; give what it did.

    Raises NotFoundError when the upload is not the viewer's, is written already, or is older than a day.
    """
    with parts.store.write() as db:
        kept = uploads.get(db, upload_id, by_id=viewer.person_id)
        if kept is None or not kept.kind.startswith(f"{_KIND}:{code}:"):
            raise NotFoundError(phrase("This file is no longer kept. Bring it again."))
        found = _bring(db, parts, _mapping(db, code), kept.text.encode(), span=_span(kept.kind), by_id=viewer.person_id)
        uploads.drop(db, upload_id)
    return found


def bring(parts: Parts, code: str, data: bytes, span: Span, *, dry_run: bool, by: str | None = None) -> Found:
    """Judge a file of a source and, unless it is a dry run, write it at once. Raises as `dry_run` does."""
    if by is not None:
        apart(tried, data, what=phrase("The file"))
    if dry_run:
        with parts.store.read() as db:
            return _judged(db, parts, _mapping(db, code), data, span)
    with parts.store.write() as db:
        return _bring(db, parts, _mapping(db, code), data, span=span, by_id=by)


def _bring(db: Db, parts: Parts, mapping: SourceMapping, data: bytes, *, span: Span, by_id: str | None) -> Found:
    found = _judged(db, parts, mapping, data, span)
    if found.writes:
        days = _days(mapping, found.summed)
        measures.replace(db, days, found.summed.readings, found.summed.own)
        what = f"{found.new} new, {found.changed} changed, {found.gone} gone"
        audit.record(db, at=parts.now(), by_id=by_id, act="import measures", what=what)
        if found.summed.own and rollouts.every(db):  # what people had may change what an effect is
            now = parts.now()
            runs.ask(db, REVIEW, period=f"readings {now:%Y-%m-%d %H:%M}", by_id=by_id, now=now)
    return found


def _mapping(db: Db, code: str) -> SourceMapping:
    for source, mapping in all_sources(db):
        if source.code == code:
            return mapping
    raise NotFoundError(phrase("There is no source %(code)s.", code=code[:60]))


def _judged(db: Db, parts: Parts, mapping: SourceMapping, data: bytes, span: Span) -> Found:
    sheet = read_sheet(data, phrase("The file"), most_bytes=limits.READINGS_BYTES, most_lines=limits.READINGS_LINES)
    today = parts.now().date()
    summed = sum_up(sheet, mapping, measures.roster(db, today), today, span)
    days = _days(mapping, summed)
    standing = measures.standing(db, days)
    _see_no_cut(standing, days)
    new, old = _by_key(Standing(summed.readings, summed.own)), _by_key(standing)
    same = sum(old.get(key) == reading for key, reading in new.items())
    return Found(
        summed,
        new=len(new.keys() - old.keys()),
        changed=len(new.keys() & old.keys()) - same,
        same=same,
        gone=len(old.keys() - new.keys()),
    )


def _days(mapping: SourceMapping, summed: Summed) -> Days:
    teams = tuple(sorted({r.team_id for r in summed.readings}))
    return Days(tuple(one.measure.key for one in mapping.measures), teams, summed.first, summed.last)


Key = tuple[str, str, str, date]


def _by_key(found: Standing) -> dict[Key, Reading | OwnReading]:
    teams: dict[Key, Reading | OwnReading] = {(r.measure, r.team_id, "", r.first): r for r in found.readings}
    return teams | {(r.measure, r.team_id, r.person_id, r.first): r for r in found.own}


def _see_no_cut(standing: Standing, days: Days) -> None:
    """See that no sum that stands has days the file covers and days it does not: it cannot be taken apart."""
    for reading in standing.readings:
        if reading.first < days.first or reading.last > days.last:
            raise ConflictError(
                phrase(
                    "The days %(first)s to %(last)s stand as one sum, and the file covers only some of them "
                    "(%(begins)s to %(ends)s). Nothing was written; bring a file that has all of these "
                    "days, or none.",
                    first=reading.first,
                    last=reading.last,
                    begins=days.first,
                    ends=days.last,
                )
            )


def _kind(code: str, span: Span) -> str:
    first, last = (day.isoformat() if day else "" for day in (span.first, span.last))
    return f"{_KIND}:{code}:{first}:{last}"


def _span(kind: str) -> Span:
    first, last = kind.split(":")[-2:]
    return Span(*(date.fromisoformat(day) if day else None for day in (first, last)))
