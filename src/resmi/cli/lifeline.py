"""Ends a supervised process when its supervisor is gone, however that ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Mapping

VARIABLE = "RESMI_SUPERVISOR_PID"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def environment() -> dict[str, str]:
    """What a supervisor adds to the environment of what it starts."""
    return {VARIABLE: str(os.getpid())}


def hold(env: Mapping[str, str] = os.environ) -> None:
    """Asks the kernel for SIGTERM at the supervisor's death; does nothing without a supervisor.

    Only Linux offers this; elsewhere a killed supervisor leaves its processes running.
    """
    supervisor = env.get(VARIABLE)
    if not supervisor or sys.platform != "linux":
        return
    if os.getppid() != int(supervisor):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):
        sys.exit(0)
