"""What a message says, whatever channel carried it.

Inbound and outbound contents are frozen, tagged `msgspec` structs; `decode` and `encode` move them
to and from JSON. A channel turns its wire format into inbound contents and outbound contents into
its wire format; nothing above the channels knows a wire format.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MediaKind = Literal["image", "video", "audio", "voice", "document", "sticker"]


class Text(msgspec.Struct, frozen=True, tag="text"):
    """Plain text, both ways. `body` may hold line breaks; it never holds NUL."""

    body: str
    link_preview: bool = False


class Media(msgspec.Struct, frozen=True, tag="media", omit_defaults=True):
    """A file, both ways.

    `provider_id` is the channel's own id of an inbound file; `media` is our stored file's id
    (UUID text) once we hold the bytes. `size` is in bytes; `sha256` is base64 as the channel gave.
    """

    kind: MediaKind
    mime: str
    provider_id: str = ""
    media: str = ""
    caption: str = ""
    filename: str = ""
    sha256: str = ""
    size: int = 0


class Location(msgspec.Struct, frozen=True, tag="location", omit_defaults=True):
    """A place on the map, degrees WGS 84."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class SharedContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of an address book a citizen shared; phones as typed."""

    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()


class SharedContacts(msgspec.Struct, frozen=True, tag="contacts", omit_defaults=True):
    """Address book entries. `answers_request`: we had asked for the citizen's own number."""

    people: tuple[SharedContact, ...]
    answers_request: bool = False


class Choice(msgspec.Struct, frozen=True, tag="choice", omit_defaults=True):
    """A button or list row the citizen chose. `id` decides; `title` is only what they saw."""

    id: str
    title: str
    description: str = ""


class FormReply(msgspec.Struct, frozen=True, tag="form_reply"):
    """A filled form: field name to value, as text."""

    name: str
    values: dict[str, str]


class Reaction(msgspec.Struct, frozen=True, tag="reaction"):
    """An emoji on an earlier message; `emoji` empty means it was taken back."""

    target: str
    emoji: str


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """The citizen rewrote an earlier message. `target` is the channel's id of the earlier one."""

    target: str
    body: str


class Revocation(msgspec.Struct, frozen=True, tag="revocation"):
    """The citizen deleted an earlier message for everyone."""

    target: str


class Unsupported(msgspec.Struct, frozen=True, tag="unsupported", omit_defaults=True):
    """A kind we cannot read. It is kept and shown; `kind` names it, `detail` says why."""

    kind: str
    detail: str = ""


Inbound = (
    Text
    | Media
    | Location
    | SharedContacts
    | Choice
    | FormReply
    | Reaction
    | Edit
    | Revocation
    | Unsupported
)


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to choose. `id` comes back in `Choice`; at most 200 characters."""

    id: str
    title: str
    description: str = ""


class Choices(msgspec.Struct, frozen=True, tag="choices", omit_defaults=True):
    """A question with options. `button` labels the control that opens a long list."""

    body: str
    options: tuple[Option, ...]
    button: str = ""
    header: str = ""
    footer: str = ""


class Template(msgspec.Struct, frozen=True, tag="template", omit_defaults=True):
    """A message the channel approved beforehand; the only thing allowed after the window closed.

    `parameters` fill the body's variables in order; `buttons` are the ids that its reply buttons
    send back, in order. `preview` is the text as the citizen will read it, for our own thread.
    """

    name: str
    language: str
    parameters: tuple[str, ...] = ()
    preview: str = ""
    buttons: tuple[str, ...] = ()


class LocationRequest(msgspec.Struct, frozen=True, tag="location_request"):
    """Asks the citizen to share a place."""

    body: str


class ContactRequest(msgspec.Struct, frozen=True, tag="contact_request"):
    """Asks the citizen to share their own phone number."""

    body: str


Outbound = Text | Choices | Media | Template | LocationRequest | ContactRequest | Reaction

_inbound = msgspec.json.Decoder(Inbound)
_outbound = msgspec.json.Decoder(Outbound)


def decode_inbound(raw: bytes | str) -> Inbound:
    """Reads an inbound content from JSON. Raises `msgspec.ValidationError` if it is none."""
    content: Inbound = _inbound.decode(raw)
    return content


def decode_outbound(raw: bytes | str) -> Outbound:
    """Reads an outbound content from JSON. Raises `msgspec.ValidationError` if it is none."""
    content: Outbound = _outbound.decode(raw)
    return content


def encode(content: Inbound | Outbound) -> bytes:
    """Writes any content as canonical JSON: keys sorted, no blanks, UTF-8."""
    return msgspec.json.encode(content, order="sorted")


def preview(content: Inbound | Outbound, limit: int = 120) -> str:
    """One line that stands for the content in a list: its text, or its kind and caption."""
    return " ".join(_words(content).split())[:limit]


def _words(content: Inbound | Outbound) -> str:
    match content:
        case Text(body=body) | Choices(body=body) | Edit(body=body):
            return body
        case LocationRequest(body=body) | ContactRequest(body=body):
            return body
        case Choice(title=title):
            return title
        case Reaction(emoji=emoji):
            return emoji
        case Template(name=name, preview=text):
            return text or f"[template] {name}"
        case _:
            return f"[{_kind(content)}] {_detail(content)}"


def _kind(content: Inbound | Outbound) -> str:
    if isinstance(content, Media | Unsupported):
        return content.kind
    return str(content.__struct_config__.tag)


def _detail(content: Inbound | Outbound) -> str:
    match content:
        case Media(caption=caption, filename=filename):
            return caption or filename
        case Location(name=name, address=address):
            return name or address
        case SharedContacts(people=people):
            return ", ".join(person.name for person in people)
        case FormReply(name=name):
            return name
        case _:
            return ""
