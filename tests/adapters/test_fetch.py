"""A file from an address: a real server with TLS on loopback, and all that is refused before anybody is asked."""

import ipaddress
import socket
import ssl

import pytest

from devsys.adapters.fetch import Way, fetch, host_of, is_open
from devsys.base.errors import InvalidError
from devsys.base.limits import ICS_FETCH_BYTES
from tests.tls import HOST

ADDRESS = f"https://{HOST}/secret-abc/basic.ics?x=1"


def test_it_comes_with_what_the_next_request_needs(served):
    served.answers["headers"] = {"ETag": '"a"', "Last-Modified": "Mon, 05 Jan 2026 08:00:00 GMT"}
    got = fetch(ADDRESS, way=served.way)
    assert got.data == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert (got.tag, got.dated) == ('"a"', "Mon, 05 Jan 2026 08:00:00 GMT")
    path, headers = served.asked[0]
    assert path == "/secret-abc/basic.ics?x=1"
    assert headers["Host"] == HOST
    assert "If-None-Match" not in headers
    served.answers["status"] = 304
    again = fetch(ADDRESS, tag=got.tag, dated=got.dated, way=served.way)
    assert (again.data, again.tag) == (None, '"a"')
    assert served.asked[1][1]["If-None-Match"] == '"a"'
    assert served.asked[1][1]["If-Modified-Since"] == got.dated


@pytest.mark.parametrize("status", [301, 302, 304, 307, 404, 500])
def test_no_other_answer_counts_and_no_redirect_is_followed(served, status):
    served.answers |= {"status": status, "headers": {"Location": "https://127.0.0.1/"}}
    with pytest.raises(InvalidError) as refused:
        fetch(ADDRESS, way=served.way)
    assert len(served.asked) == 1
    assert "secret" not in refused.value.message


def test_what_is_too_large_packed_or_too_slow_is_left(served):
    served.answers["body"] = b"x" * (ICS_FETCH_BYTES + 1)
    with pytest.raises(InvalidError, match="larger than 2 MiB"):
        fetch(ADDRESS, way=served.way)
    served.answers["headers"] = {"Content-Encoding": "gzip"}
    with pytest.raises(InvalidError, match="packed"):
        fetch(ADDRESS, way=served.way)
    served.answers["hang"] = True
    slow = Way(served.way.look_up, served.way.allowed, served.way.port, served.way.context, 0.3)
    with pytest.raises(InvalidError, match="did not answer within"):
        fetch(ADDRESS, way=slow)


def test_a_certificate_that_nobody_vouches_for_is_refused(served):
    with pytest.raises(InvalidError, match="certificate"):
        fetch(ADDRESS, way=Way(served.way.look_up, served.way.allowed, served.way.port))
    with pytest.raises(InvalidError, match="certificate"):
        fetch(f"https://other.example/{HOST}", way=served.way)
    assert served.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a.ics",
        "file:///etc/passwd",
        "gopher://example.com/",
        "data:text/calendar,BEGIN:VCALENDAR",
        "ftp://example.com/a.ics",
        "https://user@example.com/a.ics",
        "https://user:word@example.com/a.ics",
        "https://example.com:8443/a.ics",
        "https://127.0.0.1/a.ics",
        "https://2130706433/a.ics",
        "https://0x7f000001/a.ics",
        "https://0177.0.0.1/a.ics",
        "https://127.1/a.ics",
        "https://[::1]/a.ics",
        "https://[::ffff:127.0.0.1]/a.ics",
        "https://１２７.0.0.1/a.ics",  # noqa: RUF001 -- wide digits
        "https://localhost/a.ics",
        "https://example.com/a b.ics",
        "https://exam\nple.com/a.ics",
        "https://example.com\r\nHost: other/a.ics",
        "https:///a.ics",
        "https://example..com/",
        "https://example.com:port/",
        "https://[::1/",
        "https://example.com/" + "a" * 3000,
        "",
    ],
)
def test_addresses_that_are_not_taken(address):
    def nobody(*_: object) -> tuple[str, ...]:
        raise AssertionError("looked up")

    with pytest.raises(InvalidError):
        fetch(address, way=Way(look_up=nobody))


def test_webcal_is_https():
    assert host_of("webcal://p01.example.com/a?b=c") == ("p01.example.com", "/a?b=c")
    assert host_of("https://example.com") == ("example.com", "/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 -- refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:1::1",
        "2001:db8::1",
    ],
)
def test_networks_that_are_not_reached(address):
    assert not is_open(ipaddress.ip_address(address))

    def nobody(*_: object) -> ssl.SSLContext:
        raise AssertionError("connected")

    with pytest.raises(InvalidError, match="network that is not reached"):
        fetch(ADDRESS, way=Way(look_up=lambda *_: ("93.184.215.14", address), context=nobody))


def test_networks_that_are_reached():
    assert all(is_open(ipaddress.ip_address(a)) for a in ("93.184.215.14", "2606:2800:21f::1"))


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(served):
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])

    def changing(*_: object) -> tuple[str, ...]:
        return next(answers)

    way = Way(changing, served.way.allowed, served.way.port, served.way.context, 3.0)
    assert fetch(ADDRESS, way=way).data
    assert next(answers) == ("10.0.0.1",)  # the name was looked up once


def test_a_name_nobody_knows_is_said():
    def unknown(*_: object) -> tuple[str, ...]:
        raise socket.gaierror

    with pytest.raises(InvalidError, match="No such host"):
        fetch(ADDRESS, way=Way(look_up=unknown))
