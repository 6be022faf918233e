// What every page needs. Each module does one thing; see the comment at its top.
import "./ago.js";
import "./dialogs.js";
import "./due.js";
import "./keys.js";
import "./live.js";
import "./tabs.js";
import "./theme.js";
import "./toasts.js";
