"""Letters about an account: chosen by nobody, always sent. Two of them hold a link with a secret, which works once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.core.letters.content import Content, Reader, day_words, zone_words

RESET_WORKS: Final = timedelta(hours=1)
INVITE_WORKS: Final = timedelta(hours=72)
HIDDEN: Final = "the link stands in the mail alone; it works once"
_ALWAYS: Final = "Letters about your account are always sent. Choose what else you get"


@dataclass(frozen=True, slots=True)
class _Said:
    """What one kind of letter says."""

    subject: str
    lead: str
    note: str
    action: str
    why: str


_SECOND_STEP: Final = {
    "on": (
        "Signing in takes a code now",
        "A second step was turned on for your account",
        "From now on your password is followed by a code of your app.",
    ),
    "off": (
        "Signing in takes no code any more",
        "The second step of your account was turned off",
        "Your password alone opens it again.",
    ),
    "reset": (
        "Your second step was taken away",
        "An administrator took the second step of your account away",
        "Your password alone opens it; set the app up again on the page of your account.",
    ),
}


def invite_content(reader: Reader, organisation: str, link: str) -> Content:
    """Give the letter to somebody who has an account from now on; `link` opens it, once."""
    of = f" of {organisation}" if organisation else ""
    said = _Said(
        subject="Your account for the development calendar",
        lead=f"You have an account for the development calendar{of}. Choose a password, and it opens.",
        note="The link works once, for three days. Later ones ask on the page Sign in for another letter.",
        action="Choose a password",
        why="You get this because an administrator gave you an account.",
    )
    return _content(said, reader, link)


def reset_content(reader: Reader, link: str) -> Content:
    """Give the letter to somebody who asked for a new password, or for whom somebody did; `link` sets it, once."""
    said = _Said(
        subject="A new password for the development calendar",
        lead="Somebody asked for a new password for your account, most likely you.",
        note="The link works once, for one hour. If it was not you, do nothing: the password stays as it is.",
        action="Choose a new password",
        why="You get this because it was asked for on the page Sign in, or by your administrator.",
    )
    return _content(said, reader, link)


def changed_content(reader: Reader, at: datetime) -> Content:
    """Give the letter that says that the password was changed; `at` by the reader's clock."""
    said = _Said(
        subject="Your password was changed",
        lead=f"The password of your account was changed on {_moment(at, reader)}.",
        note="Other browsers have to sign in again. Not you? Ask for a new one at once, and tell an administrator.",
        action="It was not me: a new password",
        why="You get this because a changed password is always told.",
    )
    return _content(said, reader, f"{reader.address}/forgotten")


def second_step_content(reader: Reader, what: str, at: datetime) -> Content:
    """Give the letter that says that the second step was turned `on`, `off`, or taken away by others (`reset`)."""
    subject, lead, note = _SECOND_STEP[what]
    said = _Said(
        subject=subject,
        lead=f"{lead} on {_moment(at, reader)}.",
        note=f"{note} Not you? Choose a new password at once, and tell an administrator.",
        action="Choose a new password",
        why="You get this because a change of how you sign in is always told.",
    )
    return _content(said, reader, f"{reader.address}/forgotten")


def fetched_content(reader: Reader, link: str, client: str, at: datetime) -> Content:
    """Give the letter that says that a calendar link was fetched for the first time; `at` by the reader's clock."""
    said = _Said(
        subject="Your calendar link was fetched for the first time",
        lead=f"Your link “{link}” was fetched by {client} on {_moment(at, reader)}: it works.",
        note="If that was not your device, give the link another secret or end it; the old one is dead at once.",
        action="Open your calendar links",
        why="You get this once for each link.",
    )
    return _content(said, reader, f"{reader.address}/feeds")


def without_link(content: Content) -> Content:
    """Give a letter as it is kept to be read: without the secret of its link."""
    return replace(content, href=HIDDEN)


def _moment(at: datetime, reader: Reader) -> str:
    return f"{day_words(at.date(), at.date())}, {at:%H:%M} {zone_words(reader.zone)}"


def _content(said: _Said, reader: Reader, href: str) -> Content:
    return Content(
        subject=said.subject,
        greeting=f"Hello {reader.name},",
        lead=said.lead,
        groups=(),
        note=said.note,
        action=said.action,
        href=href,
        why=said.why,
        fewer=_ALWAYS,
        fewer_href=f"{reader.address}/account/letters",
    )
