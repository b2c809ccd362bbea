"""What stands in a bad place in a draft, in words, kept in memory while draft, plan and organisation stay as they are.

Judging costs more than the rest of the week, and its answer changes with three numbers only: a few are kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from devsys.actions import flag_draft
from devsys.adapters.store.queries import house, plans
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.faces.web.here import parts
from devsys.faces.web.session_values import Names, discreet

MOST_KEPT: Final = 32

_kept: OrderedDict[tuple[object, ...], Mapping[str, tuple[str, ...]]] = OrderedDict()
_lock = threading.Lock()


def flag_key(db: Db, draft: Draft, session_ids: frozenset[str]) -> tuple[object, ...]:
    """Give what the flags of some sessions of a draft depend on."""
    epoch = house.fact(db, house.FEED_EPOCH)
    return (parts().store.url, epoch, house.revision(db), plans.pointer(db), draft.id, draft.edits, session_ids)


def flags_here(db: Db, draft: Draft | None, session_ids: frozenset[str], known: Names) -> Mapping[str, tuple[str, ...]]:
    """Give why sessions of a draft cannot be published where they stand: sentences by session id."""
    if draft is None or not session_ids:
        return {}
    key = flag_key(db, draft, session_ids)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = flag_draft.flags(parts(), draft.id, session_ids)
    made = {one: tuple(dict.fromkeys(discreet(v.what, known) for v in broken)) for one, broken in found.items()}
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
