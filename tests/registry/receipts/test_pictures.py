"""QR codes of receipts."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from resmi.registry.receipts import pictures

URL = "https://agency.example/v/7K2M-Q0ZD-41XF"


def test_the_picture_for_pages_is_one_svg_element_without_fixed_size_or_style() -> None:
    root = ET.fromstring(pictures.svg(URL))
    assert root.tag.endswith("svg")
    assert root.get("viewBox")
    assert root.get("width") is None
    assert "style" not in pictures.svg(URL)


def test_the_picture_for_messages_is_a_png_of_one_kind_per_address() -> None:
    assert pictures.png(URL).startswith(b"\x89PNG")
    assert pictures.png(URL) == pictures.png(URL) != pictures.png(URL + "?")
