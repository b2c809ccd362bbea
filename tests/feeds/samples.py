"""Feed events with real words, and a sound file made of them by hand: what the lint's broken samples are cut from."""

from datetime import UTC, datetime

from devsys.core.feeds.assemble import assemble
from devsys.core.feeds.vevent import NO_OPTIONS, FeedEvent, Options, Said, Stamps, say, vevent
from devsys.core.model.calendar import Status, View
from devsys.core.model.programme import Kind

CREATED = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHANGED = datetime(2026, 1, 12, 15, 30, tzinfo=UTC)

CALM = FeedEvent(
    uid="b7e1f0c52a9d4e6f8a01@devsys",
    title="Clear language; kind limits",
    kind=Kind.BOUNDARIES,
    zone="Europe/Lisbon",
    minutes=90,
    starts_utc=datetime(2026, 3, 17, 14, tzinfo=UTC),
    status=Status.PLANNED,
    created=CREATED,
    location="Mewa, Lisbon",
    facilitator="Marta Nogueira",
    aim="Say what is possible and what is not, in words that leave nobody guessing.",
    prepare="One call in which you promised more than you could keep.",
    url="https://devsys.northgate.example/sessions/5c0d3b7a91e2f4688d11",
)
ROUND = FeedEvent(
    uid="0f2c4a6e8b1d3f5a7c90@devsys",
    title="Fallrunde: Rückerstattung verweigert, Kundin außer sich, drei Übergaben: wie es trotzdem gut ausging",
    kind=Kind.ROUND,
    zone="Asia/Kathmandu",
    minutes=60,
    starts_utc=datetime(2026, 4, 9, 5, 15, tzinfo=UTC),
    status=Status.PLANNED,
    created=CREATED,
    location="Himal, Kathmandu",
    facilitator="Rajesh Karki",
    aim="Was geholfen hat, bleibt im Team.\nEmpört, erschöpft, erleichtert: 😠 → 😮‍💨 → 🙂",
    url="https://devsys.northgate.example/sessions/91e2f4688d115c0d3b7a",
)
TALK = FeedEvent(
    uid="9a8b7c6d5e4f30211203@devsys",
    title="Coaching: saying no without guilt",
    kind=Kind.COACHING,
    zone="America/Santiago",
    minutes=45,
    starts_utc=datetime(2026, 5, 6, 13, tzinfo=UTC),
    status=Status.PLANNED,
    created=CREATED,
    facilitator="Nadia Haddad",
    aim="Three situations, one sentence each.",
    url="https://devsys.northgate.example/sessions/688d115c0d3b7a91e2f4",
)


def said(event: FeedEvent, view: View = View.OWN) -> Said:
    return say(event, view)


def bytes_of(
    event: FeedEvent,
    view: View = View.OWN,
    *,
    sequence: int = 0,
    changed: datetime = CHANGED,
    options: Options = NO_OPTIONS,
) -> bytes:
    return vevent(say(event, view), Stamps(sequence, changed), options)


def a_file(*events: FeedEvent, view: View = View.OWN, name: str = "Ana Correia") -> bytes:
    chosen = events or (CALM, ROUND, TALK)
    return assemble(name, {say(e, view).zone for e in chosen}, [bytes_of(e, view) for e in chosen])
