"""Once a month is over the single answers of its pulse become figures of groups, and go."""

from collections.abc import Mapping

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import pulse
from devsys.core.improvement.pulse import figures
from devsys.core.model.pulse import over_before


def close_pulse(parts: Parts) -> Mapping[str, int]:
    """Close every month that is over everywhere; give how many figures were let out, by month."""
    with parts.store.write() as db:
        sites = pulse.site_of_teams(db)
        let_out = {}
        for month in pulse.months_before(db, over_before(parts.now())):
            found = figures(month, pulse.said_in(db, month), sites)
            pulse.close(db, month, found)
            let_out[month] = len(found)
    return let_out
