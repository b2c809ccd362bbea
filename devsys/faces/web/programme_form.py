"""The form of one activity: its fields, what was typed into them, and the figures a change makes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from devsys.adapters.store.queries import people, programme
from devsys.adapters.store.store import Db
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.model.programme import Activity, Cadence, Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes import read as bounds
from devsys.core.programmes.check import check_programmes
from devsys.core.programmes.figures import figures_of, typical_group
from devsys.faces.web.forms import Form
from devsys.faces.web.programmes import INTENSITIES, PRINCIPLES, crowd, fault_words, hours_words

Word = TypeVar("Word", bound=str)


def typed_of(a: Activity) -> dict[str, Any]:
    """Give an activity as the fields of its form."""
    c = a.cadence
    return {
        "title": a.title,
        "aim": a.aim,
        "minutes": a.minutes,
        "least": a.group[0],
        "most": a.group[1],
        "weeks": c.weeks,
        "grace_days": c.grace_days,
        "offset_weeks": c.offset_weeks,
        "settle_weeks": c.settle_weeks,
        "rotation": c.rotation,
        "steps": c.steps,
        "intensity": a.intensity.value,
        "recovery_minutes": a.recovery_minutes,
        "qualification": a.qualification,
        "room": a.room,
        "one_team": a.one_team,
        "prerequisites": a.prerequisites,
        "principles": tuple(p.value for p in a.principles),
        "teams": a.teams,
        "prepare": a.prepare,
        "outline": "\n".join(f"{minutes} {what}" for minutes, what in a.outline),
    }


def typed_again(form: Form, name: str, was: Any) -> Any:
    """Give what was typed into one field of the form, for showing it again."""
    if isinstance(was, bool):
        return form.tick(name)
    if isinstance(was, tuple):
        return form.all(name)
    return form.typed(name, str(was))


def changed(form: Form, a: Activity, known: Iterable[str], teams: Iterable[str]) -> Activity:
    """Give the activity as typed; faults stand in the form. Its code, kind and rhythm stay.

    `known` are the codes of all activities, `teams` those of the teams that stand.
    """
    minutes = form.number("minutes", least=bounds.SESSION[0], most=bounds.SESSION[1])
    if minutes % bounds.STEP_MINUTES:
        form.fault("minutes", phrase("Whole half hours: 30, 60, 90 …"))
    least = form.number("least", least=bounds.GROUP[0], most=bounds.GROUP[1])
    most = form.number("most", least=bounds.GROUP[0], most=bounds.GROUP[1])
    if least > most:
        form.fault("least", phrase("At most %(most)s, the most people.", most=most))
    return replace(
        a,
        title=form.text("title"),
        aim=form.text("aim", limit=bounds.AIM),
        minutes=minutes,
        group=(least, most),
        cadence=_cadence(form, a.cadence),
        intensity=Intensity(form.choice("intensity", [i.value for i in Intensity], default=a.intensity.value)),
        recovery_minutes=form.number("recovery_minutes", least=0, most=bounds.RECOVERY[1], default=0),
        qualification=form.text("qualification", limit=60),
        room=form.tick("room"),
        one_team=form.tick("one_team"),
        prerequisites=_in_order(form.several("prerequisites", [c for c in known if c != a.code]), a.prerequisites),
        principles=_in_order(
            tuple(Principle(p) for p in form.several("principles", [p.value for p in Principle])), a.principles
        ),
        teams=_teams(form, teams),
        prepare=form.text("prepare", limit=bounds.AIM, required=False),
        outline=_outline(form),
    )


def _in_order(found: tuple[Word, ...], was: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give what is ticked in the order it had, so that a form kept untouched changes nothing."""
    return (*(word for word in was if word in found), *(word for word in found if word not in was))


def _teams(form: Form, teams: Iterable[str]) -> tuple[str, ...]:
    found = tuple(word for word in (part.strip() for part in form.text("teams", required=False).split(",")) if word)
    unknown = [word for word in found if word not in set(teams)]
    if unknown:
        form.fault(
            "teams",
            phrase(
                "No team has the code %(unknown)s. Codes stand in the file of teams; part them by commas.",
                unknown=unknown[0],
            ),
        )
    return found


