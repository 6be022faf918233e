"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from resmi.agency import coded, navigation, trail

_WORDS = {
    "queue_created": _("Created a queue"),
    "queue_changed": _("Changed a queue"),
    "queue_deleted": _("Deleted a queue"),
    "agent_settings_changed": _("Changed an agent’s skills, queues or shifts"),
    "staff_imported": _("Changed staff by a file"),
    "staff_import_undone": _("Undid a change of staff by a file"),
    "contact_exported": _("Exported all data about a citizen"),
    "contact_erased": _("Took a citizen's data away"),
    "personal_data_searched": _("Looked for a citizen's data"),
    "personal_data_viewed": _("Looked at what is kept of a citizen"),
    "staff_exported": _("Exported the staff"),
    "routing_policy_changed": _("Changed the rules of routing"),
    "import_register": _("Put a list in force"),
    "import_undone": _("Undid an import"),
    "import_discarded": _("Dropped a file on its way into the register"),
    "alias_added": _("Added a name or identifier"),
    "alias_hidden": _("Took out a name or identifier"),
    "correction_undone": _("Took a correction back"),
    "feed_changed": _("Changed where a list comes from"),
    "false_answer_reported": _("Reported a false answer"),
    "false_answer_decided": _("Decided a report of a false answer"),
    "canned_reply_changed": _("Wrote a canned reply"),
    "canned_reply_removed": _("Removed a canned reply"),
    "conversation_read": _("Read a conversation"),
    "file_opened": _("Opened a citizen's file"),
    "conversations_moved": _("Moved conversations"),
    "notice_sent": _("Told agents a notice"),
    "notice_ended": _("Took a notice down"),
    "presence_set": _("Set an agent's presence"),
    "messages_searched": _("Searched in messages"),
    "contact_changed": _("Changed what is noted of a citizen"),
    "contact_compared": _("Compared a citizen with another"),
    "contact_found_by_number": _("Found a citizen by a whole number or id"),
    "contact_merge": _("Merged two citizens"),
    "contact_merge_undone": _("Undid a merge of citizens"),
    "contact_split": _("Split a citizen"),
    "contact_split_undone": _("Undid a split of a citizen"),
    "consent_wording_set": _("Wrote what citizens are asked to consent to"),
    "consent_asked": _("Asked a citizen for consent"),
    "consent_not_asked": _("Took a question for consent back before it left"),
    "consent_given": _("Noted a citizen's consent"),
    "consent_refused": _("Noted that a citizen declined"),
    "consent_withdrawn": _("Noted that a citizen withdrew consent"),
    "attribute_defined": _("Added something to note of citizens"),
    "attribute_changed": _("Showed or hid something noted of citizens"),
    "conversation_closed_with_others": _("Closed a conversation together with others"),
    "phone_revealed": _("Looked at a phone number"),
    "inbound_replayed": _("Replayed an inbound item"),
    "inbound_viewed": _("Looked at a raw inbound item"),
    "inbound_all_replayed": _("Replayed all inbound items"),
    "number_taken_on": _("Took an unknown number on"),
    "channel_named": _("Named a channel"),
    "channel_paused": _("Stopped sending on a channel"),
    "channel_resumed": _("Restarted sending on a channel"),
    "delivery_resent": _("Sent a message again"),
    "delivery_dropped": _("Took a failed message off the list"),
    "file_asked_again": _("Had a citizen's file fetched again"),
    "conversation_moved_ahead": _("Moved a conversation ahead"),
    "conversation_moved_back": _("Moved a conversation back"),
    "notices_read": _("Looked at the proof of notices"),
    "withdraw_receipt": _("Withdrew a receipt"),
    "retention_set": _("Set how long something is kept"),
    "hold_placed": _("Protected something from deletion"),
    "hold_released": _("Released something for deletion"),
    "segment_dropped": _("Deleted what was old enough"),
}
_NAMES = {
    "continuity_s": _("Back to the agent they know for"),
    "priorities": _("Priorities"),
    "breaks": _("Breaks"),
    "regions": _("Regions"),
    "most_s": _("At most"),
    "shifts": _("Shifts"),
    "tags": _("Tags"),
    "value": _("Value in routing"),
    "queue": _("Queue"),
    "conversation": _("Conversation"),
    "conversations": _("Conversations"),
    "agent": _("Agent"),
    "to": _("Moved to"),
    "version": _("Version"),
    "folder": _("Folder"),
    "closed_at": _("Closed since"),
    "closings": _("Closed before"),
}
_SETTINGS = "resmi.desk.settings.forms"
_FORMS = {
    **dict.fromkeys(
        ("queue_created", "queue_changed", "queue_deleted"), (f"{_SETTINGS}.queue.NewQueueForm",)
    ),
    "agent_settings_changed": (f"{_SETTINGS}.agent.AgentForm",),
    "routing_policy_changed": (
        f"{_SETTINGS}.whole.WholeForm",
        f"{_SETTINGS}.entry.PriorityForm",
        f"{_SETTINGS}.entry.BreakForm",
        f"{_SETTINGS}.entry.RegionForm",
    ),
    "feed_changed": ("resmi.desk.register.lists.FeedForm",),
    "notice_sent": ("resmi.desk.views.notices.NoticeForm",),
}
_CODES = {
    **dict.fromkeys(
        (
            *((f"queue_{done}", "overflow_to") for done in ("created", "changed", "deleted")),
            *(("agent_settings_changed", "queues"), ("notice_sent", "queue")),
            ("messages_searched", "queue"),
        ),
        "queue",
    ),
    ("messages_searched", "agent"): "agent",
    ("conversations_moved", "to"): coded.SAID,
    ("presence_set", "status"): "presence",
    ("presence_set", "reason"): "break",
}
_NAMERS = {
    "queue": "resmi.desk.audited.queues",
    "channel": "resmi.desk.audited.channels",
    "attribute": "resmi.desk.audited.attributes",
    "presence": "resmi.desk.audited.presences",
    "break": "resmi.desk.audited.breaks",
}
_TARGETS = {one: one for one in ("queue", "channel", "attribute")}

