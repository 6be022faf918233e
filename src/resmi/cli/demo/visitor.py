"""A visitor of the web pages: keeps cookies, reads forms, fills them in. No JavaScript."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

TIMEOUT_S = 60.0
SKIPPED = ("submit", "button", "radio", "checkbox", "file", "image", "reset")


class Unexpected(Exception):
    """A page was not as it should be; the text says which and why."""


@dataclass
class Form:
    """A form of a page with the values it came with."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What the browser shows after redirects."""

    url: str
    html: str
    forms: tuple[Form, ...]

    @property
    def path(self) -> str:
        """The address without its origin."""
        return urlsplit(self.url).path

    def form(self, action: str) -> Form:
        """The first form that posts to a path ending in `action`. Raises `Unexpected`."""
        for form in self.forms:
            if urlsplit(form.action).path.endswith(action):
                return form
        raise Unexpected(f"{self.path} has no form for {action}")


class _Forms(HTMLParser):
    """Collects forms and the fields in them."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.forms: list[Form] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.base, values.get("action", ""))
            self.forms.append(Form(action, values.get("method", "get").lower()))
            self.inside = True
        elif self.inside and (name := values.get("name")):
            chosen = "checked" in values or values.get("type", "text") not in SKIPPED
            if tag in ("input", "textarea") and chosen:
                self.forms[-1].fields[name] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


class Visitor:
    """One browser with its cookies, at one site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = CookieJar()
        # A proxy set for the outside world has no business on loopback.
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.cookies))

    def open(self, path: str) -> Page:
        """Goes to a page. Raises `Unexpected` for an error page, `OSError` when nobody answers."""
        return self._show(Request(urljoin(self.site, path)))

    def submit(self, form: Form, **values: str) -> Page:
        """Fills in and sends a form; the page that follows. Raises as `open` does."""
        body = urlencode({**form.fields, **values}).encode()
        headers = {"Referer": self.site, "Content-Type": "application/x-www-form-urlencoded"}
        return self._show(Request(form.action, data=body, headers=headers, method="POST"))

    def _show(self, request: Request) -> Page:
        try:
            with self.opener.open(request, timeout=TIMEOUT_S) as response:
                html = response.read().decode(errors="replace")
                url = response.url
        except HTTPError as error:
            reason = f"{request.get_method()} {request.full_url} answered {error.code}"
            raise Unexpected(reason) from error
        forms = _Forms(url)
        forms.feed(html)
        return Page(url, html, tuple(forms.forms))
