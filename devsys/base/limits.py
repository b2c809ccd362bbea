"""The numbers of every parser, checked on bytes and text before a parser runs (trust.md section 5)."""

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase

REQUEST_BYTES = 6 * 1024 * 1024
FORM_MEMORY = 500_000
FORM_PARTS = 1_000
JSON_BYTES = 1024 * 1024
JSON_DEPTH = 32
INSTANCE_BYTES = 64 * 1024 * 1024
REPLY_MAIL_BYTES = 1024 * 1024  # a larger mail is not fetched
REPLY_BYTES = 64_000  # the calendar object in it
REPLY_LINES = 2_000
CSV_BYTES = 5 * 1024 * 1024
CSV_ROWS = 20_000
CSV_COLUMNS = 64
CSV_CELL = 10_000
READINGS_BYTES = 64 * 1024 * 1024  # at the terminal; a page takes a request of REQUEST_BYTES
READINGS_LINES = 250_000
SERIES_BYTES = 64 * 1024 * 1024  # a file of series that somebody labels at the terminal
SERIES_LINES = 1_000_000
ICS_BYTES = 16 * 1024 * 1024
ICS_LINES = 500_000
ICS_LINE = 4 * 1024 * 1024  # of a line that is read: a list of dates may be long; others are passed over
ICS_NAME = 80
ICS_PARAMETERS = 20
ICS_COMPONENTS = 50_000
ICS_DEPTH = 8
ICS_DATES = 100_000  # RDATE, EXDATE and FREEBUSY together
ICS_OCCURRENCES = 100_000
ICS_WORK = 1_000_000  # periods and days that rules are asked for, so that one that never holds ends
ICS_WINDOW_DAYS = 3_660
ICS_UPLOAD_BYTES = 5 * 1024 * 1024
ICS_FETCH_BYTES = 2 * 1024 * 1024
YAML_BYTES = 1024 * 1024
YAML_DEPTH = 20
TEXT = 200
LONG_TEXT = 10_000
LIST_ROWS = 200
FEED_BYTES = 1_000_000
WHOLE_PEOPLE = 1_000  # of a larger organisation pages judge one site at a time
FIRST_YEAR = 2000
YEARS_AHEAD = 10
SESSION_MINUTES = (5, 24 * 60)


def within(data: bytes, limit: int, what: str) -> bytes:
    """Give `data` if it has at most `limit` bytes; `what` names it in the message.

    Raises InvalidError with the size allowed: whoever reads stops one byte beyond it, so nobody knows the whole size.
    """
    if len(data) > limit:
        most = f"{limit // 1024 // 1024} MiB" if limit >= 1024 * 1024 else f"{limit // 1000} kB"
        raise InvalidError(
            phrase("%(what)s is too large: at most %(most)s are taken.", what=what, most=most),
            (Fault(what, phrase("at most %(most)s", most=most)),),
        )
    return data


def decoded(data: bytes, what: str) -> str:
    """Give `data` as text: UTF-8, a byte order mark allowed, no NUL.

    Raises InvalidError naming the line of the first byte that is not UTF-8, or the encoding it looks like.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidError(
            phrase("%(what)s is UTF-16. Save it as UTF-8 and bring it again.", what=what), (Fault(what, "UTF-8"),)
        )
    if data[:2] == b"PK":
        raise InvalidError(
            phrase(
                "%(what)s is a workbook or an archive, not text. Save the sheet as CSV (UTF-8) and bring that.",
                what=what,
            ),
            (Fault(what, phrase("a text file")),),
        )
    if b"\x00" in data:
        raise InvalidError(
            phrase("%(what)s holds NUL bytes, so it is not text. Save it as UTF-8.", what=what), (Fault(what, "UTF-8"),)
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidError(
            phrase(
                "%(what)s is not UTF-8: byte 0x%(byte)s in line %(line)s. Save it as UTF-8 and bring it again.",
                what=what,
                byte=f"{data[error.start]:02X}",
                line=line,
            ),
            (Fault(phrase("line %(number)s", number=line), phrase("UTF-8 text")),),
        ) from None
