// What makes a form act once: a number nobody else thinks of.

/** A new one. Pages that come without HTTPS have no `crypto.randomUUID`. */
export function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
