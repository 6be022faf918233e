"""Citizens' files: only to staff, always as a download, never as something a browser runs."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.channels import media as files
from resmi.channels import operating
from resmi.channels.filenames import UNKNOWN
from resmi.channels.models import MediaFile, MediaState
from resmi.desk.views import acting

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@requires("read_conversations")
@require_safe
def media(request: HttpRequest, media_id: uuid.UUID) -> HttpResponseBase:
    """The stored file, whole or the one range asked for (players seek with it)."""
    found = get_object_or_404(MediaFile, pk=media_id, state=MediaState.STORED)
    if not found.file:
        raise Http404("No file")
    agency.record_read(actor=staff(request), action="file_opened", target=f"file:{found.pk}")
    name = found.filename or f"{found.kind}-{found.pk}"
    known = found.mime if found.mime in files.SHOWN_INLINE else UNKNOWN
    return _sent(request, found.file, mime=known, name=name)


@requires("read_conversations")
@require_safe
def preview(request: HttpRequest, media_id: uuid.UUID) -> HttpResponseBase:
    """The small picture of a stored file, made by us."""
    found = get_object_or_404(MediaFile, pk=media_id, state=MediaState.STORED)
    if not found.preview:
        raise Http404("No preview")
    return _sent(request, found.preview, mime="image/webp", name=f"{found.pk}.webp")


@requires("serve_citizens")
@require_POST
def again(request: HttpRequest, media_id: uuid.UUID) -> HttpResponse:
    """Has a file that did not come fetched once more."""
    acting.once_only(
        request,
        lambda: operating.fetch_file_again(actor=staff(request), media_id=str(media_id)),
    )
    found = get_object_or_404(MediaFile, pk=media_id)
    if acting.is_fragment(request):
        return render(request, "desk/_media.html", {"media": found, "content": None})
    if found.conversation is None:
        return redirect("desk:desk")
    return redirect("desk:conversation", found.conversation)


def _sent(request: HttpRequest, file: FieldFile, *, mime: str, name: str) -> HttpResponseBase:
    try:
        size = file.size
    except FileNotFoundError as error:
        raise Http404("No file") from error
    wanted = byte_range(request.headers.get("Range", ""), size)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = wanted
    response = StreamingHttpResponse(_chunks(file, first, last - first + 1))
    whole = (first, last) == (0, size - 1)
    response.status_code = 200 if whole else 206
    if not whole:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    response["Content-Type"] = mime
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for, both included; None when they can't be had.

    A header that is no single byte range is ignored, as RFC 9110 §14.2 allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or header.strip() == "bytes=-":
        return 0, size - 1
    start, end = match.groups()
    if not start:
        return (max(0, size - int(end)), size - 1) if int(end) and size else None
    first, last = int(start), min(int(end) if end else size - 1, size - 1)
    return (first, last) if first <= last else None


async def _chunks(file: FieldFile, first: int, length: int) -> AsyncIterator[bytes]:
    """Opens the file only once somebody reads: an answer that is dropped leaves nothing open."""
    opened = await sync_to_async(file.storage.open)(str(file.name), "rb")
    try:
        await sync_to_async(opened.seek)(first)
        while length > 0:
            piece = await sync_to_async(opened.read)(min(CHUNK, length))
            if not piece:
                break
            length -= len(piece)
            yield piece
    finally:
        await sync_to_async(opened.close)()
