"""An agent at the desk, by the same forms a browser without JavaScript would send."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from resmi.cli.demo import people
from resmi.cli.demo.people import Person
from resmi.cli.demo.visitor import Page, Unexpected, Visitor

STEP_S = 0.2


class Agent:
    """One member of staff with a browser; `page` is what it shows.

    Every act raises `Unexpected` when a page is not as it should be.
    """

    def __init__(self, site: str, person: Person) -> None:
        self.visitor = Visitor(site)
        self.person = person
        self.page = Page(site, "", ())

    def sign_in(self) -> None:
        """Signs in through the sign-in page."""
        form = self.visitor.open("/accounts/login/?next=/desk/").form("/accounts/login/")
        self.page = self.visitor.submit(
            form, login=self.person.email, password=people.PASSWORD, next="/desk/"
        )
        if self.page.path != "/desk/":
            raise Unexpected(f"signing in led to {self.page.path}")

    def become(self, status: str) -> None:
        """Sets presence: available, away or offline."""
        page = self.visitor.open("/desk/")
        self.page = self.visitor.submit(page.form("/desk/presence/"), status=status)

    def accept(self, seconds: float) -> None:
        """Waits for an offer and takes it; the page is then the conversation."""
        deadline = time.monotonic() + seconds
        while True:
            page = self.visitor.open("/desk/")
            offers = [form for form in page.forms if form.action.endswith("/accept/")]
            if offers:
                self.page = self.visitor.submit(offers[0])
                return
            if time.monotonic() > deadline:
                raise Unexpected(f"no offer came within {seconds:.0f} s")
            time.sleep(STEP_S)

    def write(self, body: str, mode: str = "reply") -> None:
        """Sends a reply, or leaves a note."""
        self.page = self.visitor.submit(self.page.form("/write/"), mode=mode, body=body)

    def close(self, reason: str) -> None:
        """Closes the conversation with a wrap-up reason."""
        dialog = self.visitor.open(f"{urlsplit(self.page.url).path}close/")
        self.page = self.visitor.submit(dialog.form("/close/"), reason=reason, comment="")
        if 'value="reply"' in self.page.html:
            raise Unexpected("the conversation is still open")
