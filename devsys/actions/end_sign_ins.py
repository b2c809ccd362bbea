"""Where somebody is signed in, and an end to it: one, all others, all; with effect from the next request."""

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, audit
from devsys.adapters.store.queries.accounts import Held
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer


def listed(parts: Parts, viewer: Viewer) -> tuple[Held, ...]:
    """Give the viewer's own living sign-ins."""
    with parts.store.read() as db:
        return accounts.held(db, viewer.person_id, parts.now())


def end_one(parts: Parts, viewer: Viewer, key: str) -> bool:
    """End one of the viewer's own sign-ins; False when it had ended already, or is nobody's they know of."""
    now = parts.now()
    with parts.store.write() as db:
        found = next((one for one in accounts.held(db, viewer.person_id, now) if one.key == key), None)
        if found is None:
            return False
        accounts.close(db, found.id_hash)
        audit.record(db, at=now, by_id=viewer.person_id, act="end sign-in", what=f"account {viewer.person_id}")
    return True


def end_others(parts: Parts, viewer: Viewer, but: str) -> None:
    """End all of the viewer's own sign-ins but the one with the hash `but`."""
    with parts.store.write() as db:
        accounts.close_all(db, viewer.person_id, but=but)
        what = f"account {viewer.person_id}"
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="end other sign-ins", what=what)


def end_all_of(parts: Parts, viewer: Viewer, person_id: str) -> None:
    """End all sign-ins of an account. Raises NotFoundError without one."""
    with parts.store.write() as db:
        if accounts.account(db, person_id) is None:
            raise NotFoundError(phrase("There is no such account."))
        accounts.close_all(db, person_id)
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="end sign-ins", what=f"account {person_id}")
