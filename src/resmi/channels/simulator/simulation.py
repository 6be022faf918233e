"""The running platform: one world, its clock, its faults, its courier, and who is watching."""

from __future__ import annotations

import asyncio

import msgspec

from resmi.channels.simulator import citizens, rules, state, webhooks
from resmi.channels.simulator.citizens import Said
from resmi.channels.simulator.clock import Clock
from resmi.channels.simulator.config import Config
from resmi.channels.simulator.courier import Attempt, Courier, Target
from resmi.channels.simulator.faults import Faults
from resmi.channels.simulator.state import Citizen, Json, Message, Number, Template, World
from resmi.channels.simulator.webhooks import Item

WATCHER_QUEUE = 1000


def new_world(config: Config, born: str) -> World:
    """A world with one business number, a first template, and the personas if wanted."""
    world = World(portfolio=config.portfolio_id, born=born)
    world.numbers[config.phone_number_id] = Number(
        id=config.phone_number_id,
        waba=config.waba_id,
        display=config.display_number,
        name=config.business_name,
        country=config.country,
        profile={"messaging_product": "whatsapp", "about": "", "vertical": "GOVT"},
    )
    template = Template(
        id=state.new_object_id(world, 700),
        waba=config.waba_id,
        name="hello_world",
        language="en_US",
        category="UTILITY",
        components=[{"type": "BODY", "text": "Hello. This is a test message."}],
        status="APPROVED",
    )
    world.templates[template.id] = template
    if config.personas:
        for persona in citizens.PERSONAS:
            state.index_citizen(world, msgspec.structs.replace(persona, blocks=[]))
    return world


