from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import kinds
from resmi.engine import content
from resmi.engine.capabilities import Capabilities
from resmi.engine.content import Choices, Option, Outbound, Text
from resmi.engine.rendering import control_for, option_for, render

WHATSAPP = kinds.WHATSAPP
PLAIN = Capabilities(text_length=160, caption_length=0)

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
bodies = st.lists(words, max_size=60).map(" ".join)
options = st.lists(
    st.builds(Option, id=st.text("abcdef", min_size=1, max_size=8), title=words, description=words),
    max_size=14,
).map(tuple)
choices = st.builds(Choices, body=bodies, options=options, button=words, header=words, footer=words)
media = st.builds(
    content.Media,
    kind=st.sampled_from(["image", "video", "audio", "voice", "document", "sticker"]),
    mime=st.just("image/png"),
    caption=bodies,
    filename=words,
)
contents = (
    st.builds(Text, body=bodies)
    | choices
    | media
    | st.builds(content.Template, name=words, language=st.just("id"), preview=bodies)
    | st.builds(content.LocationRequest, body=bodies)
    | st.builds(content.ContactRequest, body=bodies)
    | st.builds(content.Reaction, target=words, emoji=words)
)
lengths = st.integers(min_value=1, max_value=40)
channels = st.sampled_from([WHATSAPP, PLAIN]) | st.builds(
    Capabilities,
    text_length=st.integers(min_value=1, max_value=500),
    caption_length=st.integers(min_value=0, max_value=100),
    buttons=st.integers(min_value=0, max_value=4),
    button_title_length=lengths,
    buttons_body_length=st.integers(min_value=0, max_value=200),
    list_rows=st.integers(min_value=0, max_value=12),
    list_title_length=lengths,
    list_description_length=st.integers(min_value=0, max_value=40),
    list_button_length=st.integers(min_value=0, max_value=20),
    list_body_length=st.integers(min_value=0, max_value=300),
    header_length=st.integers(min_value=0, max_value=30),
    footer_length=st.integers(min_value=0, max_value=30),
    templates=st.booleans(),
    reactions=st.booleans(),
    location_request=st.booleans(),
    contact_request=st.booleans(),
    media_kinds=st.frozensets(st.sampled_from(["image", "audio", "document"])),
)


def ink(text: str) -> str:
    return "".join(text.split())


def fits(part: Outbound, channel: Capabilities) -> bool:
    match part:
        case Text():
            return 0 < len(part.body) <= channel.text_length
        case Choices():
            return choices_fit(part, channel)
        case content.Media():
            return part.kind in channel.media_kinds and len(part.caption) <= channel.caption_length
        case content.Template():
            return channel.templates
        case content.LocationRequest():
            return channel.location_request and bool(part.body)
        case content.ContactRequest():
            return channel.contact_request and bool(part.body)
        case content.Reaction():
            return channel.reactions


def choices_fit(part: Choices, channel: Capabilities) -> bool:
    control = control_for(part.options, channel)
    titles = [option.title for option in part.options]
    length = channel.button_title_length if control == "buttons" else channel.list_title_length
    body = channel.buttons_body_length if control == "buttons" else channel.list_body_length
    return (
        control != "numbers"
        and all(0 < len(title) <= length for title in titles)
        and len(set(titles)) == len(titles)
        and all(len(o.description) <= channel.list_description_length for o in part.options)
        and 0 < len(part.body) <= (body or channel.text_length)
        and len(part.header) <= channel.header_length
        and len(part.footer) <= channel.footer_length
        and len(part.button) <= channel.list_button_length
    )


@given(contents, channels)
def test_every_part_fits_the_channel(message: Outbound, channel: Capabilities) -> None:
    assert all(fits(part, channel) for part in render(message, channel))


@given(contents, channels)
def test_rendering_what_was_rendered_changes_nothing(
    message: Outbound, channel: Capabilities
) -> None:
    for part in render(message, channel):
        assert render(part, channel) == (part,)


