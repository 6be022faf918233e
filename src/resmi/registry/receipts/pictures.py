"""Receipts as pictures: the QR code of a receipt's page. Pure."""

from __future__ import annotations

import io

import segno

_QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks


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
