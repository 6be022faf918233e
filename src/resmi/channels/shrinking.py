"""The process that makes a small picture out of a stranger's: `python -m resmi.channels.shrinking`.

A picture on standard input becomes a WebP of at most `SIDE` pixels on standard output, after a line
with its width and height. It turns the picture upright and leaves out whatever else the file
carries (place, device). It is a process of its own, with little memory and time and no way to write
files, because decoders of pictures are where strangers break in.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

SIDE = 480
MOST_PIXELS = 50_000_000
MEMORY = 1024 * 1024 * 1024
CPU_S = 10
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def shrink(picture: bytes) -> tuple[bytes, int, int]:
    """A small upright WebP with its width and height. Raises `OSError` and others of Pillow."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
        opened.draft("RGB", (SIDE, SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((SIDE, SIDE))
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        small = upright.convert("RGBA" if has_alpha else "RGB")
    out = io.BytesIO()
    Image.frombytes(small.mode, small.size, small.tobytes()).save(out, "WEBP", quality=75)
    return out.getvalue(), small.width, small.height


def main() -> None:
    """Reads, shrinks, writes; ends with 1 when the picture is none."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    Image.preinit()
    try:
        small, width, height = shrink(sys.stdin.buffer.read())
    except (OSError, ValueError, SyntaxError, MemoryError, Warning, Image.DecompressionBombError):
        sys.exit(1)
    sys.stdout.buffer.write(f"{width} {height}\n".encode() + small)


if __name__ == "__main__":
    main()
