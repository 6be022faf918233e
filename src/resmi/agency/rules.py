"""Who may do what. Pure: roles and permissions are words, nothing is looked up."""

from __future__ import annotations

from typing import Literal, get_args

Permission = Literal[
    "use_account",  # sign in, own profile, live stream
    "serve_citizens",  # the desk: read, take over, reply, verify, close
    "watch_floor",  # see all agents and queues, read along
    "move_conversations",  # assign and move other agents' conversations, set their presence
    "manage_register",  # import and correct the register of companies
    "operate_channels",  # pause channels, look at items that could not be handled
    "see_audit",  # search the audit trail
    "manage_staff",  # create and deactivate accounts, give roles
]
PERMISSIONS: frozenset[str] = frozenset(get_args(Permission))

_AGENT: frozenset[str] = frozenset({"use_account", "serve_citizens"})
_SUPERVISOR = _AGENT | {"watch_floor", "move_conversations", "manage_register", "see_audit"}
_ADMIN = _SUPERVISOR | {"operate_channels", "manage_staff"}
ROLES: dict[str, frozenset[str]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "admin": _ADMIN,
}


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
