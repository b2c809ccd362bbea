"""What if: the organisation and the programme as they would be under a supposition. Pure; nothing is kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase, to_keep
from devsys.core.model.capacity import Service, agents_needed, agents_on_queue, rostered_for
from devsys.core.model.hours import SLOT_SECONDS
from devsys.core.model.people import Organisation, Queue, Requirement
from devsys.core.model.programme import Programme

CALLS_LEAST: Final = -50
CALLS_MOST: Final = 100
THOUSANDTHS: Final = 1000
SUPPOSED: Final = "supposed-"  # the id of a person who is only supposed begins so

_MORE_CALLS: Final = to_keep("%(share)s more calls")
_FEWER_CALLS: Final = to_keep("%(share)s fewer calls")


class What(StrEnum):
    """What a supposition is about."""

    ROOM = "room"  # one room fewer
    FACILITATOR = "facilitator"  # one facilitator more, like one there is
    CALLS = "calls"  # more or fewer calls on every queue
    GROUP = "group"  # a smaller least group


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing that is supposed.

    `target`: the id of the room that is gone, of the facilitator whose like joins, the code of the activity; empty
    for calls. `amount`: calls in percent more (negative: fewer), the new least group; 0 for the others.
    """

    what: What
    target: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Supposed:
    """The organisation and its programmes under suppositions, and the suppositions in words."""

    organisation: Organisation
    programmes: tuple[Programme, ...]
    words: str


def suppose(
    organisation: Organisation, programmes: Iterable[Programme], suppositions: Iterable[Supposition]
) -> Supposed:
    """Give what would be there. Raises InvalidError for what cannot be supposed, with the fault of each."""
    state = Supposed(organisation, tuple(programmes), "")
    words: list[str] = []
    for one in suppositions:
        state = _STEPS[one.what](state, one)
        words.append(state.words)
    if not words:
        raise InvalidError(phrase("Nothing is supposed. Choose at least one thing that would be different."))
    return replace(state, words=", ".join(words))


def _room(state: Supposed, one: Supposition) -> Supposed:
    rooms = state.organisation.rooms
    gone = next((r for r in rooms if r.id == one.target), None)
    if gone is None:
        raise _refused(What.ROOM, phrase("there is no such room"))
    left = tuple(r for r in rooms if r.id != gone.id)
    words = phrase("one room fewer (%(room)s)", room=gone.name or gone.code)
    return replace(state, organisation=replace(state.organisation, rooms=left), words=words)


def _facilitator(state: Supposed, one: Supposition) -> Supposed:
    organisation = state.organisation
    like = next((f for f in organisation.facilitators if f.person_id == one.target), None)
    person = next((p for p in organisation.people if p.id == one.target), None)
    if like is None or person is None:
        raise _refused(What.FACILITATOR, phrase("there is no such facilitator"))
    number = sum(p.id.startswith(SUPPOSED) for p in organisation.people) + 1
    name = phrase("one more like %(who)s", who=person.name)
    # They lead and count for no queue: what the queue requires and has stays as it is.
    new = replace(person, id=f"{SUPPOSED}{number}", code="", name=name, email="", queue_id=None, joined=None, left=None)
    grown = replace(
        organisation,
        people=(*organisation.people, new),
        facilitators=(*organisation.facilitators, replace(like, person_id=new.id)),
    )
    return replace(state, organisation=grown, words=phrase("one facilitator more like %(who)s", who=person.name))


def _calls(state: Supposed, one: Supposition) -> Supposed:
    percent = one.amount
    if not CALLS_LEAST <= percent <= CALLS_MOST or not percent:
        raise _refused(
            What.CALLS, phrase("a whole number from %(least)s to %(most)s, not 0", least=CALLS_LEAST, most=CALLS_MOST)
        )
    organisation = state.organisation
    queues = {q.id: q for q in organisation.queues}
    known = tuple(_busier(r, queues[r.queue_id], percent) for r in organisation.requirements)
    text = _MORE_CALLS if percent > 0 else _FEWER_CALLS
    return replace(
        state, organisation=replace(organisation, requirements=known), words=phrase(text, share=f"{abs(percent)} %")
    )


def _group(state: Supposed, one: Supposition) -> Supposed:
    found = next((a for p in state.programmes for a in p.activities if a.code == one.target), None)
    if found is None:
        raise _refused(What.GROUP, phrase("there is no such activity"))
    if not 1 <= one.amount < found.group[0]:
        raise _refused(
            What.GROUP,
            phrase(
                "%(title)s has a least group of %(least)s; suppose a smaller one",
                title=found.title,
                least=found.group[0],
            ),
        )
    smaller = tuple(
        replace(
            p,
            activities=tuple(
                replace(a, group=(one.amount, a.group[1])) if a.code == one.target else a for a in p.activities
            ),
        )
        for p in state.programmes
    )
    words = phrase(
        "groups of %(fewer)s instead of %(before)s for %(title)s",
        fewer=one.amount,
        before=found.group[0],
        title=found.title,
    )
    return replace(state, programmes=smaller, words=words)


_STEPS: Final[Mapping[What, Callable[[Supposed, Supposition], Supposed]]] = MappingProxyType(
    {What.ROOM: _room, What.FACILITATOR: _facilitator, What.CALLS: _calls, What.GROUP: _group}
)


def _refused(what: What, why: str) -> InvalidError:
    return InvalidError(phrase("This cannot be supposed: %(why)s.", why=why), (Fault(what.value, why),))


def _busier(requirement: Requirement, queue: Queue, percent: int) -> Requirement:
    """Give a requirement under more or fewer calls: each figure stands for the most calls it can serve.

    That is careful: it takes every half hour to be as busy as its figure allows. No figure falls when calls grow, and
    none grows when they fall.
    """
    service = Service.of(queue)

    @cache
    def figure(people: int) -> int:
        if not people:
            return 0
        agents = agents_on_queue(people, queue.shrinkage_percent)
        calls = most_calls(agents, service) * (100 + percent) / 100
        wanted = rostered_for(agents_needed(calls, service), queue.shrinkage_percent)
        return max(people, wanted) if percent > 0 else min(people, wanted)

    return replace(
        requirement,
        profile=tuple(tuple(figure(n) for n in day) for day in requirement.profile),
        days={day: tuple(figure(n) for n in line) for day, line in requirement.days.items()},
    )


def most_calls(agents: int, service: Service) -> float:
    """Give the most calls of a half hour that so many agents on the queue serve, to a thousandth of a call."""
    low, high = 0, int(agents * SLOT_SECONDS * THOUSANDTHS / service.handle_seconds) + 1
    while low < high:
        middle = (low + high + 1) // 2
        if agents_needed(middle / THOUSANDTHS, service) <= agents:
            low = middle
        else:
            high = middle - 1
    return low / THOUSANDTHS
