"""A browser without script: it signs in where a page asks it to, reads the forms of a page and presses their buttons.

What it sends is what a form holds (token, hidden values, what is chosen already) and what somebody typed into it.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VALUED = frozenset(("hidden", "text", "date", "time", "number", "email", "password", "search"))


@dataclass
class Button:
    """A button of a form, with what it adds to what is sent."""

    text: str = ""
    name: str = ""
    value: str = ""


@dataclass
class PageForm:
    """A form that posts: where to, what it holds, its buttons."""

    action: str
    held: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def button(self, words: str) -> Button | None:
        """Give the button whose text begins with some words."""
        return next((b for b in self.buttons if b.text.startswith(words)), None)


class _Reader(HTMLParser):
    """Gathers the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._button: Button | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(has.get("action", "")) if has.get("method") == "post" else None
            if self._form is not None:
                self.forms.append(self._form)
        form, name = self._form, has.get("name", "")
        if form is None:
            return
        if tag == "button":
            self._button = Button("", name, has.get("value", ""))
            form.buttons.append(self._button)
        elif tag == "input" and name:
            self._input(form, name, has)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            value = has.get("value", "")
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in has or self._select not in form.held:
                form.held[self._select] = value
        elif tag == "textarea":
            self._area = name
            form.held[name] = ""

    @staticmethod
    def _input(form: PageForm, name: str, has: dict[str, str]) -> None:
        kind = has.get("type", "text")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" in has:
                form.held[name] = has.get("value", "on")
        elif kind in _VALUED:
            form.held[name] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text = " ".join(f"{self._button.text} {data}".split())
        elif self._area and self._form is not None:
            self._form.held[self._area] += data


def forms_of(page: Any) -> list[PageForm]:
    """Give the forms of a page that post."""
    reader = _Reader()
    reader.feed(page.text)
    return reader.forms


@dataclass
class PlainBrowser:
    """Somebody's browser. `client` is the application's; `origin` the public address."""

    client: Any
    origin: str
    email: str
    password: str

    def get(self, path: str) -> Any:
        """Go to a page; sign in first where it asks for that. What it cannot show is a fault of the story."""
        answer = self._follow(self.client.get(path))
        if answer.request.path == "/sign-in":
            self._sign_in()
            answer = self._follow(self.client.get(path))
        assert answer.status_code == 200, (path, answer.status_code)
        return answer

    def press(self, page: Any, words: str, *, status: int = 200, on: str = "", **typed: Any) -> Any:
        """Press the first button whose text begins with words (in a form to an address that holds `on`).

        Gives the page it leads to; anything but `status` at its end is a fault of the story.
        """
        for form in forms_of(page):
            button = form.button(words)
            if button is not None and on in form.action:
                answer = self.send(page, form, button, **typed)
                assert answer.status_code == status, (form.action, answer.status_code, words_of(answer))
                return answer
        raise AssertionError(f"no button {words!r} on {page.request.path}: {words_of(page)}")

    def send(self, page: Any, form: PageForm, button: Button, **typed: Any) -> Any:
        """Send a form by one of its buttons, and follow to where it leads."""
        data = {**form.held, **({button.name: button.value} if button.name else {}), **typed}
        path = form.action.removeprefix(self.origin) or page.request.full_path
        return self._follow(self.client.post(path, data=data, headers={"Origin": self.origin}))

    def _follow(self, answer: Any) -> Any:
        while answer.status_code in (302, 303):
            answer = self.client.get(answer.headers["Location"].removeprefix(self.origin))
        return answer

    def _sign_in(self) -> None:
        page = self.client.get("/sign-in")
        self.press(page, "Sign in", email=self.email, password=self.password)


def words_of(page: Any) -> str:
    """Give what stands in the main part of a page, shortened, for those who read why a story broke."""
    found = re.search(r"<main.*?</main>", page.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0] if found else page.text).split())[:1500]
