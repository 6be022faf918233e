/** Draws messages. Knows nothing of the network: what a tap does is handed in as `acts`. */
import { formatted, icon, make } from "/phone/dom.js";
import { language, word } from "/phone/words.js";

const HIDDEN = ["reaction", "edit", "revoke", "system"];
const shortName = (type) => word(type === "image" ? "photoShort" : `${type}Short`);
const MEDIA = ["image", "video", "audio", "document", "sticker"];

/** Whether a message has a place in the chat: what failed on the way never reached the phone. */
export function visible(message) {
  if (HIDDEN.includes(message.type)) return false;
  const steps = message.steps.map((step) => step.status);
  return message.direction === "in" || steps.some((name) => ["sent", "delivered", "read"].includes(name));
}

/** One line of text for quotes and screen readers. */
export function summary(message) {
  const { content, type } = message;
  if (message.revoked) return word("deleted");
  if (type === "text") return content.text.body;
  if (type === "interactive") {
    const { interactive } = content;
    return (interactive.button_reply ?? interactive.list_reply)?.title ?? interactive.body?.text ?? "";
  }
  if (type === "button") return content.button.text;
  if (type === "template") return message.rendered?.body ?? "";
  if (type === "audio") return word("voiceMessage");
  if (type === "contacts") return `${word("contactShort")}: ${content.contacts.map((one) => one.name?.formatted_name).join(", ")}`;
  if (MEDIA.includes(type)) return content[type].caption || content[type].filename || shortName(type);
  return type === "location" ? content.location.name || word("locationShort") : word("unsupported");
}

/** The row of a message. `next` joins it to the one above, `quoted` is the message it answers. */
export function row(message, { next, quoted, business, acts }) {
  const mine = message.direction === "in";
  const bubble = make("div", { className: "bubble" });
  const stack = make("div", { className: "stack" }, bubble);
  if (message.revoked) bubble.append(make("span", { className: "words gone", textContent: word("deleted") }));
  else fill(bubble, stack, message, { quoted, business, acts });
  const last = bubble.lastElementChild;
  bubble.append(meta(message, mine, !last?.matches(".words, .foot")));
  if (!message.pending && !message.revoked) bubble.append(more(message, acts));
  const reactions = Object.values(message.reactions);
  if (reactions.length) bubble.after(make("div", { className: "reactions", textContent: reactions.join(" ") }));
  if (message.unsent) stack.append(make("button", { type: "button", className: "unsent", textContent: word("notSent"), onclick: () => acts.retry(message) }));
  return make("div", { className: `row ${mine ? "mine" : "theirs"}${next ? " next" : ""}`, id: `m${message.id}` }, stack);
}

function fill(bubble, stack, message, { quoted, business, acts }) {
  if (quoted) bubble.append(quote(quoted, business, () => acts.show(quoted)));
  const { type, content } = message;
  if (type === "interactive" && content.interactive.body) interactive(bubble, stack, message, acts);
  else if (type === "template") template(bubble, stack, message, acts);
  else if (MEDIA.includes(type)) media(bubble, message, acts);
  else if (type === "location") bubble.append(place(content.location));
  else if (type === "contacts") content.contacts.forEach((one) => bubble.append(person(one)));
  else if (type === "text") bubble.append(words(content.text.body));
  else bubble.append(words(summary(message)));
}

function quote(message, business, onclick) {
  const who = message.direction === "in" ? word("you") : business;
  return make("button", { type: "button", className: "quote", onclick }, make("b", { textContent: who }), make("span", { textContent: summary(message) }));
}

const words = (text) => make("div", { className: "words", dir: "auto" }, formatted(text));

function meta(message, mine, below) {
  const at = new Date(message.at * 1000);
  const time = make("time", { dateTime: at.toISOString(), title: at.toLocaleString(language()), textContent: clock(at) });
  const edited = message.edited ? make("span", { textContent: word("edited") }) : null;
  return make("span", { className: `meta${below ? " below" : ""}` }, edited, time, mine && !message.revoked ? tick(message) : null);
}

