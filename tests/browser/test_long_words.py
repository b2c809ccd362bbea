"""Texts half as long again as English fit: no page scrolls sideways, no word is cut off without a way to read it.

German, and what comes after it, is longer than the English that pages were drawn with.
"""

import re

import pytest
from babel.support import NullTranslations

from devsys.base import words
from devsys.core.model.access import Role
from tests.browser.test_calendar import ALFAMA
from tests.builders import id_of
from tests.web import scenes

PAGES = (
    "/",
    "/year",
    "/month?month=2026-01",
    ALFAMA,
    "/plans",
    "/plans/draw",
    "/owed",
    "/people",
    f"/people/{id_of('bruno.matos')}",
    f"/sessions/{id_of('session alfama')}",
    "/issues",
    "/account",
)
# What is cut off: an element that hides what is beyond it, whose own words are wider than it is, and that says them
# nowhere else; and words of a press or a way that stand out of it.
CUT = """() => {
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const seen = e => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1
    && getComputedStyle(e).visibility !== "hidden"
    && !e.closest(".vh, [hidden], details:not([open]) > :not(summary)"); };
  const told = e => e.closest("[title], svg, a[aria-label], button[aria-label]") || e.matches("[aria-label]");
  const said = e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 50)}`;
  const out = [];
  const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (sideways > 0) out.push(`the page scrolls sideways by ${sideways}`);
  for (const e of document.querySelectorAll("body *")) {
    if (!own(e) || !seen(e) || told(e)) continue;
    const style = getComputedStyle(e), hides = ["hidden", "clip"].includes(style.overflowX);
    const wide = e.scrollWidth > e.clientWidth + 1 && style.display !== "inline";
    if (wide && (hides || e.matches("button, a.btn, nav a, summary, th"))) out.push(said(e));
  }
  return out;
}"""
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")


def longer(text):
    """Give a text with every second word said again in part: some four tenths longer, its places as they are."""
    parts = _KEPT.split(text)
    return "".join(p if _KEPT.fullmatch(p) else re.sub(r"([^\W\d_]{3,})", _longer, p) for p in parts)


def _longer(found):
    word = found[1]
    return word + word[: max(1, round(len(word) * 0.4))].lower()


class Long(NullTranslations):
    """English with longer words."""

    def gettext(self, message):
        return longer(message)

    def ngettext(self, singular, plural, num):
        return longer(singular if num == 1 else plural)

    def pgettext(self, _context, message):
        return longer(message)

    def npgettext(self, _context, singular, plural, num):
        return self.ngettext(singular, plural, num)

    ugettext, ungettext, upgettext, unpgettext = gettext, ngettext, pgettext, npgettext


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def test_long_words_are_some_four_tenths_longer_and_keep_their_places():
    assert longer("Draw a <b>plan</b> for %(name)s") == "Drawdr a <b>planpl</b> forf %(name)s"


def test_longer_words_fit_every_main_page(planned, live, window):
    assert planned.sessions
    speaks = live.app.before_request_funcs[None]
    speaks.append(lambda: words.speak("en", Long()))
    found = {}
    try:
        for width in (390, 1440):
            shown = window(Role.COORDINATOR, width=width)
            for path in PAGES:
                assert shown.open(path).status == 200, path
                if cut := shown.page.evaluate(CUT):
                    found[f"{path} at {width}"] = list(dict.fromkeys(cut))
    finally:
        speaks.pop()
    assert not found, "\n".join(f"{page}: {cut}" for page, cut in found.items())
