// The agent's desk: each module does one thing; see the comment at its top.

import "./swaps.js";
import * as attaching from "./attaching.js";
import * as canned from "./canned.js";
import * as composer from "./composer.js";
import * as drafts from "./drafts.js";
import * as found from "./found.js";
import { follow, refresh } from "./following.js";
import * as moving from "./moving.js";
import * as notices from "./notices.js";
import * as offers from "./offers.js";
import * as pasting from "./pasting.js";
import * as quoting from "./quoting.js";
import * as recording from "./recording.js";
import * as thread from "./thread.js";
import * as undo from "./undo.js";
import * as viewers from "./viewers.js";

const parts = [thread, found, attaching, drafts, composer, canned, offers, moving, notices, pasting, quoting, recording, undo, viewers];
for (const part of parts) part.start();
follow();

// One's own act shows in the lists at once, even when the live stream is lost.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = event.detail;
  if (!successful || requestConfig?.verb !== "post") return;
  for (const id of ["lists", "desk-bar"]) refresh(document.getElementById(id));
});
