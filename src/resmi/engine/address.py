"""How a channel names a citizen."""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a channel names a citizen. `phone` is digits only; `scope` is where `user_id` holds."""

    kind: str
    scope: str = ""
    user_id: str = ""
    parent_user_id: str = ""
    phone: str = ""
    username: str = ""
    profile_name: str = ""

    def key(self) -> str:
        """What orders this citizen's items: the scoped user id, else the phone."""
        return f"{self.kind}:{self.scope}:{self.user_id or self.phone}"
