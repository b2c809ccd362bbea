"""After a restore nobody knows which letters of the backup have left since: they are held until a person says.

Who lets them go risks that some are read twice; who throws them away, that some are never read. Neither is done by
itself, and what changes from then on is told as always.
"""

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, held_letters, plans
from devsys.base.errors import ConflictError
from devsys.core.model.access import Viewer
from devsys.core.policy import scope

_NONE = "No letter is held any more; somebody else settled it. Nothing was changed."


def let_go(parts: Parts, viewer: Viewer, letter_id: str = "") -> int:
    """Let held letters leave, all or one; give how many. Raises ConflictError where none is held."""
    now = parts.now()
    with parts.store.write() as db:
        found = held_letters.ids(db, scope(viewer, "letters", "write"), letter_id)
        if not found:
            raise ConflictError(_NONE)
        held_letters.let_go(db, found, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="let held letters go", what=f"letters {len(found)}")
    return len(found)


def throw_away(parts: Parts, viewer: Viewer, letter_id: str = "") -> int:
    """Take held letters away as if they had left, all or one; give how many. Raises ConflictError where none is."""
    now = parts.now()
    with parts.store.write() as db:
        found = held_letters.ids(db, scope(viewer, "letters", "write"), letter_id)
        if not found:
            raise ConflictError(_NONE)
        held_letters.throw_away(db, found, plans.pointer(db))
        audit.record(db, at=now, by_id=viewer.person_id, act="throw held letters away", what=f"letters {len(found)}")
    return len(found)
