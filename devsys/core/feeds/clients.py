"""Which family of calendar program fetched a feed, by its User-Agent; the words are ours, nothing else is kept."""

from typing import Final

OTHER: Final = "another program"
_FAMILIES: Final = (
    ("google-calendar", "Google Calendar"),
    ("googlebot", "Google Calendar"),
    ("microsoft", "Outlook"),
    ("outlook", "Outlook"),
    ("exchange", "Outlook"),
    ("thunderbird", "Thunderbird"),
    ("lightning", "Thunderbird"),
    ("nextcloud", "Nextcloud"),
    ("vdirsyncer", "vdirsyncer"),
    ("evolution", "Evolution"),
    ("icsx5", "ICSx5"),
    ("icsdroid", "ICSx5"),
    ("calendaragent", "Apple Calendar"),
    ("dataaccessd", "Apple Calendar"),
    ("remindd", "Apple Calendar"),
    ("ical/", "Apple Calendar"),
    ("macos/", "Apple Calendar"),
    ("mac os x/", "Apple Calendar"),
    ("mac+os+x/", "Apple Calendar"),
    ("ios/", "Apple Calendar"),
    ("mozilla/", "a browser"),
)


def family(user_agent: str | None) -> str:
    """Give the family of the client in words."""
    known = (user_agent or "").lower()[:300]
    return next((name for part, name in _FAMILIES if part in known), OTHER)
