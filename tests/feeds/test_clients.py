import pytest

from devsys.core.feeds.clients import family


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("Microsoft.Exchange/15.20 (ICSCalendar)", "Outlook"),
        ("Mozilla/5.0 (Windows NT 10.0) Microsoft Outlook 16.0", "Outlook"),
        ("macOS/14.5 (23F79) dataaccessd/1.0", "Apple Calendar"),
        ("iOS/17.5 (21F79) dataaccessd/1.0", "Apple Calendar"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0", "Thunderbird"),
        ("Nextcloud Webcal Service", "Nextcloud"),
        ("vdirsyncer/0.21.0", "vdirsyncer"),
        ("Evolution/3.52", "Evolution"),
        ("ICSx5/2.2", "ICSx5"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/128.0", "a browser"),
        ("curl/8.5.0", "another program"),
        ("", "another program"),
        (None, "another program"),
    ],
)
def test_family_names_the_program_and_keeps_nothing_else(user_agent: str | None, name: str) -> None:
    assert family(user_agent) == name
