"""What a browser holds: one random secret, and the notices of the last press.

The secret is the sign-in's (its hash is in the database) or, before that, a visitor's. The token against forged
forms is derived from it, so a token is worth nothing in another sign-in. There is no other session data, and a
request that asks for none of it (a feed) gets no cookie.
"""

import hashlib
import hmac
from typing import Any, Final, cast

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SessionInterface
from itsdangerous import BadSignature, URLSafeSerializer

from devsys.actions.parts import Parts
from devsys.base.ids import new_token

TOKEN: Final = "csrf_token"  # noqa: S105 -- the name flask-wtf looks for
NOTICES: Final = "_flashes"  # the name flask.flash uses
SECRET_LENGTH: Final = 64


class Browser(SecureCookieSession):
    """The session flask and flask-wtf see; only the token and the notices are ever kept."""

    def __init__(self, secret: str, key: str, notices: list[Any]) -> None:
        self.secret = secret
        self.fresh = False
        self._key = key
        first: dict[str, Any] = {NOTICES: notices} if notices else {}
        super().__init__(first)
        self.had_notices = bool(notices)
        if secret:
            dict.__setitem__(self, TOKEN, self._token())

    def _token(self) -> str:
        return hmac.new(self._key.encode(), f"form:{self.secret}".encode(), hashlib.sha256).hexdigest()

    def __setitem__(self, key: str, value: Any) -> None:
        """Keep a value; a token asked for without a cookie mints the visitor's secret and is derived from it."""
        if key == TOKEN:
            if not self.secret:
                self.renew(new_token())
            return
        super().__setitem__(key, value)

    def renew(self, secret: str) -> None:
        """Take another secret: the answer sets it as the cookie."""
        self.secret, self.fresh = secret, True
        dict.__setitem__(self, TOKEN, self._token())

    def forget(self) -> None:
        """Hold nothing any longer: the answer deletes the cookie."""
        self.secret, self.fresh = "", True
        dict.pop(self, TOKEN, None)


class Browsers(SessionInterface):
    """Reads and writes the two cookies."""

    def __init__(self, parts: Parts, key: str) -> None:
        self._https = parts.settings.public_url.startswith("https://")
        self._name = "__Host-devsys" if self._https else "devsys"
        self._key = key
        self._signer = URLSafeSerializer(key, salt="notices")

    def open_session(self, app: Flask, request: Request) -> Browser:  # noqa: ARG002 -- flask's signature
        """Give what the browser sent, or nothing where it cannot be ours."""
        secret = request.cookies.get(self._name, "")
        if not (secret.isascii() and secret.isprintable() and len(secret) <= SECRET_LENGTH):
            secret = ""
        return Browser(secret, self._key, self._notices(request.cookies.get(f"{self._name}-said", "")))

    def _notices(self, text: str) -> list[Any]:
        if not text:
            return []
        try:
            return [tuple(pair) for pair in self._signer.loads(text)]
        except (BadSignature, TypeError, ValueError):
            return []

    def save_session(self, app: Flask, session: Any, response: Response) -> None:  # noqa: ARG002 -- flask's signature
        """Set or delete cookies, only where something changed."""
        browser = cast(Browser, session)
        if browser.accessed:
            response.vary.add("Cookie")
        if browser.fresh:
            self._set(response, self._name, browser.secret)
        notices = browser.get(NOTICES, [])
        if browser.modified and (notices or browser.had_notices):
            text = self._signer.dumps(notices[-5:]) if notices else ""
            self._set(response, f"{self._name}-said", text if isinstance(text, str) else text.decode())

    def _set(self, response: Response, name: str, value: str) -> None:
        if value:
            response.set_cookie(name, value, secure=self._https, httponly=True, samesite="Lax", path="/")
        else:
            response.delete_cookie(name, secure=self._https, httponly=True, samesite="Lax", path="/")
