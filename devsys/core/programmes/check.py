"""Whether programmes hold together: codes, includes, prerequisites, the boundaries gate, rotations, hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from devsys.base.errors import Fault, NotFoundError
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.model.programme import Activity, Intensity, Kind, Programme, Rhythm
from devsys.core.programmes.figures import HOUR, YEAR_WEEKS, figures_of, start_hours
from devsys.core.programmes.read import read_with_lines

# Techniques: what nobody learns before knowing how to keep a distance (S3). Case rounds are open to all.
GATED = frozenset({Kind.SKILL, Kind.DIGITAL, Kind.CROSS_CULTURAL, Kind.EMOTIONAL_SUPPORT, Kind.COACHING})
_Found = tuple[str, str, str]  # programme or programme/activity, field, what is wrong
_NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Checked:
    """The programmes of some files that could be read, and everything that is wrong with any of them."""

    programmes: tuple[Programme, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Stand:
    """An activity in its programme."""

    programme: str
    activity: Activity

    @property
    def key(self) -> str:
        return f"{self.programme}/{self.activity.code}"


def check_files(files: Mapping[str, str]) -> Checked:
    """Read files (name -> text) and check them together; every fault names its file and line."""
    programmes: list[Programme] = []
    places: dict[str, str] = {}
    faults: list[Fault] = []
    for name, text in files.items():
        programme, stands, found = read_with_lines(text, name)
        faults += found
        if programme is not None and programme.code in places:
            what = phrase(
                "a second programme of the code %(code)s; the first is at %(place)s",
                code=programme.code,
                place=places[programme.code],
            )
            faults.append(Fault(stands[f"{programme.code}:programme"], what))
        elif programme is not None:
            programmes.append(programme)
            places.update(stands)
    if not faults:  # a programme that could not be read would be missed by all that need it
        faults += check_programmes(programmes, places)
    return Checked(tuple(programmes), tuple(faults))


def check_programmes(programmes: Sequence[Programme], places: Mapping[str, str] = _NOWHERE) -> tuple[Fault, ...]:
    """Give what is wrong between programmes that are each well formed.

    `places` gives `file:line` by programme code and by `programme/activity`, either with `:field` behind it
    (see `read_with_lines`); without it a fault stands at the programme or activity.
    """
    stands = tuple(_Stand(p.code, a) for p in programmes for a in p.activities)
    known: dict[str, Activity] = {}
    for stand in stands:
        known.setdefault(stand.activity.code, stand.activity)
    found = [*_doubles(programmes, stands), *_includes(programmes), *_rotations(stands)]
    for stand in stands:
        found += _prerequisites(stand, known)
    found += _loops(stands, known)
    found += _gate(stands, known)
    return tuple(_placed(key, field, what, places) for key, field, what in found)


def _placed(key: str, field: str, what: str, places: Mapping[str, str]) -> Fault:
    return Fault(places.get(f"{key}:{field}", places.get(key, key)), what)


def check_demand(programmes: Sequence[Programme], people: int, spare_hours_per_week: float) -> tuple[Fault, ...]:
    """Give a fault when the programmes ask for more hours off the queue than there are.

    `spare_hours_per_week` is what all queues together can spare in a usual week, in hours of agents.
    """
    figures = figures_of(programmes, people)
    if figures.hours_a_week > spare_hours_per_week:
        kind, minutes = max(figures.by_kind.items(), key=lambda item: item[1])
        hours = people * minutes / HOUR / YEAR_WEEKS
        return (
            Fault(
                "hours",
                phrase(
                    "%(asked)s a week are asked of %(people)s people, the queues can spare "
                    "%(spare)s; most goes to %(kind)s (%(most)s): make it shorter or rarer, "
                    "or limit its teams",
                    asked=_hours(figures.hours_a_week),
                    people=number(people),
                    spare=_hours(spare_hours_per_week),
                    kind=kind.replace("_", " "),
                    most=_hours(hours),
                ),
            ),
        )
    start = start_hours(programmes, people)
    worst = max(start)
    if worst > spare_hours_per_week:
        week = start.index(worst) + 1
        return (
            Fault(
                "hours",
                phrase(
                    "at the start %(worst)s are asked in week %(week)s, the queues can spare "
                    "%(spare)s: give what is held once more weeks",
                    worst=_hours(worst),
                    week=week,
                    spare=_hours(spare_hours_per_week),
                ),
            ),
        )
    return ()


def family_of(code: str, programmes: Sequence[Programme]) -> tuple[Programme, ...]:
    """Give a programme and all it includes, also by way of others, each once, itself first.

    Raises NotFoundError when one of them is not among `programmes`.
    """
    by_code = {p.code: p for p in programmes}
    found: dict[str, Programme] = {}
    waiting = [code]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        if name not in by_code:
            raise NotFoundError(
                phrase(
                    "There is no programme %(name)s. Known are %(known)s.",
                    name=name,
                    known=", ".join(sorted(by_code)) or phrase("none"),
                )
            )
        found[name] = by_code[name]
        waiting += by_code[name].includes
    return tuple(found.values())


def _hours(hours: float) -> str:
    return phrase("%(hours)s hours", hours=number(round(hours)))


def _doubles(programmes: Sequence[Programme], stands: Sequence[_Stand]) -> Iterable[_Found]:
    seen: set[str] = set()
    for programme in programmes:
        if programme.code in seen:
            yield (
                programme.code,
                "programme",
                phrase("a second programme of the code %(code)s; give one another code", code=programme.code),
            )
        seen.add(programme.code)
    first: dict[str, str] = {}
    for stand in stands:
        code = stand.activity.code
        if code in first:
            yield (
                stand.key,
                "code",
                phrase(
                    "a second activity of the code %(code)s; the first is in %(first)s", code=code, first=first[code]
                ),
            )
        first.setdefault(code, stand.programme)


def _includes(programmes: Sequence[Programme]) -> Iterable[_Found]:
    by_code = {p.code: p.includes for p in programmes}
    for programme in programmes:
        for name in programme.includes:
            if name not in by_code:
                yield programme.code, "includes", phrase("includes %(name)s, which is not here", name=name)
    for loop in _loops_in({code: [n for n in names if n in by_code] for code, names in by_code.items()}):
        yield loop[0], "includes", phrase(" includes ").join(loop)


def _rotations(stands: Sequence[_Stand]) -> Iterable[_Found]:
    codes = {s.activity.code for s in stands}
    first: dict[str, _Stand] = {}
    for stand in stands:
        ring = stand.activity.cadence.rotation
        if not ring:
            continue
        if ring in codes:
            yield (
                stand.key,
                "cadence",
                phrase("the rotation %(ring)s has the name of an activity; give it another", ring=ring),
            )
        lead = first.setdefault(ring, stand)
        if stand.activity.cadence != lead.activity.cadence:
            yield (
                stand.key,
                "cadence",
                phrase(
                    "takes turns with %(title)s in the rotation %(ring)s, but their cadences differ; "
                    "make them the same",
                    title=lead.activity.title,
                    ring=ring,
                ),
            )


def _prerequisites(stand: _Stand, known: Mapping[str, Activity]) -> Iterable[_Found]:
    activity = stand.activity
    for code in activity.prerequisites:
        needed = known.get(code)
        if needed is None:
            yield (
                stand.key,
                "prerequisites",
                phrase("%(title)s needs %(code)s, which is not here", title=activity.title, code=code),
            )
            continue
        if needed.cadence.rhythm is Rhythm.REQUEST:
            yield (
                stand.key,
                "prerequisites",
                phrase(
                    "%(title)s needs %(needed)s, which comes only when asked for",
                    title=activity.title,
                    needed=needed.title,
                ),
            )
        if needed.cadence.rotation and needed.cadence.rotation == activity.cadence.rotation:
            yield (
                stand.key,
                "prerequisites",
                phrase(
                    "%(title)s needs %(needed)s, but the two take turns: for some teams it comes first",
                    title=activity.title,
                    needed=needed.title,
                ),
            )
        if needed.teams and not (activity.teams and set(activity.teams) <= set(needed.teams)):
            others = (
                phrase("everybody")
                if not activity.teams
                else ", ".join(sorted(set(activity.teams) - set(needed.teams)))
            )
            what = phrase(
                "%(title)s is for %(others)s and needs %(needed)s, which is for %(teams)s only",
                title=activity.title,
                others=others,
                needed=needed.title,
                teams=", ".join(needed.teams),
            )
            yield stand.key, "prerequisites", what


def _loops(stands: Sequence[_Stand], known: Mapping[str, Activity]) -> Iterable[_Found]:
    keys = {s.activity.code: s.key for s in reversed(stands)}
    needs = {code: [n for n in a.prerequisites if n in known] for code, a in known.items()}
    for loop in _loops_in(needs):
        yield keys[loop[0]], "prerequisites", phrase(" needs ").join(known[code].title for code in loop)


def _loops_in(needs: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, ...]]:
    """Give loops of a graph, no two with a common member, each closed by its first member."""
    open_ = {code: set(names) for code, names in needs.items()}
    while True:
        free = [code for code, names in open_.items() if not names & open_.keys()]
        if free:
            for code in free:
                del open_[code]
            continue
        if not open_:
            return
        # Whatever is left needs something that is left, so walking on must come back.
        code = min(open_)
        walked: dict[str, None] = {}
        while code not in walked:
            walked[code] = None
            code = min(open_[code] & open_.keys())
        path = list(walked)
        loop = path[path.index(code) :]
        least = loop.index(min(loop))
        loop = loop[least:] + loop[:least]
        yield (*loop, loop[0])
        for member in loop:
            del open_[member]


def _gate(stands: Sequence[_Stand], known: Mapping[str, Activity]) -> Iterable[_Found]:
    gates = [a.code for a in known.values() if a.kind is Kind.BOUNDARIES]
    for stand in stands:
        activity = stand.activity
        gated = activity.kind in GATED or activity.intensity is Intensity.HEAVY
        if not gated or activity.kind is Kind.BOUNDARIES or _reaches(activity, set(gates), known):
            continue
        wanted = (
            phrase("add %(gate)s to its prerequisites", gate=gates[0])
            if gates
            else phrase("adopt professional boundaries with it")
        )
        yield (
            stand.key,
            "prerequisites",
            phrase("%(title)s can be reached without boundaries; %(wanted)s", title=activity.title, wanted=wanted),
        )


def _reaches(activity: Activity, gates: set[str], known: Mapping[str, Activity]) -> bool:
    seen: set[str] = set()
    waiting = list(activity.prerequisites)
    while waiting:
        code = waiting.pop()
        if code in gates:
            return True
        if code not in seen and code in known:
            seen.add(code)
            waiting += known[code].prerequisites
    return False
