"""Invitations by mail: one session as a REQUEST or CANCEL, with the UID and SEQUENCE it has in feeds (RFC 5546, 6047).

A change of time, place or status asks again; a text that was put right does not (feeds.md M01, M02).
"""

from dataclasses import dataclass
from enum import StrEnum

from icalendar import Calendar, Event
from icalendar.prop import vCalAddress, vText

from devsys.core.feeds.assemble import PRODUCT
from devsys.core.feeds.vevent import Said, Stamps, vevent
from devsys.core.feeds.zones import rule_of


class Method(StrEnum):
    """What an invitation does: it asks (anew), or takes back."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody of an invitation: a mail address, and the name beside it."""

    email: str
    name: str = ""

    def address(self) -> vCalAddress:
        """Give it as a property value with its name."""
        found = vCalAddress(f"mailto:{self.email}")
        if self.name:
            found.params["CN"] = vText(self.name.replace('"', "'"))
        return found


def invitation(method: Method, said: Said, stamps: Stamps, *, organizer: Party, attendee: Party) -> bytes:
    """Give the whole calendar object of one invitation, CRLF at each line's end.

    `stamps.changed` is when it was written. What `said` calls cancelled goes out as CANCEL alone.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    head, _, tail = bytes(calendar.to_ical()).rpartition(b"END:VCALENDAR")
    rule = rule_of(said.zone) if said.zone else None
    event = Event.from_ical(vevent(said, stamps))
    event.add("organizer", organizer.address())
    guest = attendee.address()
    guest.params["CUTYPE"] = vText("INDIVIDUAL")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    if method is Method.REQUEST:
        guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
        guest.params["RSVP"] = vText("TRUE")
    event.add("attendee", guest)
    return b"".join((head, rule.body if rule is not None else b"", bytes(event.to_ical()), b"END:VCALENDAR", tail))


@dataclass(frozen=True, slots=True)
class Invited:
    """What a person's calendar program was told of a session by mail.

    `base` is the session's own SEQUENCE then (turns included), `sequence` the one that was sent, which never falls;
    `on` says whether it stands there.
    """

    base: int
    sequence: int
    on: bool


def to_send(known: Invited | None, base: int, *, on: bool) -> tuple[Method, Invited] | None:
    """Give what has to be sent of a session that now has SEQUENCE `base` for a person and is on for them, or off."""
    if known is None:
        return (Method.REQUEST, Invited(base, base, on=True)) if on else None
    sequence = max(base, known.sequence + 1)
    if on and (not known.on or base != known.base):
        return Method.REQUEST, Invited(base, sequence, on=True)
    if not on and known.on:
        return Method.CANCEL, Invited(base, sequence, on=False)
    return None
