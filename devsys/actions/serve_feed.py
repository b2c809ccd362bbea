"""Answer a poll: one indexed read says the revision; a known ETag is 304, a kept body goes out, else it is joined."""

import contextlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import feeds, letters
from devsys.adapters.store.queries.feeds import Poll, Rendered
from devsys.base.errors import UnavailableError
from devsys.base.ids import token_hash
from devsys.core.feeds.assemble import assemble, gzipped
from devsys.core.feeds.clients import family
from devsys.core.feeds.conditional import Coding, coding, etag, not_modified

KEPT_BYTES: Final = 32 * 1024 * 1024


class Bodies:
    """Bodies kept by one process, by ETag; when they take more than `most` bytes, the longest unused go."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, tag: str) -> bytes | None:
        """Give a kept body."""
        with self._lock:
            found = self._bodies.get(tag)
            if found is not None:
                self._bodies.move_to_end(tag)
            return found

    def put(self, tag: str, body: bytes) -> None:
        """Keep a body, if it fits at all."""
        with self._lock:
            if tag in self._bodies or len(body) > self._most:
                return
            self._bodies[tag] = body
            self._size += len(body)
            while self._size > self._most:
                self._size -= len(self._bodies.popitem(last=False)[1])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client sent, as its headers say it; None where a header is missing."""

    token: str
    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    user_agent: str | None = None


class Outcome(StrEnum):
    """What came of a poll."""

    GONE = "gone"
    SAME = "same"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Notes:
    """What is written down after the answer has left: that the feed was fetched, and bytes made for it."""

    feed_id: str
    client: str
    fetched: datetime | None
    rendered: tuple[Rendered, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to write."""
        return self.fetched is not None or bool(self.rendered)


@dataclass(frozen=True, slots=True)
class Served:
    """The answer: GONE is the same whether a token is unknown, revoked, expired or a leaver's (feeds.md Q02)."""

    outcome: Outcome
    tag: str = ""
    coding: Coding = "identity"
    revised: datetime | None = None
    body: bytes = b""
    notes: Notes | None = None


NOTED: Final = timedelta(hours=1)  # a fetch is written down so often at most
GONE: Final = Served(Outcome.GONE)


def serve_feed(parts: Parts, bodies: Bodies, asked: Asked) -> Served:
    """Answer a poll: one read for 304 and for a kept body, two for one that is joined, three at its first fetch."""
    now = parts.now()
    with parts.store.glance() as db:
        poll = feeds.poll(db, token_hash(asked.token))
        if poll is None or not poll.alive(now):
            return GONE
        chosen = coding(asked.accept_encoding)
        tag = etag(poll.epoch, poll.feed_id, poll.revision, chosen)
        notes = _notes(poll, asked, now)
        same = not_modified(asked.if_none_match, asked.if_modified_since, tag=tag, revised=poll.revised, now=now)
        if same:
            return Served(Outcome.SAME, tag, chosen, poll.revised, b"", notes)
        body = bodies.get(tag)
        if body is None:
            found = feeds.body(db, poll.feed_id)
            body = assemble(poll.name, found.zones, found.fragments)
            body = gzipped(body) if chosen == "gzip" else body
            bodies.put(tag, body)
            notes = Notes(notes.feed_id, notes.client, notes.fetched, found.rendered)
    return Served(Outcome.BODY, tag, chosen, poll.revised, body, notes)


def _notes(poll: Poll, asked: Asked, now: datetime) -> Notes:
    """Note a fetch once an hour."""
    client = family(asked.user_agent)
    known = poll.fetched is not None and now - poll.fetched <= NOTED
    return Notes(poll.feed_id, client, None if known else now)


def write_notes(parts: Parts, notes: Notes) -> bool:
    """Write down what a poll leaves behind, if nobody else is writing at this moment; say whether it was written.

    Nothing depends on it: the next poll brings the same notes again.
    """
    with contextlib.suppress(UnavailableError), parts.store.write(wait=False) as db:
        if notes.fetched is not None:
            owner_id = feeds.note_fetched(db, notes.feed_id, notes.client, notes.fetched)
            if owner_id is not None:  # whoever made the link hears once that it works, or that somebody else has it
                about = f"{notes.feed_id} {notes.fetched.isoformat()} {notes.client}"
                letters.open_one(db, letters.FETCHED, about, owner_id, notes.fetched)
        feeds.keep_rendered(db, notes.rendered)
        return True
    return False
