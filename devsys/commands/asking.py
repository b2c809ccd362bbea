"""Why, at a terminal: why a session is here, why not there, why a need is owed, what would make it fit."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from devsys.base.config import Settings
from devsys.commands.ground import open_parts, with_settings

if TYPE_CHECKING:
    from devsys.actions.ask_why import About
    from devsys.actions.parts import Parts
    from devsys.actions.starts_asked import Answer
    from devsys.core.model.calendar import Owed, Session

_STARTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")


@click.command()
@click.argument("what")
@click.option("--draft", default="", help="Ask about this draft instead of the published plan; see devsys drafts.")
@click.option(
    "--at", type=click.DateTime(_STARTS), help='Why not then? Local time of the site, such as "2026-04-14 10:00".'
)
@with_settings
def why(settings: Settings, what: str, draft: str, at: datetime | None) -> None:
    """Say why WHAT is where it is, or owed, and with --at why it is not at another time.

    WHAT is the id of a session, the key of a need, or a person's code, mail address or name.
    """
    from devsys.actions.ask_why import find

    with open_parts(settings) as parts:
        about = find(parts, what, draft or None)
        lines = {"session": _session, "need": _need, "person": _person}[about.kind]
        for line in lines(parts, about, at):
            click.echo(line)


def _session(parts: "Parts", about: "About", at: datetime | None) -> Iterator[str]:
    from devsys.actions import explain_session

    (one,) = about.sessions
    yield _named(about, one)
    if at is not None:
        yield from _told(explain_session.ask(parts, None, about.draft_id, one.id, at))
        return
    found = explain_session.explain(parts, None, about.draft_id, one.id)
    if found is None:
        yield "The planner knows nothing of it: it is cancelled, or no longer in the programme."
        return
    yield f"Here: {found.here.sentence}"
    if found.here.due:
        yield found.here.due
    if found.here.there:
        yield f"Starts {found.here.window} at which everybody is at work: {found.here.there:,}; of these"
        yield from (f"  {count:,} with {words}" for words, count in found.here.filters)
        yield f"  {found.here.left:,} with all of it"
    for when, rules in found.nots:
        yield f"Not {_when(when)}: {' '.join(rules)}"
    yield from (f"{opens}." for opens in found.opens)


def _need(parts: "Parts", about: "About", at: datetime | None) -> Iterator[str]:
    if about.sessions:
        yield "This need is served:"
        yield from _session(parts, about, at)
        return
    (owed,) = about.owed
    yield from _owed(about, owed)
    if at is not None:
        yield from _need_told(parts, about, owed, at)


def _need_told(parts: "Parts", about: "About", owed: "Owed", at: datetime) -> Iterator[str]:
    from devsys.actions import explain_need

    yield from _told(explain_need.ask(parts, None, about.draft_id, owed.need, at))


def _person(parts: "Parts", about: "About", at: datetime | None) -> Iterator[str]:
    if about.person is None:
        return
    yield about.person.name
    for one in about.sessions:
        if at is None or one.starts <= at < one.ends:
            yield f"  {_named(about, one)}  {one.id}"
    if not about.owed:
        yield "  Nothing is owed."
    for owed in about.owed:
        yield from (f"  {line}" for line in _owed(about, owed))
        if at is not None:
            yield from (f"    {line}" for line in _need_told(parts, about, owed, at))


def _named(about: "About", one: "Session") -> str:
    title = about.titles.get(one.activity, one.activity)
    return f"{title}, {_when(one.starts)} to {one.ends:%H:%M} ({one.zone})"


def _owed(about: "About", owed: "Owed") -> Iterator[str]:
    yield f"{about.titles.get(owed.activity, owed.activity)} is owed, due by {owed.due:%d %B %Y}: {owed.need}"
    yield f"  {owed.reason}"
    yield from (f"  {line}" for line in owed.would_fit.splitlines())


def _told(found: "Answer | None") -> Iterator[str]:
    if found is None:
        yield "The planner knows nothing of it: it is cancelled, or no longer in the programme."
        return
    when = f"{_when(found.at)} ({found.zone})"
    if not found.rules:
        yield f"{when} fits: nothing stands against it."
        return
    yield f"Not {when}:"
    yield from (f"  {rule}" for rule in found.rules)
    if found.words:
        yield f"  {found.words}"


def _when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B} {moment.year}, {moment:%H:%M}"
