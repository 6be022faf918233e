"""The web process of a test that waits for beats: like any other, with a beat every half second."""

from __future__ import annotations

import resmi.config.asgi
from resmi.agency.live import hub

application = resmi.config.asgi.application
hub.BEAT_S = 0.5
