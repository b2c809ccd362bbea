"""A month of the pulse as figures of groups: what is let out, and nothing else stays (trust.md R19)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from devsys.core.improvement.cells import Cell, let_out
from devsys.core.model.pulse import EVERYBODY, PulseFigure, Said, unit_of_site, unit_of_team


def figures(month: str, said: Iterable[Said], site_of: Mapping[str, str]) -> tuple[PulseFigure, ...]:
    """Give what may be shown of a month; `site_of` maps teams to sites.

    A team of fewer than five answers is counted in its site alone, and a site of fewer in the whole; whatever would
    give a small group away by subtraction is left out too. Order: statement, wording, unit.
    """
    by_item: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        by_item[one.item, one.wording].append(one)
    return tuple(
        PulseFigure(month, item, words, figure.key, int(figure.numerator), int(figure.denominator))
        for (item, words), some in sorted(by_item.items())
        for figure in sorted(let_out(_cells(some, site_of), least=1), key=lambda f: f.key)
        if figure.numerator is not None and figure.denominator is not None
    )


def _cells(some: Iterable[Said], site_of: Mapping[str, str]) -> tuple[Cell, ...]:
    # Nobody is known, so the answers stand for people: each person gives one a month to each statement.
    units: dict[str, tuple[str, list[Said]]] = {EVERYBODY: ("", [])}
    for one in some:
        site = unit_of_site(site_of.get(one.team_id, ""))
        for unit, whole in ((EVERYBODY, ""), (site, EVERYBODY), (unit_of_team(one.team_id), site)):
            units.setdefault(unit, (whole, []))[1].append(one)
    return tuple(
        Cell(unit, frozenset(s.id for s in some), sum(s.answer for s in some), len(some), whole)
        for unit, (whole, some) in units.items()
    )
