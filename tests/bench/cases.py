"""What is measured: instances, what plans them, and for how long."""

from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.instances import CLOCKS, HALVES, KATHMANDU, Shape

# Processor seconds for everything that plans an instance of a size: agents x weeks.
SMALL_LIMIT, YEAR_LIMIT, QUICK_LIMIT, NO_LIMIT = 120.0, 240.0, 8.0, 100_000.0
A_MINUTE = 60.0
PEERS = ("first fit", "CP-SAT", "Timefold")


@dataclass(frozen=True, slots=True)
class Job:
    """One process to run: `what` plans an instance, `limit` in processor seconds; `again` tells repetitions apart.

    `what`: full, construct, first fit, CP-SAT, Timefold, repair or reasons. `maker`: "own", or "public" for the maker
    that lies beside the checkout on some machines.
    """

    what: str
    shape: Shape
    limit: float = NO_LIMIT
    maker: str = "own"
    again: int = 0

    @property
    def name(self) -> str:
        """The name of its result file."""
        return "-".join(
            (self.what.replace(" ", "_"), self.maker, name_of(self.shape), f"{self.limit:g}s", f"{self.again}")
        )

    def spec(self) -> dict[str, Any]:
        """Everything that says what is run."""
        return asdict(self)


def name_of(shape: Shape) -> str:
    """Give a short name of an instance."""
    zones = "+".join(z.name.rsplit("/", 1)[-1] or f"{z.offset}.{z.minutes}" for z in shape.zones[: shape.sites])
    traits = f"p{shape.part_time:g}t{shape.teams[0]}l{shape.leaders:g}"
    return f"{shape.agents}x{shape.sites}x{shape.weeks}-r{shape.requirement:g}-{traits}-s{shape.seed}-z{zones[:40]}"


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a table: an instance, and what else than the planner itself plans it."""

    label: str
    shape: Shape
    limit: float = NO_LIMIT
    peers: tuple[str, ...] = ("first fit",)
    construct: bool = False
    crew: bool = False
    maker: str = "own"

    def job(self, what: str, again: int = 0) -> Job:
        """Give a job on this instance."""
        return Job(what, self.shape, self.limit, self.maker, again)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All that must have run for this line."""
        own = (self.job("full"), *(self.job(what) for what in ("construct", "crew") if getattr(self, what)))
        return (*own, *(self.job(p) for p in self.peers))

    @property
    def id(self) -> str:
        """The name of its test."""
        return self.label.lower().replace(" ", "_").replace(",", "")


YEAR_SEEDS = (1, 2, 4, 6, 7)
SMALL_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
PUBLIC_SEEDS = (101, 102, 103, 104, 105)
TIGHTNESS = ((1.03, 0.992), (1.06, 0.96), (1.10, 0.83))
TIGHT_SEEDS = (1, 2)
GROWTH = ((60, 1), (120, 1), (300, 1), (1_000, 3), (3_000, 8), (10_000, 25))

QUICK = (
    Case("quick 60 x 13", Shape(60, 13, seed=1), QUICK_LIMIT, PEERS, construct=True),
    Case("quick 300 x 13", Shape(300, 13, seed=1), QUICK_LIMIT, construct=True),
)
YEARS = tuple(Case(f"300 x 52, seed {s}", Shape(300, 52, seed=s), YEAR_LIMIT, construct=True) for s in YEAR_SEEDS)
SMALL = tuple(Case(f"60 x 13, seed {s}", Shape(60, 13, seed=s), SMALL_LIMIT) for s in SMALL_SEEDS)
TIGHT = tuple(
    Case(f"requirement x {factor:.2f}, seed {s}", Shape(300, 52, seed=s, requirement=factor), YEAR_LIMIT)
    for factor, _ in TIGHTNESS
    for s in TIGHT_SEEDS
)
GROWN = tuple(
    Case(f"{n} x {sites} x 52", Shape(n, 52, sites=sites, seed=1), crew=n == GROWTH[-1][0]) for n, sites in GROWTH
)
# Each kind of organisation at 300 x 52 against first fit, and small against all peers.
TRAITS: dict[str, dict[str, Any]] = {
    "half-hour zones": {"sites": 4, "zones": HALVES},
    "UTC+5:45": {"zones": KATHMANDU},
    "clock changes": {"sites": 3, "zones": CLOCKS},
    "part-timers": {"part_time": 0.5},
    "small teams": {"teams": (4, 6)},
    "few leaders": {"leaders": 0.2},
    "tight queue": {"requirement": 1.06},
}
VARIANTS = tuple(Case(f"{name}, 300 x 52", Shape(300, 52, seed=1, **more), YEAR_LIMIT) for name, more in TRAITS.items())
RIVALS = (
    Case("rivals 60 x 13", Shape(60, 13, seed=1), SMALL_LIMIT, PEERS),
    Case("rivals 60 x 13, small teams", Shape(60, 13, seed=1, teams=(4, 6)), A_MINUTE, PEERS),
    Case("rivals 60 x 13, tight", Shape(60, 13, seed=1, requirement=1.06), A_MINUTE, PEERS),
    Case("rivals 300 x 52 in a minute", Shape(300, 52, seed=1), A_MINUTE, PEERS),
    Case("rivals 300 x 52", Shape(300, 52, seed=1), YEAR_LIMIT, PEERS),
)
PUBLIC = (
    *(
        Case(f"public maker, 60 x 13, seed {s}", Shape(60, 13, seed=s), SMALL_LIMIT, maker="public")
        for s in PUBLIC_SEEDS
    ),
    Case("public maker, 300 x 52", Shape(300, 52, seed=101), YEAR_LIMIT, construct=True, maker="public"),
    Case("public maker, x 1.06", Shape(300, 52, seed=102, requirement=1.06), YEAR_LIMIT, maker="public"),
    Case("public maker, 1000 x 3 x 52", Shape(1_000, 52, sites=3, seed=101), maker="public"),
)
TWICE = Case("the same again", Shape(300, 52, seed=1), YEAR_LIMIT, ())
UPKEEP = (
    Case("upkeep of 300 x 52", Shape(300, 52, seed=1), YEAR_LIMIT, ()),
    Case("upkeep of 300 x 52, x 1.06", Shape(300, 52, seed=1, requirement=1.06), YEAR_LIMIT, ()),
)

ALL = (*QUICK, *SMALL, *YEARS, *TIGHT, *GROWN, *VARIANTS, *RIVALS)
