"""Contacts by cause compared with what is counted already."""

from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.intake.compare import Comparison
from devsys.core.intake.lines import ContactLine
from devsys.core.intake.teaching import Adopted
from devsys.core.model.causes import OTHER_CONTACTS, Cause, Contacts


def resolve_contacts(c: Comparison, lines: tuple[ContactLine, ...], adopted: Adopted) -> None:
    """Compare contacts per week; a cause is the key of a fix, one of the six, or other. Weeks to come are refused."""
    causes = frozenset(Cause)
    for line in lines:
        queue = c.found(line, "queue", c.standing.queues, line.queue)
        good = c.once(line, "cause", (line.week, line.queue, line.cause), phrase("week, queue and cause"))
        if line.week > c.today:
            c.refuse(line, "week", phrase("a week that has begun; today is %(today)s", today=c.today))
            good = False
        if line.cause not in causes and line.cause not in adopted.fixes and line.cause != OTHER_CONTACTS:
            c.refuse(
                line,
                "cause",
                phrase(
                    "the key of a fix in the register, or %(cause)s, %(other_contacts)s",
                    cause=", ".join(Cause),
                    other_contacts=OTHER_CONTACTS,
                ),
            )
            good = False
        if queue is None or not good:
            continue
        old = adopted.contacts.get((line.week, queue.id, line.cause))
        how = "new" if old is None else "same" if old == line.contacts else "changed"
        detail = number(line.contacts)
        if old is not None and how == "changed":
            detail = f"{number(old)} → {detail}"
        c.note(
            how,
            line.row,
            phrase(
                "%(queue)s, week of %(week)s, %(cause)s",
                queue=f"{queue.name} ({queue.code})",
                week=line.week,
                cause=line.cause,
            ),
            detail,
        )
        if how != "same":
            c.upserts.append(Contacts(line.week, queue.id, line.cause, line.contacts))
