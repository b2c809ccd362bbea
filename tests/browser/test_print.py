"""The wall calendar: the year and a month are one landscape page of paper, without what only a screen needs."""

import re

import pytest

from devsys.core.model.access import Role
from tests.web import scenes

A4_LANDSCAPE = (842, 595)  # points


@pytest.mark.parametrize("path", ["/year", "/month?month=2026-01"])
def test_it_prints_on_one_landscape_page(live, organisation, window, path):
    assert organisation.people
    scenes.plan_and_publish(live.parts)
    shown = window(Role.COORDINATOR)
    assert shown.open(path).status == 200
    paper = shown.page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", paper)
    assert [tuple(round(float(side)) for side in box) for box in boxes] == [A4_LANDSCAPE]
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    shown.page.emulate_media(media="print")
    for name in (".sections", ".btn", ".noprint"):
        assert not any(one.is_visible() for one in shown.page.locator(name).all()), name
