"""What can go wrong with the embedded PostgreSQL."""

from __future__ import annotations


class Unusable(Exception):
    """The embedded PostgreSQL can't be used; the text says why and how to mend it."""


EXPLANATIONS = (
    (
        "No space left on device",
        "the disk is full. Free some space there (64 MB at the least) and start again; "
        "nothing stored is lost.",
    ),
    (
        "database files are incompatible",
        "its files were made by another version of PostgreSQL.",
    ),
    (
        "could not create shared memory segment",
        "the system grants it too little shared memory. Give the machine or container more memory.",
    ),
    (
        "could not map anonymous shared memory",
        "the machine or container has too little memory left for it (about 200 MB are needed).",
    ),
    (
        "Permission denied",
        "some of its files belong to another account. Give them all to the owner of the folder.",
    ),
    (
        "could not locate a valid checkpoint record",
        "its files are damaged. Restore a backup of the folder.",
    ),
)


def explain(log: str) -> str:
    """The reason in words for what the server's log ends with, or else its last lines."""
    for mark, words in EXPLANATIONS:
        if mark in log:
            return words
    lines = [line for line in log.splitlines() if line.strip()]
    return "its last words:\n" + "\n".join(lines[-8:]) if lines else "it left no word."
