"""A person chooses which letters they get, and when; what must be said is sent whatever they chose."""

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import letters
from devsys.core.letters.when import Choice
from devsys.core.model.access import Viewer


def chosen(parts: Parts, viewer: Viewer) -> Choice:
    """Give what the viewer chose, or what is usual."""
    with parts.store.read() as db:
        return letters.choice_of(db, viewer.person_id)


def choose(parts: Parts, viewer: Viewer, choice: Choice) -> None:
    """Keep what the viewer chose; letters that wait already leave as they would have."""
    with parts.store.write() as db:
        letters.choose(db, viewer.person_id, choice)
