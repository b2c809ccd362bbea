"""A letter as a message: what it says laid out as text and as HTML, in one mail with a lasting Message-ID."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from devsys.base import words
from devsys.base.errors import InvalidError
from devsys.base.resources import folder
from devsys.base.text import clean, header_safe
from devsys.base.words import phrase
from devsys.core.letters.content import Content

# Mail programs take no sheet; the look of the pages, as far as they show it.
LOOK: Final = {
    "page": {"style": "margin:0;padding:24px 12px;background:#fbf8f1;color:#211c14"},
    "sheet": {
        "style": "max-width:36rem;margin:0 auto;padding:24px;background:#fffdf9;border:1px solid #dcd4c2;"
        "font:16px/1.5 'Public Sans',system-ui,sans-serif"
    },
    "lead": {"style": "font:500 21px/1.3 Newsreader,Georgia,serif;margin:16px 0"},
    "head": {
        "style": "font:500 17px/1.3 Newsreader,Georgia,serif;margin:24px 0 4px;padding-top:8px;"
        "border-top:1px solid #8a806b"
    },
    "list": {"style": "margin:0;padding:0;list-style:none"},
    "item": {"style": "margin:0;padding:8px 0;border-bottom:1px solid #dcd4c2"},
    "old": {"style": "color:#675d4b;text-decoration:line-through"},
    "quiet": {"style": "color:#675d4b;font-size:14px;margin:12px 0 0"},
    "action": {
        "style": "display:inline-block;margin:24px 0 8px;padding:11px 18px;background:#17436f;color:#fffdf9;"
        "border-radius:3px;text-decoration:none"
    },
}


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.policies["ext.i18n.trimmed"] = True
    found.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        gettext=lambda text: words.texts().gettext(text),
        ngettext=lambda one, many, num: words.texts().ngettext(one, many, num),
        newstyle=True,
    )
    return found


def as_text(content: Content) -> str:
    """Give a letter as plain text; the same content gives the same bytes."""
    return _templates().get_template("letters/letter.txt").render(letter=content)


def as_html(content: Content) -> str:
    """Give a letter as HTML; nothing in it is fetched from anywhere."""
    return _templates().get_template("letters/letter.html").render(letter=content, look=LOOK, language=words.language())


def subject_of(content: Content) -> str:
    """Give the subject, safe in a header: where its words are not, plain ones (trust.md R16)."""
    subject = clean(content.subject, limit=10_000)[:200]
    try:
        return header_safe(subject)
    except InvalidError:
        return "Your development calendar changed"


def message_id(letter_id: str, sender: str) -> str:
    """Give the Message-ID of a letter, the same at each try."""
    return f"<{letter_id}@{parseaddr(sender)[1].rpartition('@')[2] or 'devsys.invalid'}>"


def written(
    content: Content,
    letter_id: str,
    *,
    sender: str,
    name: str,
    recipient: str,
    now: datetime,
    invitation: tuple[str, bytes] | None = None,
) -> bytes:
    """Give the whole mail: text and HTML, with the letter's own Message-ID; nothing in it is random.

    `invitation` is a method with its calendar object, the last of the alternatives (RFC 6047 section 2.4).

    Raises InvalidError for an address that no header may hold.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject_of(content)
    mail["From"] = _address(*parseaddr(sender))
    mail["To"] = _address(name, recipient)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(letter_id, sender)
    mail["Auto-Submitted"] = "auto-generated"  # nobody's holiday notice should answer it (RFC 3834)
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(as_text(content), cte="quoted-printable")
    mail.add_alternative(as_html(content), subtype="html", cte="quoted-printable")
    if invitation is not None:
        method, body = invitation
        mail.add_alternative(body.decode(), subtype="calendar", cte="base64", params={"method": method})
    mail.set_boundary(f"=_{letter_id}_1")
    return mail.as_bytes()


def _address(name: str, email: str) -> Address:
    header_safe(email)
    local, _, host = email.rpartition("@")
    if not local or not host or any(c.isspace() or c in '<>,;:"\\@()[]' for c in local + host):
        raise InvalidError(phrase("This is no mail address."))
    try:
        shown = header_safe(clean(name, limit=10_000)[:200])
    except InvalidError:
        shown = ""
    try:
        return Address(shown, local, host)
    except (ValueError, IndexError) as error:
        raise InvalidError(phrase("This is no mail address.")) from error
