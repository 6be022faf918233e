"""The script that changes live elements into their newer version, over random pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from resmi.agency.models import User
from tests.desk import scenes
from tests.journeys.conftest import PageFor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RANDOM_PAGES = """
async ({ seed, rounds }) => {
  const { morph } = await import("/static/desk/morph.js");
  let state = seed;
  const random = (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % below;
  };
  const grow = (depth, used) => {
    const element = document.createElement(["div", "ul", "p", "section"][random(4)]);
    const id = `n${random(12)}`;
    if (random(2) && !used.has(id)) { used.add(id); element.id = id; }
    if (random(2)) element.className = `c${random(3)}`;
    for (let child = random(5); depth && child > 0; child -= 1)
      element.append(random(3) ? grow(depth - 1, used) : `text ${random(4)}`);
    return element;
  };
  const wrong = [];
  for (let round = 0; round < rounds; round += 1) {
    const [live, fresh] = [document.createElement("main"), document.createElement("main")];
    live.append(...Array.from({ length: random(4) }, () => grow(3, new Set())));
    const used = new Set();
    fresh.append(...Array.from({ length: random(4) }, () => grow(3, used)));
    document.body.append(live);
    const before = live.outerHTML;
    morph(live, fresh);
    live.normalize();
    fresh.normalize();
    if (!live.isEqualNode(fresh)) wrong.push([before, fresh.outerHTML, live.outerHTML]);
    live.remove();
  }
  return wrong;
}
"""

KEEPS = """
async () => {
  const { morph } = await import("/static/desk/morph.js");
  const live = document.createElement("form");
  const row = (id) => `<li id="${id}"><button id="in-${id}">${id}</button></li>`;
  const of = (note, order, offered = "") => `
    <p>${note}</p><input id="a" value="${offered}"><textarea id="b">${offered}</textarea>
    <input type="hidden" id="t" value="${note}">
    <details id="d"><summary>s</summary>x</details>
    <ul>${order.map(row).join("")}</ul>`;
  live.innerHTML = of("one", ["x", "y", "z"]);
  document.body.append(live);
  const find = (id) => live.querySelector(`#${id}`);
  find("a").value = "typed";
  find("b").value = "typed too";
  find("d").open = true;
  find("in-z").focus();
  const last = find("z");
  const fresh = document.createElement("form");
  fresh.innerHTML = of("two", ["w", "z", "x"]);
  morph(live, fresh);
  const kept = {
    typed: [find("a").value, find("b").value],
    hidden: find("t").value,
    open: find("d").open,
    same: find("z") === last,
    focused: document.activeElement?.id,
    order: [...live.querySelectorAll("li")].map((item) => item.id),
    words: live.querySelector("p").textContent,
  };
  live.remove();
  return kept;
}
"""


MOVES = """
async () => {
  const { morph } = await import("/static/desk/morph.js");
  const live = document.createElement("section");
  const [open, folded] = [
    `<p>you answer</p><form id="f"><textarea id="b">draft</textarea></form>`,
    `<p>you watch</p><details id="d"><summary>s</summary>
       <form id="f"><textarea id="b">draft</textarea></form></details>`,
  ];
  const fresh = (html) => {
    const section = document.createElement("section");
    section.innerHTML = html;
    return section;
  };
  live.innerHTML = open;
  document.body.append(live);
  live.querySelector("#b").value = "typed";
  const field = live.querySelector("#b");
  const seen = [];
  for (const html of [folded, open, folded]) {
    morph(live, fresh(html));
    seen.push([live.querySelector("#b") === field, field.value, live.isEqualNode(fresh(html))]);
  }
  live.remove();
  return seen;
}
"""


@pytest.fixture
def page(transactional_db: None, page_for: PageFor) -> Page:
    sari: User = scenes.agent("Sari")
    page = page_for(sari)
    page.goto("/account/")
    return page


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_live_element_becomes_exactly_the_fresh_one(page: Page, seed: int) -> None:
    assert page.evaluate(RANDOM_PAGES, {"seed": seed, "rounds": 700}) == []


def test_what_a_person_typed_opened_and_focused_survives(page: Page) -> None:
    assert page.evaluate(KEEPS) == {
        "typed": ["typed", "typed too"],
        "hidden": "two",
        "open": True,
        "same": True,
        "focused": "in-z",
        "order": ["w", "z", "x"],
        "words": "two",
    }


def test_what_moves_to_another_parent_is_the_same_element(page: Page) -> None:
    assert page.evaluate(MOVES) == [[True, "typed", True]] * 3
