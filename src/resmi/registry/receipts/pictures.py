"""Receipts as pictures: the QR code of a receipt's page. Pure."""

from __future__ import annotations

import io
import uuid

import segno

_QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks

_PLACES = uuid.UUID("7a1c2f52-6a1f-4c0e-9a0b-2f6d1f0c9e55")


def media_id(channel: int, code: str) -> str:
    """The id of the picture of a receipt on a channel: always the same, so it is made once."""
    return str(uuid.uuid5(_PLACES, f"{channel}:{code}"))


def svg(url: str) -> str:
    """The QR code as an inline SVG element that takes the text colour and scales by CSS."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(
        out,
        kind="svg",
        border=_QUIET_ZONE,
        xmldecl=False,
        svgns=True,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return out.getvalue().decode()


def png(url: str, *, module_px: int = 12) -> bytes:
    """The QR code as a PNG, black on white, fit to be sent in a message."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="png", border=_QUIET_ZONE, scale=module_px)
    return out.getvalue()
