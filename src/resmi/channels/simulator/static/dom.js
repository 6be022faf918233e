/** Makes elements without markup strings, so that no text is ever taken for HTML. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of the sprite; with `title` it is an image, without it decoration. */
export function icon(name, classes = "", title = "") {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", `icon ${classes}`);
  if (title) {
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", title);
  } else picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `/phone/icons.svg#${name}`);
  picture.append(use);
  return picture;
}

const MARKS = { "*": "strong", _: "em", "~": "s", "`": "code" };
const PATTERN = /(https?:\/\/[^\s<>]+[^\s<>.,;:!?)\]'"])|(?<![\p{L}\p{N}])([*_~])(?=\S)(.+?)(?<=\S)\2(?![\p{L}\p{N}])|```([^`]+)```|`([^`]+)`/gu;

/** WhatsApp's own formatting: *bold*, _italic_, ~struck~, `code`, and links. */
export function formatted(text) {
  const pieces = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(PATTERN)) {
    pieces.append(text.slice(end, found.index));
    end = found.index + found[0].length;
    const [, link, mark, marked, block, code] = found;
    if (link) pieces.append(make("a", { href: link, target: "_blank", rel: "noreferrer", textContent: link }));
    else if (mark) pieces.append(make(MARKS[mark], {}, formatted(marked)));
    else pieces.append(make("code", { textContent: block ?? code }));
  }
  pieces.append(text.slice(end));
  return pieces;
}
