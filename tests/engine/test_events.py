from resmi.engine import conversation, events


def test_every_event_type_has_a_handler() -> None:
    assert conversation.handled_types() == frozenset(events.PAYLOAD_TYPES)
