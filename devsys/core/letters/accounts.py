"""Letters about an account: chosen by nobody, always sent. Two of them hold a link with a secret, which works once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.core.letters.content import Content, Reader, day_words, zone_words

RESET_WORKS: Final = timedelta(hours=1)
INVITE_WORKS: Final = timedelta(hours=72)
HIDDEN: Final = to_phrase("the link stands in the mail alone; it works once")
_ALWAYS: Final = to_phrase("Letters about your account are always sent. Choose what else you get")


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
        to_phrase("Signing in takes a code now"),
        to_phrase("A second step was turned on for your account on %(when)s."),
        to_phrase("From now on your password is followed by a code of your app."),
    ),
    "off": (
        to_phrase("Signing in takes no code any more"),
        to_phrase("The second step of your account was turned off on %(when)s."),
        to_phrase("Your password alone opens it again."),
    ),
    "passkey": (
        "A passkey opens your account now",
        "A passkey was added to your account",
        "It opens your account without a password or a code.",
    ),
    "no-passkey": (
        "A passkey of your account was taken away",
        "A passkey was taken from your account",
        "It opens nothing any more.",
    ),
    "reset": (
        to_phrase("Your second step was taken away"),
        to_phrase("An administrator took the second step of your account away on %(when)s."),
        to_phrase("Your password alone opens it; set the app up again on the page of your account."),
    ),
}


def invite_content(reader: Reader, organisation: str, link: str) -> Content:
    """Give the letter to somebody who has an account from now on; `link` opens it, once."""
    lead = (
        phrase(
            "You have an account for the development calendar of %(organisation)s. Choose a password, and it opens.",
            organisation=organisation,
        )
        if organisation
        else phrase("You have an account for the development calendar. Choose a password, and it opens.")
    )
    said = _Said(
        subject=phrase("Your account for the development calendar"),
        lead=lead,
        note=phrase("The link works once, for three days. Later ones ask on the page Sign in for another letter."),
        action=phrase("Choose a password"),
        why=phrase("You get this because an administrator gave you an account."),
    )
    return _content(said, reader, link)


def reset_content(reader: Reader, link: str) -> Content:
    """Give the letter to somebody who asked for a new password, or for whom somebody did; `link` sets it, once."""
    said = _Said(
        subject=phrase("A new password for the development calendar"),
        lead=phrase("Somebody asked for a new password for your account, most likely you."),
        note=phrase("The link works once, for one hour. If it was not you, do nothing: the password stays as it is."),
        action=phrase("Choose a new password"),
        why=phrase("You get this because it was asked for on the page Sign in, or by your administrator."),
    )
    return _content(said, reader, link)


def changed_content(reader: Reader, at: datetime) -> Content:
    """Give the letter that says that the password was changed; `at` by the reader's clock."""
    said = _Said(
        subject=phrase("Your password was changed"),
        lead=phrase("The password of your account was changed on %(when)s.", when=_moment(at, reader)),
        note=phrase(
            "Other browsers have to sign in again. Not you? Ask for a new one at once, and tell an administrator."
        ),
        action=phrase("It was not me: a new password"),
        why=phrase("You get this because a changed password is always told."),
    )
    return _content(said, reader, f"{reader.address}/forgotten")


def second_step_content(reader: Reader, what: str, at: datetime) -> Content:
    """Give the letter that says that how somebody signs in changed.

    The second step was turned `on`, `off`, taken away by others (`reset`); a `passkey` came or went (`no-passkey`).
    """
    subject, lead, note = _SECOND_STEP[what]
    said = _Said(
        subject=str(subject),
        lead=phrase(lead, when=_moment(at, reader)),
        note=f"{note} {phrase('Not you? Choose a new password at once, and tell an administrator.')}",
        action=phrase("Choose a new password"),
        why=phrase("You get this because a change of how you sign in is always told."),
    )
    return _content(said, reader, f"{reader.address}/forgotten")


def fetched_content(reader: Reader, link: str, client: str, at: datetime) -> Content:
    """Give the letter that says that a calendar link was fetched for the first time; `at` by the reader's clock."""
    said = _Said(
        subject=phrase("Your calendar link was fetched for the first time"),
        lead=phrase(
            "Your link “%(link)s” was fetched by %(client)s on %(when)s: it works.",
            link=link,
            client=client,
            when=_moment(at, reader),
        ),
        note=phrase(
            "If that was not your device, give the link another secret or end it; the old one is dead at once."
        ),
        action=phrase("Open your calendar links"),
        why=phrase("You get this once for each link."),
    )
    return _content(said, reader, f"{reader.address}/feeds")


def without_link(content: Content) -> Content:
    """Give a letter as it is kept to be read: without the secret of its link."""
    return replace(content, href=str(HIDDEN))


def _moment(at: datetime, reader: Reader) -> str:
    return f"{day_words(at.date(), at.date())}, {at:%H:%M} {zone_words(reader.zone)}"


def _content(said: _Said, reader: Reader, href: str) -> Content:
    return Content(
        subject=said.subject,
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=said.lead,
        groups=(),
        note=said.note,
        action=said.action,
        href=href,
        why=said.why,
        fewer=phrase(_ALWAYS),
        fewer_href=f"{reader.address}/account/letters",
    )
