"""The web process: which application answers which path.

WhatsApp's webhook, the live stream and the probes are ASGI applications of their own, ahead of
Django's request stack; everything else is Django's.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

Application = Callable[[Any, Any, Any], Awaitable[None]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resmi.config.settings")

# First, because it sets Django up: what is imported below uses models.
django_application: Application = get_asgi_application()

from resmi.agency import live  # noqa: E402
from resmi.api import health  # noqa: E402
from resmi.channels.whatsapp import webhook  # noqa: E402
from resmi.config import pooling  # noqa: E402
from resmi.operations import worker as watchman  # noqa: E402

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HOOK_PATHS = frozenset({"/hooks/whatsapp", "/hooks/whatsapp/"})
LIVE_PATH = "/live/"

# WhiteNoise answers with plain iterators; its files are short, so that whole in memory is no harm.
# What is long goes through `resmi.agency.streaming`.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hands a connection to the application its path belongs to."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
    elif scope["type"] == "http" and scope["path"] in HOOK_PATHS:
        await webhook.application(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] in health.PATHS:
        await health.application(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == LIVE_PATH:
        await live.stream_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)


async def _live_and_die(receive: Receive, send: Send) -> None:
    """The server's start and end: streams end with the process; connections are given back."""
    gc.freeze()  # what is loaded by now stays: looking through it for garbage finds none
    pooling.share_connections()
    live.end_with_process()
    ending = watchman.start()
    while True:
        message = await receive()
        is_end = message["type"] == "lifespan.shutdown"
        if is_end:
            ending.set()
            await webhook.application.close()
        await send({"type": f"{message['type']}.complete"})
        if is_end:
            return