@given(choices, channels)
def test_every_option_can_be_chosen(message: Choices, channel: Capabilities) -> None:
    parts = render(message, channel)
    shown = [option.id for part in parts if isinstance(part, Choices) for option in part.options]
    text = ink("".join(part.body for part in parts if isinstance(part, Text)))
    if shown:
        assert shown == [option.id for option in message.options]
    else:
        assert all(f"{number}." in text for number in range(1, len(message.options) + 1))


@given(bodies, channels)
def test_text_is_kept_but_for_blanks_at_the_cuts(body: str, channel: Capabilities) -> None:
    parts = render(Text(body), channel)
    assert ink("".join(part.body for part in parts if isinstance(part, Text))) == ink(body)


@given(choices, channels)
def test_a_questions_body_is_kept(message: Choices, channel: Capabilities) -> None:
    parts = render(message, channel)
    said = ink("".join(part.body for part in parts if isinstance(part, Text | Choices)))
    assert ink(message.body) in said
    told = said + ink("".join(p.header + p.footer for p in parts if isinstance(p, Choices)))
    assert ink(message.header) in told
    assert ink(message.footer) in told


@given(st.lists(st.text("abc ", min_size=1, max_size=9), min_size=1, max_size=30))
def test_the_number_listed_chooses_the_option(titles: list[str]) -> None:
    question = ask(*titles)
    for number, option in enumerate(question.options, start=1):
        assert option_for(f" {number}. ", question) == option.id


def ask(*titles: str) -> Choices:
    numbered = enumerate(titles, start=1)
    return Choices("Apa?", tuple(Option(f"o{number}", title) for number, title in numbered))


def test_three_short_options_are_buttons() -> None:
    (part,) = render(ask("Ya", "Tidak", "Bantuan"), WHATSAPP)
    assert isinstance(part, Choices)
    assert control_for(part.options, WHATSAPP) == "buttons"
    assert part.button == ""


def test_four_options_are_a_list_with_a_label() -> None:
    question = Choices("Apa?", ask("A", "B", "C", "D").options, button="Pilih")
    (part,) = render(question, WHATSAPP)
    assert isinstance(part, Choices)
    assert (control_for(part.options, WHATSAPP), part.button) == ("list", "Pilih")


def test_a_list_without_a_label_gets_a_wordless_one() -> None:
    (part,) = render(ask("A", "B", "C", "D"), WHATSAPP)
    assert isinstance(part, Choices)
    assert part.button == "☰"


def test_options_with_descriptions_are_a_list_even_if_few() -> None:
    question = Choices("Apa?", (Option("a", "Cek", "Periksa izin perusahaan"),))
    (part,) = render(question, WHATSAPP)
    assert isinstance(part, Choices)
    assert control_for(part.options, WHATSAPP) == "list"


def test_eleven_options_are_numbered_text() -> None:
    (part,) = render(ask(*"ABCDEFGHIJK"), WHATSAPP)
    assert isinstance(part, Text)
    assert part.body.startswith("Apa?\n\n1. A\n2. B\n")
    assert part.body.endswith("11. K")


def test_a_channel_without_controls_numbers_the_options() -> None:
    question = Choices(
        "Mau apa?",
        (Option("a", "Cek", "izin perusahaan"), Option("b", "Lapor")),
        header="Menu",
        footer="Balas dengan angka",
    )
    assert render(question, PLAIN) == (
        Text("Menu\n\nMau apa?\n\n1. Cek — izin perusahaan\n2. Lapor\n\nBalas dengan angka"),
    )


def test_a_long_title_is_cut_and_told_whole_below() -> None:
    title = "Laporkan penawaran investasi ilegal"
    (part,) = render(ask(title, "B"), WHATSAPP)
    assert isinstance(part, Choices)
    assert part.options[0].title == "Laporkan penawaran inve…"
    assert part.options[0].description == title


def test_titles_that_begin_alike_stay_different() -> None:
    same = "PT Pembiayaan Sejahtera Bersama "
    (part,) = render(ask(same + "Satu", same + "Dua"), WHATSAPP)
    assert isinstance(part, Choices)
    first, second = (option.title for option in part.options)
    assert first != second
    assert first.endswith("Satu")