_PLACES = (
    navigation.Place(
        name="desk:desk",
        label=_("Desk"),
        icon="chat",
        permission="read_conversations",
        order=20,
    ),
    navigation.Place(
        name="desk:search",
        label=_("Search"),
        icon="search",
        permission="read_conversations",
        order=25,
    ),
    navigation.Place(
        name="desk:floor",
        label=_("Floor"),
        icon="floor",
        permission="watch_floor",
        order=10,
    ),
    navigation.Place(
        name="desk:register",
        label=_("Register"),
        icon="register",
        permission="see_register",
        order=30,
    ),
    navigation.Place(
        name="desk:routing",
        label=_("Routing"),
        icon="settings",
        permission="manage_routing",
        order=40,
    ),
    navigation.Place(
        name="desk:canned_replies",
        label=_("Canned replies"),
        icon="reply",
        permission="manage_replies",
        order=35,
    ),
)
_LINKS = (
    navigation.Link(
        page="agency:staff",
        name="desk:personal_search",
        label=_("Citizens’ data"),
        icon="lock",
        permission="handle_personal_data",
    ),
    navigation.Link(
        page="agency:staff",
        name="desk:staff_import",
        label=_("Import"),
        icon="file",
        permission="manage_staff",
    ),
    navigation.Link(
        page="agency:staff",
        name="desk:staff_export",
        label=_("Export"),
        icon="download",
        permission="manage_staff",
    ),
)


class DeskConfig(AppConfig):
    """Makes the room's templates and static files known, and its places in the top bar."""

    name = "resmi.desk"
    label = "desk"

    def ready(self) -> None:
        """Adds the places and the words of the audit trail."""
        for place in _PLACES:
            navigation.add(place)
        for link in _LINKS:
            navigation.add_link(link)
        trail.add_words(_WORDS)
        trail.add_names(_NAMES)
        trail.add_forms(_FORMS)
        coded.add(_CODES, _NAMERS, _TARGETS)
