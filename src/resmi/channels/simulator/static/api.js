/** Speaks with the simulator's control API. */
async function ask(method, path, body, type = "application/json") {
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const headers = sent === undefined ? {} : { "Content-Type": type };
  const answer = await fetch(path, { method, body: sent, headers, keepalive: method === "POST" && !(body instanceof Blob) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error ?? `HTTP ${answer.status}`);
  return result;
}

const person = (key) => `/control/citizens/${encodeURIComponent(key)}`;

export const getState = () => ask("GET", "/control/state");
export const getThread = (key, number) => ask("GET", `${person(key)}/thread?number=${number}`);
export const change = (key, body) => ask("POST", person(key), body);
export const say = (key, body) => ask("POST", `${person(key)}/say`, body);
export const played = (key, message) => ask("POST", `${person(key)}/played`, { message });

/** Uploads a file as the citizen's phone would; resolves to its id. */
export async function upload(blob, name) {
  const type = blob.type || "application/octet-stream";
  return (await ask("POST", `/control/media?filename=${encodeURIComponent(name)}`, blob, type)).id;
}

/** Follows what happens; `onState` hears "live" and "lost". */
export function follow(onEvent, onState) {
  const stream = new EventSource("/control/events");
  stream.addEventListener("open", () => onState("live"));
  stream.addEventListener("error", () => onState("lost"));
  stream.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
}
