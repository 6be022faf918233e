"""Conversations of a new demo's past, played through the real thing: no row is made up."""

from __future__ import annotations

from dataclasses import dataclass

from resmi.cli.demo import people, register
from resmi.cli.demo.agent import Agent
from resmi.cli.demo.handset import Handset
from resmi.cli.demo.people import Person
from resmi.cli.demo.plan import Plan
from resmi.cli.demo.visitor import Unexpected

DONE = "history.done"
ANSWER_S = 60.0
OFFER_S = 60.0


@dataclass(frozen=True)
class Talk:
    """What a citizen wrote to the bot; with an agent, also the agent's reply and how it ended.

    With an agent, the last thing said must ask for a person.
    """

    citizen: str
    name: str
    phone: str
    language: str
    said: tuple[str, ...]
    agent: Person | None = None
    note: str = ""
    reply: str = ""
    wrap_up: str = ""


SARI, BIMA, MINJI = people.STAFF[:3]
TALKS = (
    Talk(
        "budi", "Budi Santoso", "6281255500111", "id",
        (f"Apakah {register.REVOKED} resmi?", "Saya mau bicara dengan petugas"),
        SARI, "Diminta simpan bukti transfer.",
        "Selamat pagi Pak Budi. Izin perusahaan itu sudah dicabut, jadi mohon tidak mengirim uang.",
        "advice_given",
    ),
    Talk("dewi", "Dewi Anggraini", "6281255500444", "id",
         ("Halo", f"{register.LICENSED_BRAND} resmi tidak?")),
    Talk(
        "minji", "김민지", "821055500222", "ko",
        (f"{register.ILLEGAL} 합법인가요?", "상담원 연결해 주세요"),
        MINJI, "",
        "안녕하세요, 김민지 님. 그 업체에는 돈을 보내지 마시고 대화 내용을 보관해 주세요.",
        "licence_checked",
    ),
    Talk("ayu", "Ayu Lestari", "6281355500333", "en",
         (f"Is {register.UNKNOWN} licensed?",)),
    Talk(
        "joko", "Joko Prabowo", "6281255500555", "id",
        (f"Apakah {register.ILLEGAL} resmi?", "petugas"),
        BIMA, "Sudah transfer 1,5 juta; bank sudah dihubungi.",
        "Terima kasih Pak Joko. Laporan Bapak kami catat; segera hubungi bank Bapak juga.",
        "money_lost",
    ),
)  # fmt: skip


def play(plan: Plan) -> None:
    """Plays all talks once per demo folder. Raises `Unexpected` and `OSError`."""
    done = plan.home / DONE
    if done.exists():
        return
    desks = {person.key: Agent(plan.web, person) for person in (SARI, BIMA, MINJI)}
    for talk in TALKS:
        _play(plan, talk, desks)
    done.touch()


def _play(plan: Plan, talk: Talk, desks: dict[str, Agent]) -> None:
    phone = Handset(plan.simulator, talk.citizen)
    phone.appear(name=talk.name, phone=talk.phone, language=talk.language)
    for text in talk.said:
        phone.say(text)
        phone.wait_for(bool, ANSWER_S)
    if talk.agent:
        _serve(desks[talk.agent.key], talk)
        phone.wait_for(lambda text: talk.reply in text, ANSWER_S)


def _serve(agent: Agent, talk: Talk) -> None:
    """Only this agent is available meanwhile, so the offer can go nowhere else."""
    if not agent.page.html:
        agent.sign_in()
    agent.become("available")
    try:
        agent.accept(OFFER_S)
        if talk.note:
            agent.write(talk.note, mode="note")
        agent.write(talk.reply)
        agent.close(talk.wrap_up)
    finally:
        agent.become("offline")


def play_if_possible(plan: Plan) -> str:
    """Plays the talks; what went wrong, "" when nothing. A demo without a past is still one."""
    try:
        play(plan)
    except (Unexpected, OSError) as error:
        return str(error)
    return ""
