"""Say anew what a queue needs: its typical week and days that differ, if the organisation is as it was seen."""

from collections.abc import Mapping
from datetime import date

from devsys.actions import import_files
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, house, people
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.people import Requirement
from devsys.core.policy import scope

Week = tuple[tuple[int, ...], ...]


def change(  # noqa: PLR0917 -- all that is said anew, and what it rests on
    parts: Parts,
    viewer: Viewer,
    queue_id: str,
    week: Week,
    days: Mapping[date, tuple[int, ...]],
    period: tuple[date, date],
    revision: int,
) -> None:
    """Write the typical week (7 x 48) and the days of a period (from, to before) that differ; others stay.

    `revision` is that of the organisation it rests on. Raises NotFoundError for a queue that does not stand or a viewer
    who may not, ConflictError where the organisation is at another revision.
    """
    now = parts.now()
    start, end = period
    with parts.store.write() as db:
        if house.revision(db) != revision:
            raise ConflictError(phrase("The organisation changed meanwhile. Nothing was written; try again."))
        frame = people.frame(db)
        if not any(q.id == queue_id for q in frame.queues) or not scope(viewer, "requirement", "write").everything:
            raise NotFoundError(phrase("There is no such queue."))
        standing = next((r for r in frame.requirements if r.queue_id == queue_id), None)
        others = {d: f for d, f in standing.days.items() if not start <= d < end} if standing else {}
        wanted = Requirement(queue_id, week, dict(sorted({**others, **days}.items())))
        if wanted == standing:
            return
        import_files.write_changes(db, parts, people.only(requirements=(wanted,)))
        audit.record(db, at=now, by_id=viewer.person_id, act="change requirement", what=f"queue {queue_id}")