def _cadence(form: Form, c: Cadence) -> Cadence:
    weeks = form.number("weeks", least=bounds.WEEKS[0], most=bounds.WEEKS[1])
    grace = form.number("grace_days", least=0, most=bounds.GRACE_DAYS, default=0)
    if c.rhythm is Rhythm.REQUEST:
        return replace(c, weeks=weeks, grace_days=grace, steps=form.number("steps", least=1, most=bounds.STEPS[1]))
    offset = form.number("offset_weeks", least=0, most=bounds.WEEKS[1], default=0)
    settle = form.number("settle_weeks", least=0, most=bounds.WEEKS[1], default=0)
    c = replace(c, weeks=weeks, grace_days=grace, offset_weeks=offset, settle_weeks=settle)
    if c.rhythm is Rhythm.EVERY:
        c = replace(c, rotation=form.text("rotation", limit=60, required=False))
    return c


def _outline(form: Form) -> tuple[tuple[int, str], ...]:
    found = []
    for text in form.text("outline", long=True, required=False).splitlines():
        first, _, what = text.strip().partition(" ")
        if not text.strip():
            continue
        minutes = int(first) if first.isascii() and first.isdigit() and len(first) < 4 else 0  # noqa: PLR2004
        if not (bounds.OUTLINE_MINUTES[0] <= minutes <= bounds.OUTLINE_MINUTES[1]) or not what.strip():
            form.fault(
                "outline",
                phrase("Each line: minutes, a space, what happens. For example: 20 One situation, told in full."),
            )
            continue
        found.append((minutes, what.strip()))
    if len(found) > bounds.MOST_LINES:
        form.fault("outline", phrase("At most %(most_lines)s lines.", most_lines=bounds.MOST_LINES))
    return tuple(found)


def edit_options(db: Db, p: Programme, a: Activity) -> dict[str, Any]:
    """Give what can be chosen in the form, and the words of what stays."""
    known = programme.activities(db)
    return {
        "programme": p.title,
        "title": a.title,
        "kind": a.kind.value,
        "rhythm": a.cadence.rhythm.value,
        "intensities": [(i.value, word) for i, word in INTENSITIES.items()],
        "principle_options": [(p.value, word) for p, word in PRINCIPLES.items()],
        "prerequisite_options": [
            (code, found.title)
            for code, found in known.items()
            if (code != a.code and found.cadence.rhythm is Rhythm.ONCE) or code in a.prerequisites
        ],
        "qualifications": sorted(people.qualifications(db)),
        "is_round": a.kind is Kind.ROUND,
    }


def live(db: Db, p: Programme, was: Activity, changed: Activity, today: date) -> dict[str, Any]:
    """Give the figures of a programme with one activity changed, beside those it has now."""
    standing = programme.adopted(db)
    after = tuple(
        replace(q, activities=tuple(changed if a.code == was.code else a for a in q.activities))
        if q.code == p.code
        else q
        for q in standing
    )
    heads, sizes = crowd(db, today)
    old, new = (figures_of(all_, heads, team_sizes=sizes) for all_ in (standing, after))
    mine_old, mine_new = (next(r for r in f.activities if r.code == was.code) for f in (old, new))
    already = set(check_programmes(standing))
    wrong = [fault_words(f.where, f.what) for f in check_programmes(after) if f not in already]
    return {
        "rows": [
            (
                phrase("Minutes a person and year"),
                number(round(mine_old.minutes_a_year + mine_old.once_minutes)),
                number(round(mine_new.minutes_a_year + mine_new.once_minutes)),
            ),
            (
                phrase("Hours off the queue a week"),
                hours_words(mine_old.hours_a_week) or "0",
                hours_words(mine_new.hours_a_week) or "0",
            ),
            (
                phrase("Facilitator hours a week"),
                hours_words(mine_old.facilitator_hours_a_week) or "0",
                hours_words(mine_new.facilitator_hours_a_week) or "0",
            ),
            (
                phrase("All programmes, hours off the queue a week"),
                hours_words(old.hours_a_week) or "0",
                hours_words(new.hours_a_week) or "0",
            ),
        ],
        "group": phrase("with groups of %(changed)s", changed=typical_group(changed))
        if changed.group[1] > 1
        else phrase("one to one"),
        "people": heads,
        "wrong": wrong,
    }
