"""Views of many sessions are kept some at a time: what is kept is the same."""

from sqlalchemy import delete, select

from devsys.adapters.store.queries import fragments, sessions
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.tables.feeds import FragmentRow
from tests.builders import NOW, a_session, publish_now
from tests.web import scenes

_FRAGMENT = table(FragmentRow)


def test_views_kept_two_at_a_time_are_those_kept_at_once(parts, organisation, monkeypatch):
    assert organisation.people
    scenes.adopt_shipped(parts)
    publish_now(parts, *(a_session(f"round {n}", people=("ana.correia", "bruno.matos")) for n in range(5)))

    def kept():
        with parts.store.write() as db:
            db.execute(delete(_FRAGMENT))
            found = fragments.keep(db, sessions.published(db), NOW)
            return found, db.execute(select(_FRAGMENT).order_by(*_FRAGMENT.primary_key)).all()

    whole = kept()
    assert len(whole[0]) == len(whole[1]) == 15
    monkeypatch.setattr(fragments, "AT_ONCE", 2)
    assert kept() == whole
