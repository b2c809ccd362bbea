"""What can be undone in a draft, and done again, in words: "move De-escalation to Tue 23 Mar, 10:00"."""

from dataclasses import dataclass

from flask import url_for

from devsys.adapters.store.queries import steps
from devsys.adapters.store.queries.steps import Step
from devsys.adapters.store.store import Db
from devsys.base.text import count_of
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

    words = count_of(found.done, "step") + (f", {found.undone:,} undone" if found.undone else "")
    return StepBar(press("steps.undo", found.undo), press("steps.redo", found.redo), words)


def step_words(step: Step, known: Names, moment: Moment) -> str:
    """Say what a step did, as the viewer may know it: "move Case round to Tue 27 Jan, 12:30"."""
    before, after = step.before, step.after
    one = seen(after or before, viewer(), known, moment)
    if step.kind == "pin" and after is not None:
        return f"{'pin' if after.pinned else 'let go of'} {one.title}, {short_when(after)}"
    if step.kind == "leave_out":
        return f"leave out {one.title}, {short_when(before)}"
    if step.kind == "take_back" or after is None:
        return f"take back what the draft does to {one.title}, {short_when(before)}"
    if before.starts != after.starts:
        return f"move {one.title} to {short_when(after)}"
    if before.facilitator_id != after.facilitator_id:
        leads = one.facilitator or "nobody" if after.facilitator_id else "nobody"
        return f"let {leads} lead {one.title}, {short_when(after)}"
    if before.room_id != after.room_id:
        return f"hold {one.title}, {short_when(after)}, {'in ' + one.place if after.room_id else 'online'}"
    return f"change what is said of {one.title}, {short_when(after)}"
