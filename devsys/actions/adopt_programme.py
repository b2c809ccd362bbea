"""Programmes: adopted from the shipped files or a text, changed on screen, exported; checked together every time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, feeds, house, programme
from devsys.adapters.store.store import Db
from devsys.base import limits
from devsys.base.apart import apart
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.resources import folder, programme_files
from devsys.base.tree import tried
from devsys.base.words import phrase
from devsys.base.written import clock, plain_full_day
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Activity, Programme
from devsys.core.programmes.check import check_programmes, family_of
from devsys.core.programmes.read import read_programme
from devsys.core.programmes.write import write_programme


@dataclass(frozen=True, slots=True)
class Adoption:
    """What came of an adoption: titles of programmes that are new or changed, and of those that said the same."""

    taken: tuple[str, ...]
    same: tuple[str, ...]


def files(parts: Parts) -> Mapping[str, str]:
    """Give the programme files ready to adopt by name: the shipped ones, those of the own folder above them."""
    found: dict[str, str] = {}
    for place in (folder("schedules"), parts.settings.schedules):
        if place is not None and place.is_dir():
            for file in programme_files(place):
                data = limits.within(file.read_bytes(), limits.YAML_BYTES, file.name)
                found[file.name] = limits.decoded(data, file.name)
    return dict(sorted(found.items()))


def ready(parts: Parts) -> tuple[tuple[Programme, ...], tuple[Fault, ...]]:
    """Give the programmes ready to adopt, and what is wrong with files that cannot be read."""
    programmes: list[Programme] = []
    faults: list[Fault] = []
    for name, text in files(parts).items():
        found, wrong = read_programme(text, name)
        faults += wrong
        if found is not None:
            programmes.append(found)
    return tuple(programmes), tuple(faults)


def adopt(parts: Parts, text: str, by: str | None, name: str = "") -> Adoption:
    """Adopt the programme a YAML text holds, or bring the adopted one of the same code up to date.

    Raises InvalidError with every fault: of the text with its line, and of all programmes together (loops, unknown
    names, the boundaries gate). Nothing is written then.
    """
    if by is not None:
        apart(tried, text.encode(errors="replace")[: limits.YAML_BYTES + 1], what=phrase("This programme"))
    found, faults = read_programme(text, name or phrase("the file"))
    if found is None or faults:
        raise InvalidError(phrase("This programme cannot be adopted yet."), faults)
    return _take(parts, (found,), by)


def adopt_shipped(parts: Parts, codes: Iterable[str] = (), by: str | None = None) -> Adoption:
    """Adopt programmes from the folders with all they include; without codes, all of them.

    Raises NotFoundError for an unknown code, InvalidError when they do not fit together.
    """
    programmes, faults = ready(parts)
    if faults:
        raise InvalidError(phrase("A programme file cannot be read."), faults)
    wanted = tuple(codes) or tuple(p.code for p in programmes)
    family = {p.code: p for code in wanted for p in family_of(code, programmes)}
    return _take(parts, tuple(family.values()), by)


def change_activity(parts: Parts, code: str, changed: Activity, *, seen: int, by: str | None) -> None:
    """Replace one activity of an adopted programme.

    Raises ConflictError when the programme is no longer at the revision `seen`, NotFoundError for an unknown
    programme or activity, InvalidError when the programmes would no longer fit together.
    """
    with parts.store.read() as db:
        kept = _kept(db, code)
    if kept.revision != seen:
        raise ConflictError(_who_changed(kept))
    if changed.code not in {a.code for a in kept.programme.activities}:
        raise NotFoundError(phrase("There is no such activity."))
    activities = tuple(changed if a.code == changed.code else a for a in kept.programme.activities)
    _take(parts, (replace(kept.programme, activities=activities),), by, seen={code: seen})


def drop(parts: Parts, code: str, by: str | None) -> None:
    """Give up a programme; what is published of it stays, nothing new is planned.

    Raises InvalidError when another adopted programme needs it.
    """
    now = parts.now()
    with parts.store.write() as db:
        kept = _kept(db, code)
        rest = tuple(p for p in programme.adopted(db) if p.code != code)
        needs = tuple(f for f in check_programmes(rest) if f not in check_programmes((*rest, kept.programme)))
        if needs:
            raise InvalidError(phrase("Other programmes need %(title)s.", title=kept.programme.title), needs)
        programme.drop(db, code)
        house.next_revision(db)
        feeds.refresh(db, now)
        audit.record(db, at=now, by_id=by, act="drop programme", what=code)


def export(parts: Parts, code: str) -> str:
    """Give an adopted programme as YAML; adopting it again changes nothing. Raises NotFoundError."""
    with parts.store.read() as db:
        return _kept(db, code).text


def _take(parts: Parts, new: tuple[Programme, ...], by: str | None, seen: Mapping[str, int] | None = None) -> Adoption:
    for one in new:
        back, faults = read_programme(write_programme(one), one.code)
        if back != one:
            raise InvalidError(phrase("This programme cannot be adopted yet."), faults)
    now = parts.now()
    with parts.store.write() as db:
        for kept in programme.records(db):
            if seen and kept.programme.code in seen and kept.revision != seen[kept.programme.code]:
                raise ConflictError(_who_changed(kept))
        codes = {p.code for p in new}
        standing = programme.adopted(db)
        together = (*(p for p in standing if p.code not in codes), *new)
        old_faults = frozenset(check_programmes(standing))
        faults = tuple(f for f in check_programmes(together) if f not in old_faults)
        if faults:
            raise InvalidError(phrase("This does not fit together with the programmes adopted."), faults)
        taken = [p.title for p in new if programme.keep(db, p, by_id=by, now=now)]
        if taken:
            if not house.fact(db, house.PROGRAMME_EPOCH):
                house.set_fact(db, house.PROGRAMME_EPOCH, monday_of(now.date()).isoformat())
            house.next_revision(db)
            feeds.refresh(db, now)
            audit.record(db, at=now, by_id=by, act="adopt programme", what=" ".join(sorted(codes)))
    return Adoption(tuple(taken), tuple(p.title for p in new if p.title not in taken))


def _kept(db: Db, code: str) -> programme.Adopted:
    found = next((k for k in programme.records(db) if k.programme.code == code), None)
    if found is None:
        raise NotFoundError(phrase("There is no such programme among those adopted."))
    return found


def _who_changed(kept: programme.Adopted) -> str:
    when = phrase("%(day)s at %(time)s UTC", day=plain_full_day(kept.adopted), time=clock(kept.adopted))
    return phrase(
        "%(by)s changed %(title)s on %(when)s. Look at it again, then change it.",
        by=kept.by,
        title=kept.programme.title,
        when=when,
    )
