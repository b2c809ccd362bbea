"""Calendar links of the token's owner; an address stands in one answer and never again."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from devsys.actions import rotate_feed
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import feeds
from devsys.base.errors import InvalidError
from devsys.base.text import clean
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.programme import Kind
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, moment_of
from devsys.faces.web.here import parts, viewer

noun = Noun("feeds", "feeds")


def _name(text: str) -> str:
    try:
        found = clean(text, limit=60)
    except InvalidError as error:
        raise ValueError(error.message) from None
    if not found:
        raise ValueError("Name the device.")
    return found


class FeedIn(In):
    """A link to be made."""

    name: Annotated[str, AfterValidator(_name)] = Field(min_length=1, max_length=60)
    kind: FeedKind = FeedKind.PERSON
    target_id: str = Field("", pattern=r"^[0-9a-zA-Z_-]{0,64}$", description="Empty: oneself.")
    kinds: list[Kind] = Field([], max_length=20, description="Only these kinds of activity; none: all.")
    titles: bool = Field(default=False, description="Own coaching by name.")


class Feed(Out):
    """One link, without its address."""

    id: str
    name: str
    kind: FeedKind
    target_id: str
    kinds: list[str]
    titles: bool
    created: datetime
    fetched: datetime | None


class Feeds(Out):
    """A page of the owner's links, oldest first."""

    items: list[Feed]
    next: str = Field(description=NEXT)


class Address(Out):
    """A new address."""

    address: str


@noun.op("GET", "/feeds", "feeds", query=PageQuery, gives=Feeds)
def listed(asked: PageQuery) -> Feeds:
    """List one's own calendar links."""
    after = moment_of("feeds", asked.cursor)
    with parts().store.read() as db:
        found = feeds.of_owner(db, viewer().person_id, after=after, limit=asked.limit + 1)
    rows, further = cut("feeds", found, asked.limit, lambda f: (f.created.isoformat(), f.id))
    return Feeds(
        items=[
            Feed(
                id=f.id,
                name=f.name,
                kind=f.settings.kind,
                target_id=f.settings.target_id,
                kinds=sorted(f.settings.kinds),
                titles=f.settings.titles,
                created=f.created,
                fetched=f.fetched,
            )
            for f in rows
        ],
        next=further,
    )


@noun.op("POST", "/feeds", "feeds", "write", body=FeedIn, gives=Address, status=201)
def make(given: FeedIn) -> Address:
    """Make a calendar link."""
    target = given.target_id or viewer().person_id
    wanted = Wanted(given.kind, target, given.name, tuple(given.kinds), given.titles)
    return _address(rotate_feed.make(parts(), viewer(), wanted))


@noun.op("POST", "/feeds/<feed_id>/renew", "feeds", "write", gives=Address)
def renew(feed_id: str) -> Address:
    """Give a link another address; the old one is dead at once."""
    return _address(rotate_feed.renew(parts(), viewer(), feed_id))


@noun.op("DELETE", "/feeds/<feed_id>", "feeds", "write", status=204)
def revoke(feed_id: str) -> None:
    """End a link."""
    rotate_feed.revoke(parts(), viewer(), feed_id)


def _address(token: str) -> Address:
    return Address(address=f"{parts().settings.public_url}/feed/{token}.ics")