class Simulation:
    """Everything the endpoints share. Methods are called on the server's own event loop."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock(rate=config.clock_rate, start=config.start_at)
        self.lives = 0
        self.changes = 0
        self.world = new_world(config, self.birth())
        self.faults = Faults()
        self.speed = rules.Throughput()
        self.base_url = config.own_url()
        self.courier = Courier(
            self.clock,
            Target(
                url=config.webhook_url,
                secret=config.app_secret,
                verify_token=config.verify_token,
            ),
            lambda: self.faults,
            self._posted,
            config.webhook_timeout,
        )
        self.held: set[str] = set()
        self._watchers: set[asyncio.Queue[Json]] = set()

    def birth(self) -> str:
        """A mark for a world that no other world of this platform has."""
        self.lives += 1
        return f"{self.clock.now()}/{self.lives}"

    def reset(self) -> None:
        """Begins again with an untouched world and no faults; the webhook stays registered."""
        self.clock.forget()
        self.courier.waiting = self.courier.dropped = 0
        self.world = new_world(self.config, self.birth())
        self.faults = Faults()
        self.speed = rules.Throughput()
        self.held.clear()
        self.tell({"type": "reset"})

    # Watching

    def watch(self) -> asyncio.Queue[Json]:
        """A queue that gets everything that happens from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue(WATCHER_QUEUE)
        self._watchers.add(queue)
        return queue

    def unwatch(self, queue: asyncio.Queue[Json]) -> None:
        """Ends a watch."""
        self._watchers.discard(queue)

    def tell(self, event: Json) -> None:
        """Tells all watchers; one too slow to follow is told to begin again."""
        for queue in list(self._watchers):
            if queue.full():
                self._watchers.discard(queue)
                queue.get_nowait()
                queue.put_nowait({"type": "lost"})
            else:
                queue.put_nowait(event)

    def tell_message(self, message: Message) -> None:
        """Tells the watchers how a message stands now."""
        self.changes += 1
        if self._watchers:
            self.tell({"type": "message", "message": view(message)})

    # Citizens

    def number_of(self, name: str) -> Number:
        """The business number with this id, or the only one. Raises `CantDo`."""
        if not name:
            return next(iter(self.world.numbers.values()))
        if name not in self.world.numbers:
            raise citizens.CantDo(f"there is no business number {name!r}")
        return self.world.numbers[name]

    def citizen_of(self, key: str) -> Citizen:
        """The citizen called so. Raises `CantDo`."""
        if key not in self.world.citizens:
            raise citizens.CantDo(f"there is no citizen {key!r}")
        return self.world.citizens[key]

    def say(self, citizen: Citizen, said: Said) -> Message:
        """A citizen sends something; the webhook goes out unless the business blocked them."""
        number = self.number_of(said.number)
        now = self.clock.now()
        base = "" if self.faults.without_media_url else f"{self.base_url}/media/"
        message = citizens.speak(self.world, number, citizen, said, now, base)
        self.speed.note(number.id, now)
        if citizen.key in number.blocked:
            self.tell_message(message)
            return message
        message.steps.append(state.Step(status="sent", at=now))
        self.tell_message(message)
        if said.type in ("reaction", "edit", "revoke"):
            self.tell_message(self.world.messages[said.message])
        self.hand_over(message)
        return message

    def hand_over(self, message: Message) -> None:
        """Sends the webhook of what a citizen sent."""
        number = self.world.numbers[message.number]
        citizen = self.world.citizens[message.citizen]
        self.courier.put([self._inbound(number, citizen, message)])

    def change_number(self, citizen: Citizen, phone: str) -> list[Message]:
        """A citizen moves to another phone. Raises `CantDo`."""
        notices = citizens.change_number(self.world, citizen, phone, self.clock.now())
        for notice in notices:
            number = self.world.numbers[notice.number]
            item = webhooks.inbound(self.world, number, citizen, notice)
            plain = {
                name: value
                for name, value in item.data.items()
                if name not in ("from", "from_user_id") or name in notice.content
            }
            self.courier.put([msgspec.structs.replace(item, data=plain, contact=None)])
        return notices

    def set_marketing(self, citizen: Citizen, *, stopped: bool) -> None:
        """A citizen stops or resumes marketing messages; every number's account hears of it."""
        citizen.marketing_stopped = stopped
        now = self.clock.now()
        for number in self.world.numbers.values():
            self.courier.put([webhooks.preference(self.world, number, citizen, now)])

    def account_notice(self, field: str, value: Json, waba: str = "") -> None:
        """Sends an account-level webhook."""
        account = waba or self.config.waba_id
        self.courier.put([webhooks.account(account, field, value, self.clock.now())])

    # Webhooks

    def report(self, message: Message, name: str, at: float) -> Item:
        """The webhook update that `message` reached a status."""
        return webhooks.status(
            self.world,
            self.world.numbers[message.number],
            message,
            name=name,
            at=at,
            old=self.faults.old_shapes,
            failed_contacts=self.faults.failed_contacts,
        )

    def _inbound(self, number: Number, citizen: Citizen, message: Message) -> Item:
        return webhooks.inbound(self.world, number, citizen, message, old=self.faults.old_shapes)

    def _posted(self, items: list[Item], attempt: Attempt) -> None:
        if attempt.status == 200:
            for item in items:
                self._handed_over(item)
        if self._watchers:
            self.tell({"type": "webhook", "webhook": self.webhook_state()})

    def _handed_over(self, item: Item) -> None:
        message = self.world.messages.get(item.message)
        if message and message.direction == "in" and not message.reached("delivered"):
            message.steps.append(state.Step(status="delivered", at=self.clock.now()))
            self.tell_message(message)

    def webhook_state(self) -> Json:
        """What is known of the far end, for the phone page and the control API."""
        last = self.courier.log[-1] if self.courier.log else None
        return {
            "url": self.courier.target.url,
            "verified": self.courier.target.verified,
            "waiting": self.courier.waiting,
            "dropped": self.courier.dropped,
            "last": msgspec.to_builtins(last),
        }


def view(message: Message) -> Json:
    """A message as the control API and the phone page show it."""
    shown: Json = msgspec.to_builtins(message)
    shown["status"] = message.status()
    return shown
