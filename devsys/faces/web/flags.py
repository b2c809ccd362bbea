"""What stands in a bad place in a draft, in words, kept in memory while draft, plan and organisation stay as they are.

Judging costs more than the rest of a week; its answer changes with a few numbers only: some are kept for a minute.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from devsys.actions import flag_draft
from devsys.adapters.store.queries import answers, house, plans
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.base.words import language
from devsys.faces.web.here import now, parts
from devsys.faces.web.session_values import Names, discreet

MOST_KEPT: Final = 32

_kept: OrderedDict[tuple[object, ...], Mapping[str, tuple[str, ...]]] = OrderedDict()
_lock = threading.Lock()


def as_of(db: Db, draft: Draft | None, *, seconds: int = 60) -> tuple[object, ...]:
    """Give what the verifier's word about the published plan, or about a draft, depends on; for a minute at most."""
    facts = house.facts(db)
    minute = int(now().timestamp()) // seconds
    organisation = (parts().store.url, facts.get(house.FEED_EPOCH), facts.get(house.ORGANISATION_REVISION), minute)
    drafted = (draft.id, draft.edits, draft.base) if draft else ()
    return (*organisation, plans.pointer(db), answers.stamp(db), *drafted)


def flags_here(db: Db, draft: Draft | None, session_ids: frozenset[str], known: Names) -> Mapping[str, tuple[str, ...]]:
    """Give why sessions of a draft cannot be published where they stand: sentences by session id."""
    if draft is None or not session_ids:
        return {}
    key = (*as_of(db, draft), session_ids, language())
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
