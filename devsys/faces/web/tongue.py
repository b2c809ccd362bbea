"""The language of a page: what its reader chose, else what the browser asks for, else that of the organisation."""

from typing import Final

from babel import negotiate_locale
from babel.support import NullTranslations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

from devsys.base.words import ENGLISH, LANGUAGES, speak, texts
from devsys.faces.web.here import here, parts

_ASKED_OFTEN: Final = ("static", "probes", "metrics")  # no reader, no words: nothing is looked up for them


class _Spoken(Domain):  # type: ignore[misc]  # the library has no types
    """The catalogues of devsys.base.words, so that templates and Python say the same."""

    def get_translations(self) -> NullTranslations:
        return texts()


def _chosen() -> str:
    """Give the language of this request; programs (feeds, API) get one that does not depend on who asks."""
    place = (request.endpoint or "").partition(".")[0]
    if place in _ASKED_OFTEN or request.path.startswith("/api/"):
        return ENGLISH
    if request.path.startswith("/feed/"):
        return parts().settings.language
    found = here().sign_in
    if found is not None and found.language in LANGUAGES:
        return found.language
    asked = [language for language, quality in request.accept_languages if quality]
    return negotiate_locale(asked, LANGUAGES, sep="-") or parts().settings.language


def _speak() -> None:
    speak(str(get_locale()))


def _fall_silent(_error: BaseException | None) -> None:
    speak(ENGLISH)


def install(app: Flask) -> None:
    """Let every page, and whatever is done for it, speak its reader's language."""
    babel = Babel(app, locale_selector=_chosen)
    babel.domain_instance = _Spoken()
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals["language"] = lambda: str(get_locale())
    app.before_request(_speak)
    app.teardown_request(_fall_silent)
