"""Serves the phone page: a handset in the browser, one of the simulated citizens in its hand."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from resmi.channels.simulator.graph import SIMULATION

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


async def page(request: web.Request) -> web.StreamResponse:
    """GET /phone."""
    return _file("phone.html")


async def root(request: web.Request) -> web.StreamResponse:
    """GET /: to the phone."""
    raise web.HTTPFound("/phone")


async def static(request: web.Request) -> web.StreamResponse:
    """GET /phone/{file}."""
    return _file(request.match_info["file"])


def _file(name: str) -> web.StreamResponse:
    path = STATIC / name
    if path.parent != STATIC or not path.is_file() or path.suffix not in TYPES:
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers every answer carries."""
    ancestors = " ".join(("'self'", *request.app[SIMULATION].config.frame_ancestors))
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"


def routes() -> list[web.RouteDef]:
    """The page and its files."""
    return [
        web.get("/", root),
        web.get("/phone", page),
        web.get(r"/phone/{file:[a-z]+\.[a-z]+}", static),
    ]
