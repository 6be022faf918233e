/** The phone's own texts, in the language of the persona or as switched. */
const catalogue = await (await fetch("/phone/words.json")).json();
let current = "en";

/** A text by key, with {name} filled in. */
export function word(key, values = {}) {
  const text = catalogue[current][key] ?? catalogue.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The language now, as a tag. */
export const language = () => current;

/** Switches the language and rewrites the marked elements of the page. */
export function speak(tag) {
  current = catalogue[tag] ? tag : "en";
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) label(element, element.dataset.label);
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = word(element.dataset.placeholder);
}

/** Gives a control its name, for hovering and for screen readers; it follows the language. */
export function label(element, key) {
  element.dataset.label = key;
  element.setAttribute("aria-label", word(key));
  if (element.tagName === "BUTTON") element.title = word(key);
}
