"""Where the demo organisation works: two sites by hand, or as many as asked for, each with queues, teams and rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from devsys.actions.demo_names import BIRDS

USUAL_SITES: Final = 2
USUAL_PEOPLE: Final = 300
TEAM: Final = 12.5  # people a team has on average
QUEUE_TEAMS: Final = 5
ROOM_TEAMS: Final = 4  # teams that share a room


@dataclass(frozen=True, slots=True)
class SitePlan:
    """One site before its people are drawn."""

    code: str
    mark: str  # what the codes of its people begin with
    name: str
    zone: str
    country: str
    region: str
    queues: tuple[tuple[str, str, int], ...]  # code, name, mean handle seconds
    teams: tuple[tuple[str, str, str, str], ...]  # code, name, queue, shift kind
    rooms: tuple[tuple[str, int], ...]


USUAL: Final = (
    SitePlan(
        "lisbon",
        "L",
        "Lisbon",
        "Europe/Lisbon",
        "PT",
        "",
        (("lis-billing", "Billing", 260), ("lis-delivery", "Delivery", 220), ("lis-technical", "Technical", 410)),
        (
            ("lis-alfama", "Billing Alfama", "lis-billing", "early"),
            ("lis-belem", "Billing Belém", "lis-billing", "mid"),
            ("lis-chiado", "Billing Chiado", "lis-billing", "early-late"),
            ("lis-graca", "Returns Graça", "lis-billing", "mid-late"),
            ("lis-lapa", "Returns Lapa", "lis-delivery", "late-early"),
            ("lis-estrela", "Delivery Estrela", "lis-delivery", "early"),
            ("lis-mouraria", "Delivery Mouraria", "lis-delivery", "mid"),
            ("lis-ajuda", "Delivery evenings", "lis-delivery", "late"),
            ("lis-alvalade", "Technical Alvalade", "lis-technical", "early-late"),
            ("lis-arroios", "Technical Arroios", "lis-technical", "mid"),
            ("lis-campolide", "Technical evenings", "lis-technical", "late"),
            ("lis-rossio", "Onboarding Rossio", "lis-billing", "mid"),
        ),
        (("Mewa", 12), ("Tejo", 14), ("Andorinha", 10)),
    ),
    SitePlan(
        "toronto",
        "T",
        "Toronto",
        "America/Toronto",
        "CA",
        "ON",
        (("tor-accounts", "Accounts", 300), ("tor-orders", "Orders", 240), ("tor-technical", "Technical", 430)),
        (
            ("tor-danforth", "Accounts Danforth", "tor-accounts", "early"),
            ("tor-leslie", "Accounts Leslieville", "tor-accounts", "mid"),
            ("tor-ronces", "Accounts Roncesvalles", "tor-accounts", "late-early"),
            ("tor-kensington", "Orders Kensington", "tor-orders", "early-late"),
            ("tor-riverdale", "Orders Riverdale", "tor-orders", "mid"),
            ("tor-junction", "Orders Junction", "tor-orders", "early"),
            ("tor-harbour", "Orders evenings", "tor-orders", "late"),
            ("tor-annex", "Technical Annex", "tor-technical", "mid"),
            ("tor-yorkville", "Technical Yorkville", "tor-technical", "early-late"),
            ("tor-parkdale", "Technical Parkdale", "tor-technical", "mid-late"),
            ("tor-corktown", "Onboarding Corktown", "tor-accounts", "mid"),
        ),
        (("Birch", 12), ("Humber", 14)),
    ),
)

# code, name, zone, country, region: half-hour zones, both hemispheres and places without summer time are among them.
_PLACES: Final = (
    ("lisbon", "Lisbon", "Europe/Lisbon", "PT", ""),
    ("toronto", "Toronto", "America/Toronto", "CA", "ON"),
    ("krakow", "Kraków", "Europe/Warsaw", "PL", ""),
    ("manila", "Manila", "Asia/Manila", "PH", ""),
    ("bengaluru", "Bengaluru", "Asia/Kolkata", "IN", "KA"),
    ("dublin", "Dublin", "Europe/Dublin", "IE", ""),
    ("leipzig", "Leipzig", "Europe/Berlin", "DE", "SN"),
    ("sao-paulo", "São Paulo", "America/Sao_Paulo", "BR", "SP"),
    ("cape-town", "Cape Town", "Africa/Johannesburg", "ZA", ""),
    ("adelaide", "Adelaide", "Australia/Adelaide", "AU", "SA"),
    ("halifax", "Halifax", "America/Halifax", "CA", "NS"),
    ("nairobi", "Nairobi", "Africa/Nairobi", "KE", ""),
    ("porto", "Porto", "Europe/Lisbon", "PT", ""),
    ("bogota", "Bogotá", "America/Bogota", "CO", ""),
    ("sofia", "Sofia", "Europe/Sofia", "BG", ""),
    ("tallinn", "Tallinn", "Europe/Tallinn", "EE", ""),
    ("st-johns", "St. John's", "America/St_Johns", "CA", "NL"),
    ("glasgow", "Glasgow", "Europe/London", "GB", "SCT"),
    ("phoenix", "Phoenix", "America/Phoenix", "US", "AZ"),
    ("utrecht", "Utrecht", "Europe/Amsterdam", "NL", ""),
    ("wellington", "Wellington", "Pacific/Auckland", "NZ", "WGN"),
    ("casablanca", "Casablanca", "Africa/Casablanca", "MA", ""),
    ("montevideo", "Montevideo", "America/Montevideo", "UY", ""),
    ("zagreb", "Zagreb", "Europe/Zagreb", "HR", ""),
    ("osaka", "Osaka", "Asia/Tokyo", "JP", ""),
)
MOST_SITES: Final = len(_PLACES)

_WORK: Final = (
    ("billing", "Billing", 260),
    ("delivery", "Delivery", 220),
    ("technical", "Technical", 410),
    ("accounts", "Accounts", 300),
    ("orders", "Orders", 240),
    ("claims", "Claims", 520),
    ("returns", "Returns", 280),
    ("onboarding", "New customers", 450),
)
_KINDS: Final = ("early", "mid", "early-late", "late", "mid-late", "mid", "late-early", "early")


def site_plans(sites: int = USUAL_SITES, people: int = USUAL_PEOPLE) -> tuple[SitePlan, ...]:
    """Give the sites of an organisation of about so many people; the usual two when nothing else is asked for.

    Raises ValueError for more sites than there are places, or fewer people than a team per queue.
    """
    if (sites, people) == (USUAL_SITES, USUAL_PEOPLE):
        return USUAL
    if not 1 <= sites <= MOST_SITES:
        raise ValueError(f"The demo knows 1 to {MOST_SITES} sites.")
    teams = round(people / sites / TEAM)
    if teams < 2 * len(_WORK[:3]) or teams > len(BIRDS) * len(_WORK):
        raise ValueError(f"The demo needs {6 * TEAM:.0f} to {len(BIRDS) * len(_WORK) * TEAM:.0f} people a site.")
    return tuple(_site(place, teams) for place in _PLACES[:sites])


def _site(place: tuple[str, str, str, str, str], teams: int) -> SitePlan:
    code, name, zone, country, region = place
    short = code[:3]
    work: Sequence[tuple[str, str, int]] = _WORK[: max(3, min(len(_WORK), round(teams / QUEUE_TEAMS)))]
    queues = tuple((f"{short}-{kind}", word, seconds) for kind, word, seconds in work)
    made = []
    for number, (shift, queue) in enumerate(islice(zip(cycle(_KINDS), cycle(queues), strict=False), teams)):
        bird = BIRDS[number % len(BIRDS)]
        again = f" {number // len(BIRDS) + 1}" if number >= len(BIRDS) else ""
        made.append((f"{short}-{bird.lower()}{again.strip()}", f"{queue[1]} {bird}{again}", queue[0], shift))
    rooms = tuple((BIRDS[-1 - n], 10 + 2 * (n % 3)) for n in range(max(3, round(teams / ROOM_TEAMS))))
    return SitePlan(code, short.upper(), name, zone, country, region, queues, tuple(made), rooms)
