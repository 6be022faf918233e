// The floor follows what happens on it.

import "./swaps.js";
import { follow } from "./following.js";

follow();
