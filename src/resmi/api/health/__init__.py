"""Probes for machines: is the process alive, is it ready, how does it do.

`/healthz`: this process answers. `/readyz`: what it needs is there (503 and the reasons when not).
`/metrics`: Prometheus. A lean ASGI application: no session, no cookie, no Django request.
"""

from resmi.api.health.serving import PATHS, application

__all__ = ["PATHS", "application"]
