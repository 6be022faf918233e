"""Who may do what. Pure: roles and permissions are words, nothing is looked up."""

from __future__ import annotations

from typing import Literal, get_args

Permission = Literal[
    "use_account",  # sign in, own profile, live stream
    "read_conversations",  # open and read the conversations one may see
    "see_all_queues",  # see the conversations of every queue, of others and of the bot
    "write_notes",  # leave notes for colleagues
    "serve_citizens",  # the desk: take over, reply, verify, transfer, close
    "reveal_phones",  # see a whole phone number, written down each time
    "watch_floor",  # see all agents and queues, read along
    "move_conversations",  # assign and move other agents' conversations, set their presence
    "see_register",  # look companies up and read their pages
    "manage_register",  # import and correct the register of companies
    "manage_replies",  # write the canned replies
    "manage_routing",  # queues, agents' skills and shifts, priorities, breaks, regions
    "operate_channels",  # pause channels, look at items that could not be handled
    "handle_personal_data",  # export all of a citizen's data, erase it
    "see_audit",  # search the audit trail, export it
    "manage_staff",  # accounts, roles, and how people sign in
]
PERMISSIONS: frozenset[str] = frozenset(get_args(Permission))

_READER: frozenset[str] = frozenset({"use_account", "read_conversations", "see_register"})
_AGENT = _READER | {"write_notes", "serve_citizens", "reveal_phones"}
_SUPERVISOR = _AGENT | {
    *("see_all_queues", "watch_floor", "move_conversations"),
    *("manage_register", "manage_replies", "manage_routing", "see_audit"),
}
ROLES: dict[str, frozenset[str]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "quality": _READER | {"see_all_queues", "write_notes"},
    "editor": frozenset({"use_account", "see_register", "manage_register", "manage_replies"}),
    "responder": _READER | {"write_notes"},
    "manager": _READER | {"see_all_queues", "watch_floor", "manage_routing", "see_audit"},
    "admin": _SUPERVISOR | {"operate_channels", "handle_personal_data", "manage_staff"},
    "auditor": _READER | {"see_all_queues", "see_audit"},
}
OWN_ACCOUNT_ONLY: frozenset[str] = PERMISSIONS - {
    *("write_notes", "serve_citizens", "move_conversations", "manage_register"),
    *("manage_replies", "manage_routing", "operate_channels", "manage_staff"),
    "handle_personal_data",
}
"""Permissions that let one look but change nothing beyond one's own account."""


class Forbidden(Exception):
    """A role may not do something. `permission` names what it lacks."""

    def __init__(self, role: str, permission: str) -> None:
        super().__init__(f"The role {role!r} does not have the permission {permission!r}.")
        self.permission = permission


def can(role: str, permission: str) -> bool:
    """Whether `role` holds `permission`; an unknown role holds none.

    Raises `ValueError` for a permission that does not exist, so that a typing mistake can't
    quietly forbid or allow.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"There is no permission {permission!r}.")
    return permission in ROLES.get(role, frozenset())


def check_may(role: str, permission: str) -> None:
    """Raises `Forbidden` unless `role` holds `permission`."""
    if not can(role, permission):
        raise Forbidden(role, permission)


def check_staff_change(*, actor_id: int, target_id: int, role: str, active: bool) -> str:
    """Why an administrator may not change an account so, or an empty string.

    Nobody can lock themselves out: one's own role stays administrator and active.
    """
    if actor_id == target_id and (role != "admin" or not active):
        return "own_account"
    return ""


def is_narrowed(role: str, *, has_queues: bool) -> bool:
    """Whether an account sees only some conversations: its queues', its own, those it was asked to.

    Who serves citizens and was given no queues serves all of them, and so sees all. Who only helps,
    such as a responder, sees what it was asked to help with.
    """
    if can(role, "see_all_queues"):
        return False
    return has_queues or not can(role, "serve_citizens")
