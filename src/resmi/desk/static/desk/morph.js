// Changes live elements into their newer version in place: focus, selection, typed text, open
// dialogs, scroll positions and playing sound survive, and nothing flickers. Elements with the same
// id are the same element, wherever in the tree the newer version has it.

const KEPT_ATTRIBUTES = new Set(["open"]);

/** Makes `live` equal to `fresh` (same tag). Returns the elements that were added. */
export function morph(live, fresh) {
  return keepingFocus(() => {
    const work = new Morph(live, fresh);
    work.node(live, fresh);
    return work.added;
  });
}

/**
 * Puts the keyed children of `fragment` into `list`: a known id is morphed where it stands, an
 * unknown one goes after its predecessor (`first`: before everything). Nothing is removed.
 */
export function upsert(list, fragment, first = false) {
  const added = [];
  let place = first ? list.firstElementChild : null;
  for (const next of [...fragment.children]) {
    const known = next.id ? list.querySelector(`:scope > #${CSS.escape(next.id)}`) : null;
    if (!known) {
      const copy = document.importNode(next, true);
      list.insertBefore(copy, place);
      added.push(copy);
      continue;
    }
    added.push(...morph(known, next));
    if (first && place !== known) move(list, known, place);
    else place = known.nextElementSibling;
  }
  return added;
}

class Morph {
  constructor(root, fresh) {
    this.root = root;
    this.wanted = new Set([...fresh.querySelectorAll("[id]")].map((element) => element.id));
    this.kept = new Map();
    this.placed = new Set();
    this.added = [];
  }

  node(live, fresh) {
    this.placed.add(live);
    if (live.nodeType !== Node.ELEMENT_NODE) {
      if (live.data !== fresh.data) live.data = fresh.data;
      return;
    }
    if (live.isEqualNode(fresh)) return;
    const field = fieldBefore(live);
    syncAttributes(live, fresh);
    if (live.dataset.morph === "skip") return;
    this.children(live, fresh);
    if (field) syncField(live, fresh, field);
  }

  children(live, fresh) {
    const keyed = new Map([...live.children].filter((c) => c.id).map((c) => [c.id, c]));
    const direct = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    let previous = null;
    const cursor = () => (previous ? previous.nextSibling : live.firstChild);
    for (const next of [...fresh.childNodes]) {
      while (cursor()?.id && !direct.has(cursor().id)) this.discard(cursor());
      const at = cursor();
      const match = this.match(next, live, at, keyed);
      if (match && match !== at) move(live, match, at);
      if (match) this.node(match, next);
      previous = match ?? this.add(live, next, at);
    }
    while (cursor()) this.discard(cursor());
  }

  match(next, parent, cursor, keyed) {
    if (!next.id) {
      const alike = cursor?.nodeType === next.nodeType && cursor.nodeName === next.nodeName;
      return alike && !cursor.id ? cursor : null;
    }
    const near = keyed.get(next.id);
    const found = near?.parentNode === parent ? near : this.known(next.id);
    if (!found || found.tagName !== next.tagName) return null;
    return found.contains(parent) || this.placed.has(found) ? null : found;
  }

  known(id) {
    return this.kept.get(id) ?? this.root.querySelector(`#${CSS.escape(id)}`);
  }

  /** A new element; parts of it that are already on the page are brought along, not made anew. */
  add(parent, next, before) {
    const inside = next.querySelectorAll ? [...next.querySelectorAll("[id]")] : [];
    const whole = !inside.some((element) => this.known(element.id));
    const copy = document.importNode(next, whole);
    this.placed.add(copy);
    parent.insertBefore(copy, before);
    if (!whole) this.children(copy, next);
    if (copy.nodeType === Node.ELEMENT_NODE) this.added.push(copy);
    return copy;
  }

  /** Removes a node, but keeps at hand what the newer version has somewhere else. */
  discard(node) {
    const inside = node.querySelectorAll ? [node, ...node.querySelectorAll("[id]")] : [];
    for (const element of inside) {
      if (!this.wanted.has(element.id) || this.placed.has(element)) continue;
      if ([...this.kept.values()].some((other) => other.contains(element))) continue;
      this.kept.set(element.id, element);
      element.remove();
    }
    node.remove();
  }
}

function keepingFocus(change) {
  const focused = document.activeElement;
  const { selectionStart, selectionEnd } = focused ?? {};
  const result = change();
  if (focused?.isConnected && document.activeElement !== focused) {
    focused.focus({ preventScroll: true });
    if (typeof selectionStart === "number") focused.setSelectionRange(selectionStart, selectionEnd);
  }
  return result;
}

function syncAttributes(live, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT_ATTRIBUTES.has(name)) live.removeAttribute(name);
  }
}

function fieldBefore(element) {
  if (!/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.type === "file") return null;
  return {
    value: element.value,
    dirty: element.value !== offeredValue(element),
    checked: element.checked,
    offeredChecked: element.defaultChecked,
  };
}

/** What the server last offered in a field. */
export function offeredValue(element) {
  if (element.tagName !== "SELECT") return element.defaultValue;
  const options = [...element.options];
  return (options.find((option) => option.defaultSelected) ?? options[0])?.value;
}

// What a person typed or chose wins, unless the server now offers something else.
function syncField(live, fresh, before) {
  if (live.tagName === "SELECT") {
    const still = [...live.options].some((option) => option.value === before.value);
    live.value = before.dirty && still ? before.value : fresh.value;
  } else if (live.type === "hidden") live.value = fresh.getAttribute("value") ?? "";
  else if (live.type === "radio" || live.type === "checkbox") {
    const offered = fresh.hasAttribute("checked");
    live.checked = offered === before.offeredChecked ? before.checked : offered;
  } else live.value = before.dirty ? before.value : live.defaultValue;
}

function move(parent, child, before) {
  if (parent.moveBefore && child.isConnected) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}