/** Hours, up to 23, and minutes. */
export const clock = (at) => at.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function tick(message) {
  const names = message.steps.map((step) => step.status);
  if (names.includes("read")) return icon("two", "tick seen", word("read"));
  if (names.includes("delivered")) return icon("two", "tick", word("delivered"));
  return names.length ? icon("one", "tick", word("sent")) : icon("wait", "tick", word("waiting"));
}

function more(message, acts) {
  const name = `${word("options")}: ${summary(message).slice(0, 40)}`;
  return make("button", { type: "button", className: "more", "aria-label": name, "aria-haspopup": "dialog", onclick: () => acts.menu(message) }, icon("more"));
}

function interactive(bubble, stack, message, acts) {
  const { header, body, footer, action, type } = message.content.interactive;
  if (header?.type === "text") bubble.append(make("div", { className: "headline", textContent: header.text }));
  else if (header) bubble.append(picture(header.type, header[header.type]));
  bubble.append(words(body.text));
  if (footer) bubble.append(make("div", { className: "foot", textContent: footer.text }));
  const tap = (name, text, onclick) => make("button", { type: "button", onclick }, name && icon(name), make("span", { textContent: text }));
  const choices = {
    button: () => action.buttons.map(({ reply }) => tap("reply", reply.title, () => acts.choose(message, reply.id))),
    list: () => [tap("list", action.button, () => acts.list(message))],
    cta_url: () => [link(action.parameters.url, action.parameters.display_text)],
    location_request_message: () => [tap("pin", word("sendLocation"), () => acts.locate(message))],
    request_contact_info: () => [tap("person", word("shareNumber"), () => acts.share(message))],
  }[type]?.();
  if (choices) stack.append(make("div", { className: "choices" }, ...choices));
}

const link = (href, text) => make("a", { href, target: "_blank", rel: "noreferrer" }, icon("open"), make("span", { textContent: text }));

function template(bubble, stack, message, acts) {
  const { header, body, footer, buttons } = message.rendered;
  if (header?.type === "text") bubble.append(make("div", { className: "headline", textContent: header.text }));
  else if (header && MEDIA.includes(header.type)) bubble.append(picture(header.type, header[header.type]));
  bubble.append(words(body));
  if (footer) bubble.append(make("div", { className: "foot", textContent: footer }));
  const taps = buttons.map((button) => {
    if (button.type === "URL") return link(button.url, button.text);
    if (button.type !== "QUICK_REPLY") return make("button", { type: "button", textContent: button.text || word("shareNumber"), onclick: () => acts.share(message) });
    return make("button", { type: "button", onclick: () => acts.choose(message, button.payload) }, icon("reply"), make("span", { textContent: button.text }));
  });
  if (taps.length) stack.append(make("div", { className: "choices" }, ...taps));
}

function media(bubble, message, acts) {
  const { type, content } = message;
  const shown = picture(type, content[type], message.rendered?.media);
  if (type === "audio" && message.direction === "out") shown.addEventListener("play", () => acts.played(message), { once: true });
  bubble.append(shown);
  if (content[type].caption) bubble.append(words(content[type].caption));
}

function picture(type, file, fetched) {
  const src = file.local ?? `/control/media/${fetched ?? file.id}`;
  if (type === "image" || type === "sticker") return make("img", { className: "picture", src, alt: file.caption || shortName(type) });
  if (type === "video") return make("video", { className: "picture", src, controls: true, "aria-label": word("videoShort") });
  if (type === "audio") return make("audio", { src, controls: true, preload: "metadata", "aria-label": word("voiceMessage") });
  const name = make("span", {}, make("b", { textContent: file.filename || word("documentShort") }), make("small", { textContent: file.mime_type ?? "" }));
  return make("a", { className: "card", href: src, download: file.filename || "document" }, icon("paper"), name);
}

function place({ latitude, longitude, name, address }) {
  const where = `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`;
  const text = make("span", {}, make("b", { textContent: name || word("locationShort") }), make("small", { textContent: address || where }));
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return make("a", { className: "card", href, target: "_blank", rel: "noreferrer", title: word("openMap") }, icon("pin"), text);
}

function person(one) {
  const phones = (one.phones ?? []).map((phone) => phone.phone).join(", ");
  return make("div", { className: "card" }, icon("person"), make("span", {}, make("b", { textContent: one.name?.formatted_name ?? "" }), make("small", { textContent: phones })));
}
