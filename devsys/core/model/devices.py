"""Where a sign-in came from, in words: what people recognise, and no more than that."""

import ipaddress
from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_words(agent: str) -> str:
    """Give a browser and system in words ("Firefox on Windows") from what a browser says of itself; no versions."""
    browser = next((words for mark, words in _BROWSERS if mark in agent), "A browser")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def network_words(address: str) -> str:
    """Give the larger network of an address ("203.0.x.x"), the local one as words, empty where it says nothing."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback or found.is_unspecified:
        return ""  # a proxy on this machine: everybody comes from there
    if found.is_private or found.is_link_local:
        return "a local network"
    if isinstance(found, ipaddress.IPv4Address):
        return ".".join(str(found).split(".")[:2]) + ".x.x"
    return ":".join(found.exploded.split(":")[:2]) + "::x"
