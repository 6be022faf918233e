"""What is wrong in a file of staff, in words: what it is, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from resmi.agency import rules as roles
from resmi.routing.staffing import reading
from resmi.routing.staffing.rules import Problem

_WORDS = {
    "too_big": _("The file is larger than %(value)s MB: split it."),
    "not_text": _(
        "This is not text in UTF-8: choose “CSV UTF-8” when you save it in your spreadsheet."
    ),
    "not_a_table": _("Quotation marks open here and do not close: close them."),
    "empty_file": _("The file is empty. Its first line names the columns: email, name, role."),
    "no_lines": _("There is only a heading: write one person a line below it."),
    "too_many": _("More than %(value)s people: split the file."),
    "unknown_column": _("There is no column “%(value)s”. Use: %(known)s."),
    "column_twice": _("The column “%(column)s” is there twice: take one out."),
    "no_email_column": _("The column “email” is missing: it says who is meant."),
    "too_many_cells": _(
        "More cells than the %(value)s of the heading: put a text with commas in quotation marks."
    ),
    "email_wrong": _("“%(value)s” is no e-mail address."),
    "email_twice": _("The same person as in line %(value)s: take one of the two out."),
    "too_long": _("“%(column)s” is longer than %(value)s letters: shorten it."),
    "name_missing": _("A new account needs a name."),
    "role_missing": _("A new account needs a role: %(roles)s."),
    "role_unknown": _("There is no role “%(value)s”. Use: %(roles)s."),
    "active_unclear": _("“%(value)s” is unclear: write yes or no in “active”."),
    "language_unknown": _("There is no language “%(value)s” here: write en, id or ko."),
    "time_zone_unknown": _("There is no time zone “%(value)s”: write one like Asia/Jakarta."),
    "queue_unknown": _("There is no queue “%(value)s”: create it first, or take it out."),
    "skill_wrong": _("“%(value)s” is no skill: one word, with a level from 1 to 5 like loans:2."),
    "capacity_wrong": _("“%(value)s” is no capacity: a whole number from 0 to 1000."),
    "holds_more": _("They hold %(value)s units now: choose at least that, or wait."),
    "own_account": _("This is your own account: ask another administrator."),
    "no_manager_left": _("Nobody could manage staff any more: leave one administrator active."),
}


def said(problem: Problem) -> str:
    """The problem in the reader's language, without its line."""
    return str(_WORDS[problem.code]) % {
        "value": problem.value,
        "column": problem.column,
        "known": ", ".join(reading.COLUMNS),
        "roles": ", ".join(roles.ROLES),
    }
