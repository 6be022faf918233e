// Changes live elements into their newer version in place: focus, selection, typed text, open
// dialogs, scroll positions and playing sound survive, and nothing flickers.

const KEPT_ATTRIBUTES = new Set(["open", "data-ticking"]);

/** Makes `live` equal to `fresh` (same tag). Returns the elements that were added. */
export function morph(live, fresh) {
  const added = [];
  morphNode(live, fresh, added);
  return added;
}

/** Makes the children of `live` equal to the children of `fresh`. Returns added elements. */
export function morphChildren(live, fresh, added = []) {
  const keyed = byId(live);
  const wanted = new Set(elementsOf(fresh).map((child) => child.id).filter(Boolean));
  let cursor = live.firstChild;
  for (const next of [...fresh.childNodes]) {
    cursor = dropStale(live, cursor, wanted);
    const match = matchFor(next, cursor, keyed);
    if (!match) {
      const copy = document.importNode(next, true);
      live.insertBefore(copy, cursor);
      if (copy.nodeType === Node.ELEMENT_NODE) added.push(copy);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else move(live, match, cursor);
    morphNode(match, next, added);
  }
  while (cursor) {
    const following = cursor.nextSibling;
    cursor.remove();
    cursor = following;
  }
  return added;
}

/**
 * Puts the keyed children of `fragment` into `list`: a known id is morphed where it stands, an
 * unknown one goes after its predecessor (`first`: before everything). Nothing is removed.
 */
export function upsert(list, fragment, first = false) {
  const added = [];
  let place = first ? list.firstElementChild : null;
  for (const next of elementsOf(fragment)) {
    const known = next.id ? list.querySelector(`:scope > #${CSS.escape(next.id)}`) : null;
    if (known) {
      morphNode(known, next, added);
      if (!first) place = known.nextElementSibling;
      else if (place !== known) move(list, known, place);
      else place = known.nextElementSibling;
      continue;
    }
    const copy = document.importNode(next, true);
    list.insertBefore(copy, place);
    added.push(copy);
  }
  return added;
}

function morphNode(live, fresh, added) {
  if (live.nodeType !== Node.ELEMENT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  if (live.isEqualNode(fresh)) return;
  const field = fieldBefore(live);
  syncAttributes(live, fresh);
  if (live.dataset.morph === "skip") return;
  morphChildren(live, fresh, added);
  if (field) syncField(live, fresh, field);
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
  if (!/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) return null;
  return {
    value: element.value,
    dirty: element.value !== element.defaultValue,
    offered: element.defaultValue,
    checked: element.checked,
    offeredChecked: element.defaultChecked,
  };
}

// What a person typed or chose wins, unless the server now offers something else.
function syncField(live, fresh, before) {
  if (live.tagName === "SELECT") {
    if ([...live.options].some((option) => option.value === before.value)) live.value = before.value;
    return;
  }
  if (live.type === "hidden") live.value = fresh.getAttribute("value") ?? "";
  else if (live.type === "radio" || live.type === "checkbox") {
    const offered = fresh.hasAttribute("checked");
    live.checked = offered === before.offeredChecked ? before.checked : offered;
  } else live.value = before.dirty ? before.value : live.defaultValue;
}

function byId(parent) {
  return new Map(elementsOf(parent).filter((child) => child.id).map((child) => [child.id, child]));
}

function elementsOf(parent) {
  return [...parent.children];
}

function dropStale(parent, cursor, wanted) {
  let current = cursor;
  while (current?.id && !wanted.has(current.id)) {
    const following = current.nextSibling;
    current.remove();
    current = following;
  }
  return current;
}

function matchFor(next, cursor, keyed) {
  if (next.id) {
    const known = keyed.get(next.id);
    return known?.tagName === next.tagName && known.isConnected ? known : null;
  }
  const same = cursor && cursor.nodeType === next.nodeType && cursor.nodeName === next.nodeName;
  return same && !cursor.id ? cursor : null;
}

function move(parent, child, before) {
  if (parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}
