"""Sessions as a viewer may see them: masked where only the taken time is theirs to know, with names and states."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from devsys.adapters.store.queries import calendar_figures, house, programme
from devsys.adapters.store.queries.calendar_figures import Member, Named
from devsys.adapters.store.store import Db
from devsys.base.limits import WHOLE_PEOPLE
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import day, period, short_moment
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.model.programme import Activity, Kind
from devsys.core.policy import may_know, scope
from devsys.faces.web.here import parts
from devsys.faces.web.year_values import kind_of

State = Literal["published", "draft", "pinned", "frozen", "held", "cancelled"]
MASKED_TITLE: Final = to_phrase("1:1 development")
SHORT: Final[Mapping[str, str]] = {
    "round": to_phrase("Round"),
    "coaching": "1:1",
    "boundaries": to_phrase("Boundaries"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What sessions are named by: activities by code; people, teams, rooms, sites by id."""

    activities: Mapping[str, Activity]
    people: Mapping[str, Member]
    teams: Mapping[str, Named]
    rooms: Mapping[str, Named]
    sites: Mapping[str, Named]

    def person(self, person_id: str | None) -> str:
        """Give a person's name, empty for nobody."""
        found = self.people.get(person_id or "")
        return found.name if found else ""

    def room(self, room_id: str | None) -> str:
        """Give a room's name, empty for none."""
        found = self.rooms.get(room_id or "")
        return found.name if found else ""

    def team(self, team_id: str | None) -> str:
        """Give a team's name, empty for none."""
        found = self.teams.get(team_id or "")
        return found.name if found else ""


def names(db: Db) -> Names:
    """Give all names: five reads, whatever is shown; of a large organisation kept while it stays as it is."""
    facts = house.facts(db)
    key = (parts().store.url, facts.get(house.FEED_EPOCH, ""), facts.get(house.ORGANISATION_REVISION, "0"))
    kept = _kept.get(key)
    if kept is not None:
        return replace(kept, activities=programme.activities(db))
    found = _read_names(db)
    if len(found.people) > WHOLE_PEOPLE:
        _kept.clear()  # of one moment only
        _kept[key] = found
    return found


_kept: dict[tuple[str, str, str], Names] = {}


def _read_names(db: Db) -> Names:
    return Names(
        activities=programme.activities(db),
        people=calendar_figures.members(db),
        teams=calendar_figures.teams(db),
        rooms=calendar_figures.rooms(db),
        sites=calendar_figures.sites(db),
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """What decides a session's state: now, the end of the freeze window, the ids a draft changes."""

    now: datetime
    frozen_until: datetime
    drafted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as one viewer sees it; `full` is False where only the taken time may be known.

    `who` says which teams come and who leads, `brief` the same in few words; `place` is the room or "online".
    """

    session: Session
    kind: str
    title: str
    short: str
    full: bool
    state: State
    facilitator: str
    who: str
    brief: str
    place: str


def discreet(words: str, known: Names) -> str:
    """Give a sentence of the planner without the themes of coaching: in a calendar only the taken time is known."""
    for activity in known.activities.values():
        if activity.kind is Kind.COACHING:
            words = words.replace(activity.title, str(MASKED_TITLE))
    return words


def unseen_activities(viewer: Viewer, activities: Mapping[str, Activity]) -> frozenset[str]:
    """Give the activities whose single requests others than the viewer made are not the viewer's to know: coaching."""
    if scope(viewer, "coaching_series", "read").everything:
        return frozenset()
    return frozenset(code for code, activity in activities.items() if activity.kind is Kind.COACHING)


def state_of(session: Session, moment: Moment) -> State:
    """Give the state a session is shown in: one word, one shape."""
    if session.status is Status.CANCELLED:
        return "cancelled"
    if session.id in moment.drafted:
        return "draft"
    if session.ends_utc <= moment.now:
        return "held"
    if session.pinned:
        return "pinned"
    return "frozen" if session.starts_utc < moment.frozen_until else "published"


def seen(session: Session, viewer: Viewer, known: Names, moment: Moment) -> Seen:
    """Give a session as the viewer may see it."""
    kind = kind_of(session.activity, known.activities)
    coaching = kind == Kind.COACHING.value
    full = not coaching or may_know(viewer, session)
    activity = known.activities.get(session.activity)
    title = (activity.title if activity else session.activity) if full else MASKED_TITLE
    # Whoever moves sessions must know whose time it is; a lead sees the person away, not with whom.
    leads = full or viewer.has(Role.COORDINATOR, Role.ADMINISTRATOR)
    facilitator = known.person(session.facilitator_id) if leads else ""
    people = people_words(session, known, one=coaching)
    return Seen(
        session=session,
        kind=kind,
        title=title,
        short=SHORT.get(kind) or short_title(title),
        full=full,
        state=state_of(session, moment),
        facilitator=facilitator,
        who=" · ".join(words for words in (people, facilitator) if words),
        brief=" · ".join(words for words in (crowd_words(session, known) or people, facilitator) if words),
        place=known.room(session.room_id) or phrase("online"),
    )


def short_title(title: str) -> str:
    """Give the words of a title that fit a block of the week: what stands before a colon, or the whole."""
    return title.split(":", maxsplit=1)[0].strip() or title


def people_words(session: Session, known: Names, *, one: bool = False) -> str:
    """Say who comes: "4 of Billing, 2 of Returns"; a single person by name where `one` may be named."""
    if one and len(session.places) == 1:
        return known.person(session.places[0].person_id)
    counts = Counter(known.team(known.people[p].team_id) for p in session.people if p in known.people)
    return ", ".join(
        phrase("%(count)s of %(team)s", count=count, team=team)
        if team
        else phrase("%(count)s without a team", count=count)
        for team, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def crowd_words(session: Session, known: Names) -> str:
    """Say how many people of how many teams come where they are of more than two; else nothing."""
    teams = {known.people[p].team_id for p in session.people if p in known.people}
    if len(teams) <= 2:  # noqa: PLR2004
        return ""
    return phrase("%(people)s people of %(teams)s teams", people=len(session.people), teams=len(teams))


def teams_words(session: Session, known: Names) -> str:
    """Say which teams come and how many people: "Billing, Returns · 6"."""
    counts = Counter(known.team(known.people[p].team_id) for p in session.people if p in known.people)
    teams = [team for team, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if team]
    shown = ", ".join(teams)
    if len(teams) > 2:  # noqa: PLR2004
        shown = phrase("%(team)s and %(num)s more teams", team=teams[0], num=len(teams) - 1)
    return (
        f"{shown} · {len(session.places)}"
        if shown
        else phrases("%(num)s person", "%(num)s people", len(session.places))
    )


def when_words(session: Session) -> str:
    """Give "Tue 23 March, 14:30-15:30", local to the session."""
    return f"{day(session.starts.date())}, {period(session.starts, session.ends)}"


def short_when(session: Session) -> str:
    """Give "Tue 23 Mar, 14:30", local to the session."""
    return short_moment(session.starts)
