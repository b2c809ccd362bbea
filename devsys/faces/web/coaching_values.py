"""Coaching as pages say it: times in words, a proposal with its reasons, a series as one line of dots."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from devsys.actions.request_coaching import Wish
from devsys.base.words import phrase, to_phrase
from devsys.base.written import WEEKDAYS, clock, day, period, several, zone_name
from devsys.core.coaching.match import Coach, Option, explain, part_of_day
from devsys.core.coaching.match import Wish as Wanted
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import Offer, Request
from devsys.core.model.programme import Activity, Principle
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.programmes import PRINCIPLES
from devsys.faces.web.shown import session_link

_DOTS: Final = {
    "held": to_phrase("held"),
    "coach away": to_phrase("coach away"),
    "now": to_phrase("next"),
    "planned": to_phrase("planned"),
}
HALVES: Final = tuple(f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(48))
DAYS: Final = tuple((str(n), name) for n, name in enumerate(WEEKDAYS))
WORKING_DAYS: Final = tuple(str(n) for n in range(5))


def theme_words(request: Request, activities: Mapping[str, Activity]) -> str:
    """Give what a request is about: the principle it names, else its activity's title."""
    if request.principle in {p.value for p in Principle}:
        return PRINCIPLES[Principle(request.principle)]
    return title_of(request.activity, activities)


def title_of(code: str, activities: Mapping[str, Activity]) -> str:
    """Give the title of an activity, also of one that is no longer in the programme."""
    known = activities.get(code)
    return known.title if known else code.replace("_", " ").capitalize() or phrase("Coaching")


def times_words(preferred: Iterable[tuple[int, time, time]]) -> str:
    """Say the times that suit: one sentence for all days of the same hours."""
    by_hours: dict[tuple[time, time], list[str]] = {}
    for weekday, start, end in preferred:
        by_hours.setdefault((start, end), []).append(WEEKDAYS[weekday])
    said = [f"{several(names)}, {start:%H:%M}\u2013{end:%H:%M}" for (start, end), names in by_hours.items()]
    return "; ".join(said) or phrase("any working time")


def offer_values(offer: Offer, request: Request, coach: Coach, theme: str, zone: str) -> dict[str, Any]:
    """Give a proposal as the page shows it: with whom, when, why."""
    starts = tuple(local(s, zone) for s in offer.starts)
    option = Option(coach.id, starts, offer.steps, offer.wished, offer.spare)
    wish = Wanted(request.preferred, request.language, request.former_id or "")
    return {
        "key": offer.key,
        "coach": coach.name,
        "first": f"{day(starts[0])}, {clock(starts[0])}",
        "dates": [f"{day(s)}, {clock(s)}" for s in starts],
        "half": part_of_day(starts),
        "reasons": explain(option, wish, coach, theme),
        "zone": zone_name(zone),
    }


def dots(sessions: Sequence[Session], steps: int, moment: datetime, away: frozenset[str]) -> list[dict[str, str]]:
    """Give a series as one line: each date with its state in a word, and what is still to be found."""
    line = []
    for number, session in enumerate(sessions, 1):
        held = session.ends_utc <= moment
        ahead = [s for s in sessions if s.starts_utc > moment]
        state = "held" if held else "coach away" if session.id in away else ""
        if not state and ahead and ahead[0].id == session.id:
            state = "now"
        line.append(
            {
                "number": str(number),
                "when": f"{day(session.starts)}, {period(session.starts, session.ends)}",
                "href": session_link(session.id),
                "state": state or "planned",
                "word": _DOTS[state or "planned"],
                "id": session.id,
            }
        )
    line += [
        {
            "number": str(n),
            "when": phrase("still to be found"),
            "href": "",
            "state": "open",
            "word": phrase("open"),
            "id": "",
        }
        for n in range(len(sessions) + 1, steps + 1)
    ]
    return line


def wish_of(form: Form, themes: Iterable[str], *, draft: bool = False) -> Wish:
    """Read the form of a request; a draft may be as incomplete as it likes."""
    theme = form.choice("theme", list(themes), default="")
    if not theme and not draft:
        form.fault("theme", phrase("Choose what it is about."))
    hope = form.text("hope", long=True, required=False)
    if not hope and not draft:
        form.fault("hope", phrase("Say in a sentence what should be better in six weeks."))
    days, start, end = times_of(form)
    if not days and not draft:
        form.fault("days", phrase("Tick at least one day."))
    return Wish(
        theme=theme,
        hope=hope,
        days=days,
        start=start,
        end=end,
        language=form.text("language", required=False),
        former=form.text("former", required=False),
        not_lead=form.tick("not_lead"),
        tell_lead=form.tick("tell_lead"),
    )


def times_of(form: Form) -> tuple[tuple[int, ...], time, time]:
    """Read the times that suit."""
    days = tuple(int(n) for n in form.several("days", [code for code, _ in DAYS]))
    start, end = form.choice("from", HALVES, default="09:00"), form.choice("until", HALVES, default="17:00")
    return days, time.fromisoformat(start), time.fromisoformat(end)


def typed(form: Form, request: Request | None, hope: str = "", only: str = "") -> dict[str, Any]:
    """Give what stands in the form: what was typed, else the draft, else what is usual."""
    if form.faults or request is None:
        return {
            "theme": form.typed("theme", only),
            "hope": form.typed("hope"),
            "days": form.all("days") if form.faults else WORKING_DAYS,
            "start": form.typed("from", "09:00"),
            "end": form.typed("until", "17:00"),
            "language": form.typed("language"),
            "former": form.typed("former"),
            "not_lead": form.tick("not_lead"),
            "tell_lead": form.tick("tell_lead"),
        }
    first = request.preferred[0] if request.preferred else (0, time(9), time(17))
    return {
        "theme": f"principle:{request.principle}" if request.principle else request.activity,
        "hope": hope,
        "days": [str(d) for d, _, _ in request.preferred] or WORKING_DAYS,
        "start": f"{first[1]:%H:%M}",
        "end": f"{first[2]:%H:%M}",
        "language": request.language,
        "former": request.former_id or "",
        "not_lead": request.not_lead,
        "tell_lead": request.tell_lead,
    }
