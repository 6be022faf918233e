"""What is missing or wrong in an installation, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping

from resmi.cli.diagnosis import content, database, loads, machine, settings
from resmi.cli.diagnosis.finding import Finding

__all__ = ["Finding", "examine"]


def examine(env: Mapping[str, str]) -> list[Finding]:
    """Everything found, good and bad, in the order in which it should be mended.

    The database is started when it is the embedded one and was already made, and left as it was.
    """
    findings = [*machine.examine(env), *settings.examine(env)]
    with database.reachable(env) as (found, works):
        findings += found
        if works:
            findings += database.examine_tables()
            findings += content.examine_register()
            findings += loads.examine()
    findings += content.examine_pack(env)
    return findings
