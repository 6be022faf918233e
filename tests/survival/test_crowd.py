"""Eight processes at everything at once: T10 and T11 hold, and everybody is served in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from resmi.channels import kinds
from resmi.channels.models import Inbound
from resmi.conversations.models import Conversation
from resmi.routing import policy, queries
from resmi.routing import services as routing
from tests.conversations import factories
from tests.survival import diary, hands, standing
from tests.survival.hands import Crowd, People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AGENTS = 6
SUPERVISORS = 2
COSTS = {cost for costs in hands.COSTS for cost in costs.values()}
LEFT = ("waiting", "offered", "assigned")


@pytest.fixture
def crowd(seed: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """Six agents, two supervisors, and channels of three kinds; nobody has written yet."""
    print(f"RESMI_SURVIVAL_SEED={seed}")
    whatsapp = kinds.ADAPTERS["whatsapp"]
    for kind in ("email", "call"):  # whatever else differs, they cost an agent otherwise
        monkeypatch.setitem(kinds.ADAPTERS, kind, whatsapp)  # type: ignore[arg-type]
    factories.queues()
    channels = [
        factories.channel(address=f"100{number}", kind=kind)
        for number, kind in enumerate(("whatsapp", "email", "call"), start=1)
    ]
    routing.put_policy(actor=None, data=policy.Policy(costs=hands.COSTS[0], breaks=(hands.LUNCH,)))
    queries.forget()
    people = People(
        agents=[factories.agent(f"Agent{number}") for number in range(AGENTS)],
        supervisors=[factories.agent(f"Lead{number}") for number in range(SUPERVISORS)],
        channels=channels,
    )
    hands.make_side_queue(people.supervisors[0])
    with hands.at_work(seed, people) as crowd:
        yield crowd


def test_eight_processes_at_everything_leave_everything_in_order(crowd: Crowd) -> None:
    play_and_serve(crowd, rounds=2, steps=30)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_eight_processes_at_everything_for_long_leave_everything_in_order(crowd: Crowd) -> None:
    play_and_serve(crowd, rounds=12, steps=60)
    never = [act.__name__ for act in hands.EVERYTHING if not crowd.done[act.__name__]]
    assert never == [], f"nobody ever managed to {never}"


def play_and_serve(crowd: Crowd, *, rounds: int, steps: int) -> None:
    """Plays, checking at every rest; then serves everybody who is left."""
    offered = 0
    for _ in range(rounds):
        crowd.play(hands.EVERYTHING, steps=steps)
        standing.check(COSTS)
        offered += standing.check_a_pass()
        standing.check(COSTS)
    serve_all(crowd)
    total = Conversation.objects.count()
    acts = sum(crowd.done.values())
    diary.note_fact("eight at everything", f"{acts} acts on {total} conversations, all in order")
    print(f"{offered} offers at rest; {dict(sorted(crowd.done.items()))}")


def serve_all(crowd: Crowd) -> None:
    """Nobody writes any more and everybody works: whoever is left is served, none starves."""
    hands.everybody_is_there(crowd.people)
    for _ in range(25):
        crowd.play(hands.SERVING, steps=10)
        standing.check(COSTS)
        standing.check_a_pass()
        left = list(Conversation.objects.filter(status__in=LEFT).values_list("pk", "status"))
        if not left and not Inbound.objects.filter(status="new").exists():
            return
        hands.everybody_is_there(crowd.people)
    raise AssertionError(f"never served: {left}; {dict(crowd.done)}")
