"""What if, at a terminal: both plans drawn, their figures side by side."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from devsys.base.config import Settings
from devsys.base.errors import InvalidError
from devsys.base.text import count_of
from devsys.commands.ground import Bar, counted, open_parts, until_stopped, with_settings
from devsys.commands.planning import rounds, seconds, seed, weeks

if TYPE_CHECKING:
    from devsys.actions.compare_plans import Side
    from devsys.core.model.people import Organisation


@click.command("what-if")
@click.option("--room-fewer", metavar="CODE", help="This room is gone.")
@click.option("--facilitator-more", metavar="CODE", help="One more leads, with hours and qualifications like this one.")
@click.option("--calls", type=int, metavar="PERCENT", help="So many percent more calls on every queue.")
@click.option("--least", type=(str, click.IntRange(1)), metavar="ACTIVITY N", help="A smaller least group.")
@weeks
@seconds
@seed
@rounds
@with_settings
def what_if(
    settings: Settings,
    room_fewer: str | None,
    facilitator_more: str | None,
    calls: int | None,
    least: tuple[str, int] | None,
    weeks: int,
    seconds: float | None,
    seed: int,
    rounds: int,
) -> None:
    """Draw the year as things are and as supposed, and show both; nothing can be published of it."""
    from devsys.actions import compare_plans
    from devsys.actions import what_if as action
    from devsys.adapters.store.queries import people
    from devsys.core.model.suppose import Supposition, What
    from devsys.faces.jobs.executor import crew_of

    with open_parts(settings) as parts:
        with parts.store.read() as db:
            found = people.organisation(db)
        given: list[Supposition] = []
        if room_fewer:
            given.append(Supposition(What.ROOM, _room(found, room_fewer)))
        if facilitator_more:
            given.append(Supposition(What.FACILITATOR, _person(found, facilitator_more)))
        if calls:
            given.append(Supposition(What.CALLS, amount=calls))
        if least:
            given.append(Supposition(What.GROUP, *least))
        crew = crew_of(settings.executor, settings.plan_workers)
        question = action.Question(tuple(given), weeks=weeks, seed=seed, rounds=rounds)
        bar = Bar()
        with until_stopped(seconds) as stop:
            try:
                answer = action.carry_out(replace(parts, crew=crew), question, stop=stop, progress=bar.show)
            finally:
                bar.close()
        both = compare_plans.compare(parts, answer.left, answer.right)
    click.echo(f"{answer.words}, beside things as they are:")
    for line in _lines(both.left, both.right):
        click.echo(line)
    click.echo(f"{count_of(len(both.differences), 'session differs', 'sessions differ')}.")


def _room(found: "Organisation", code: str) -> str:
    return _id_of({r.code: r.id for r in found.rooms}, code, "room")


def _person(found: "Organisation", code: str) -> str:
    leads = {f.person_id for f in found.facilitators}
    return _id_of({p.code: p.id for p in found.people if p.id in leads}, code, "facilitator")


def _id_of(known: dict[str, str], code: str, what: str) -> str:
    if code not in known:
        raise InvalidError(f"There is no {what} {code!r}. Known: {', '.join(sorted(known)[:12]) or 'none'}.")
    return known[code]


_FIGURES: tuple[tuple[str, Callable[["Side"], float]], ...] = (
    ("needs", lambda side: side.draft.figures.needs),
    ("on time", lambda side: side.draft.figures.on_time),
    ("late", lambda side: side.draft.figures.late),
    ("owed", lambda side: side.draft.figures.owed),
    ("at most on time", lambda side: side.draft.figures.bound),
    ("out of reach", lambda side: side.draft.figures.out_of_reach),
    ("sessions", lambda side: side.draft.figures.sessions),
)


def _lines(left: "Side", right: "Side") -> Iterator[str]:
    for word, figure in _FIGURES:
        one, other = figure(left), figure(right)
        yield f"  {word:<16}{counted(one):>10}{counted(other):>10}{other - one:>+8,.0f}"
    for word, side in (("As things are", left), ("As supposed", right)):
        if side.draft.figures.proved:
            yield f"{word}, no plan has more on time: proved."
