"""The web process of journeys: like any other, but there is no hurry to take a message back."""

from __future__ import annotations

import os

from resmi.config.asgi import application as application
from resmi.conversations import team

team.UNDO_S = int(os.environ["UNDO_S"])
