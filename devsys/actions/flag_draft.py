"""Say which sessions of a draft stand in a bad place: flagged where they are shown, refused only by publishing."""

from collections import defaultdict
from collections.abc import Mapping

from devsys.actions.parts import Parts
from devsys.actions.publish_plan import brief_for, weigh
from devsys.adapters.store.queries import sessions
from devsys.core.model.changes import differences
from devsys.core.planning.check import Violation


def flags(parts: Parts, draft_id: str, session_ids: frozenset[str]) -> Mapping[str, tuple[Violation, ...]]:
    """Give the rules that a draft's changes of some sessions would break, by session id; it only reads.

    A rule that several sessions break together stands at those of them that the draft changes.
    """
    with parts.store.read() as db:
        changed = sessions.changed_in(db, draft_id)
        every = differences(sessions.published_among(db, [s.id for s in changed]), changed)
        found = tuple(d for d in every if d.after.id in session_ids)
        if not found:
            return {}
        brief = brief_for(db, every, now=parts.now())
    blocking, _ = weigh(brief, changed, found)
    drafted = {s.id for s in changed}
    flagged: dict[str, list[Violation]] = defaultdict(list)
    for violation in blocking:
        for session_id in drafted.intersection(violation.sessions):
            flagged[session_id].append(violation)
    return {session_id: tuple(found) for session_id, found in flagged.items()}
