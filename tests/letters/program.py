"""A calendar program that takes invitations by mail, strict about what it takes (RFC 5546, RFC 6047)."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

from icalendar import Calendar

from tests.mail import to


@dataclass
class Program:
    """A calendar program that takes invitations: what it shows, by UID."""

    shown: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    taken: int = 0

    def take(self, mails: list[EmailMessage], address: str = "ana.correia@northgate.example") -> None:
        """Take the invitations among mails to an address, each with a higher SEQUENCE than the last of its UID."""
        for mail in mails:
            if to(mail) != address:
                continue
            part = mail.get_body(("calendar",)) or next(
                p for p in mail.walk() if p.get_content_type() == "text/calendar"
            )
            calendar = Calendar.from_ical(part.get_payload(decode=True))
            (event,) = calendar.walk("VEVENT")
            assert part["Content-Type"].params["method"] == calendar["METHOD"]
            assert str(event["ATTENDEE"]) == f"mailto:{address}"
            assert str(event["ORGANIZER"]) == "mailto:learning@northgate.example"
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            assert sequence > self.sequences.get(uid, -1)
            self.sequences[uid] = sequence
            self.taken += 1
            if calendar["METHOD"] == "CANCEL":
                assert self.shown.pop(uid)
                assert event["STATUS"] == "CANCELLED"
            else:
                assert event["ATTENDEE"].params["RSVP"] == "TRUE"
                self.shown[uid] = (event["DTSTART"].dt, str(event.get("LOCATION", "")))