def test_titles_that_are_the_same_are_told_apart_by_number() -> None:
    (part,) = render(ask("Bank Utama", "Bank Utama", "Lain"), WHATSAPP)
    assert isinstance(part, Choices)
    assert [o.title for o in part.options] == ["1. Bank Utama", "2. Bank Utama", "Lain"]


def test_options_that_share_an_id_are_numbered() -> None:
    question = Choices("Apa?", (Option("a", "A"), Option("a", "B")))
    assert render(question, WHATSAPP) == (Text("Apa?\n\n1. A\n2. B"),)


def test_a_long_body_goes_ahead_and_the_question_comes_last() -> None:
    report = "Hasil pemeriksaan. " * 80
    question = Choices(f"{report}\n\nAda lagi?", ask("Ya", "Tidak").options, header="Hasil")
    first, last = render(question, WHATSAPP)
    assert isinstance(first, Text)
    assert first.body.startswith("Hasil\n\nHasil pemeriksaan.")
    assert isinstance(last, Choices)
    assert last.body.endswith("Ada lagi?")
    assert len(last.body) <= 1024


def test_a_question_without_a_body_still_has_one() -> None:
    (part,) = render(Choices("", ask("A").options), WHATSAPP)
    assert isinstance(part, Choices)
    assert part.body == "…"


def test_a_caption_that_is_too_long_follows_as_text() -> None:
    picture = content.Media("image", "image/png", media="1", caption="x" * 2000)
    first, second = render(picture, WHATSAPP)
    assert first == content.Media("image", "image/png", media="1")
    assert second == Text("x" * 2000)


def test_a_voice_message_has_its_caption_beside_it() -> None:
    voice = content.Media("voice", "audio/ogg", media="1", caption="Dengarkan")
    assert render(voice, WHATSAPP) == (
        content.Media("voice", "audio/ogg", media="1"),
        Text("Dengarkan"),
    )


def test_a_voice_message_is_a_sound_where_there_are_no_voice_messages() -> None:
    channel = Capabilities(text_length=100, caption_length=0, media_kinds=frozenset({"audio"}))
    (part,) = render(content.Media("voice", "audio/ogg", media="1"), channel)
    assert isinstance(part, content.Media)
    assert part.kind == "audio"


def test_a_file_a_channel_does_not_carry_is_named() -> None:
    file = content.Media("document", "application/pdf", media="1", filename="surat.pdf")
    assert render(file, PLAIN) == (Text("surat.pdf"),)


def test_a_template_reads_as_text_where_there_are_no_templates() -> None:
    template = content.Template("reminder", "id", preview="Halo Budi")
    assert render(template, WHATSAPP) == (template,)
    assert render(template, PLAIN) == (Text("Halo Budi"),)


def test_a_request_reads_as_text_where_the_channel_has_none() -> None:
    assert render(content.LocationRequest("Di mana?"), PLAIN) == (Text("Di mana?"),)
    assert render(content.ContactRequest("Nomor Anda?"), PLAIN) == (Text("Nomor Anda?"),)


def test_a_reaction_is_left_out_where_the_channel_has_none() -> None:
    assert render(content.Reaction("wamid.1", "👍"), PLAIN) == ()


def test_a_number_or_a_title_answers_numbered_text() -> None:
    question = ask("Cek perusahaan", "Laporkan penawaran", "Bicara dengan petugas")
    for answer in ("2", " 2. ", "2)", "#2", "２", "laporkan  PENAWARAN"):
        assert option_for(answer, question) == "o2"


def test_anything_else_answers_nothing() -> None:
    question = ask("Cek", "Lapor")
    for answer in ("", " ", "0", "3", "2 juta", "-1", "1.5", "lap", "12345"):
        assert option_for(answer, question) is None


def test_an_answer_that_means_two_options_means_none() -> None:
    assert option_for("bank", ask("Bank", "bank")) is None
    assert option_for("2", ask("2", "5")) is None
    assert option_for("5", ask("2", "5")) == "o2"


def test_a_caption_of_blanks_is_none() -> None:
    picture = content.Media("image", "image/png", media="m", caption=" \r\n")
    (part,) = render(picture, WHATSAPP)
    assert isinstance(part, content.Media)
    assert part.caption == ""
