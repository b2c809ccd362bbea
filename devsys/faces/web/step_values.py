"""What can be undone in a draft, and done again, in words: "move De-escalation to Tue 23 Mar, 10:00"."""

from dataclasses import dataclass

from flask import url_for

from devsys.adapters.store.queries import steps
from devsys.adapters.store.queries.steps import Step
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import number
from devsys.core.policy import scope
from devsys.faces.web.here import viewer
from devsys.faces.web.session_values import Moment, Names, seen, short_when


@dataclass(frozen=True, slots=True)
class Press:
    """A press that undoes a step or does it again: where it posts, which step, what it says."""

    action: str
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class StepBar:
    """What stands beside a draft: undo, redo, and how many steps lie behind."""

    undo: Press | None
    redo: Press | None
    words: str


def step_bar(db: Db, draft_id: str | None, known: Names, moment: Moment, back: str) -> StepBar | None:
    """Give the presses of a draft; None without one, for whoever may not change it, or before the first step."""
    if draft_id is None or not scope(viewer(), "draft", "write"):
        return None
    found = steps.ends(db, draft_id)
    if found.undo is None and found.redo is None:
        return None

    def press(route: str, step: Step | None) -> Press | None:
        if step is None:
            return None
        return Press(url_for(route, draft_id=draft_id, back=back), step.number, step_words(step, known, moment))

    words = phrases("%(num)s step", "%(num)s steps", found.done)
    if found.undone:
        words = phrase("%(steps)s, %(undone)s undone", steps=words, undone=number(found.undone))
    return StepBar(press("steps.undo", found.undo), press("steps.redo", found.redo), words)


def step_words(step: Step, known: Names, moment: Moment) -> str:
    """Say what a step did, as the viewer may know it: "move Case round to Tue 27 Jan, 12:30"."""
    before, after = step.before, step.after
    one = seen(after or before, viewer(), known, moment)
    if step.kind == "pin" and after is not None:
        words = phrase("pin %(title)s, %(when)s") if after.pinned else phrase("let go of %(title)s, %(when)s")
        return words % {"title": one.title, "when": short_when(after)}
    if step.kind == "leave_out":
        return phrase("leave out %(title)s, %(when)s", title=one.title, when=short_when(before))
    if step.kind == "take_back" or after is None:
        return phrase("take back what the draft does to %(title)s, %(when)s", title=one.title, when=short_when(before))
    if before.starts != after.starts:
        return phrase("move %(title)s to %(when)s", title=one.title, when=short_when(after))
    if before.facilitator_id != after.facilitator_id:
        leads = (one.facilitator if after.facilitator_id else "") or phrase("nobody")
        return phrase("let %(leads)s lead %(title)s, %(when)s", leads=leads, title=one.title, when=short_when(after))
    if before.room_id != after.room_id:
        if after.room_id:
            return phrase(
                "hold %(title)s, %(when)s, in %(place)s", title=one.title, when=short_when(after), place=one.place
            )
        return phrase("hold %(title)s, %(when)s, online", title=one.title, when=short_when(after))
    return phrase("change what is said of %(title)s, %(when)s", title=one.title, when=short_when(after))
