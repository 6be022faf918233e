"""Sends our messages through WhatsApp and says what became of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from django.conf import settings
from django.utils.translation import gettext_noop

from resmi.channels.outcomes import Accepted, Job, NotSent, Outcome, Refused, Uncertain
from resmi.channels.rules import Problem
from resmi.channels.whatsapp import encoding, errors, graph

CHANGE_IT = gettext_noop("Change the message and send it again.")


class WhatsAppOutlet:
    """The way out to WhatsApp."""

    def __init__(self, client: graph.Graph) -> None:
        self._client = client

    async def send(self, job: Job) -> Outcome:
        """Sends one job. Never raises for anything the channel or the network does."""
        try:
            return Accepted(await self._client.send(job.sender, _body(job)))
        except encoding.Unsendable as unsendable:
            return Refused(_unsendable(unsendable))
        except graph.Refusal as refusal:
            problem = errors.classify(refusal.code, refusal.details, refusal.http_status)
            return Refused(
                msgspec.structs.replace(
                    problem, least_s=max(problem.least_s, refusal.retry_after_s)
                )
            )
        except graph.NotConnected as error:
            return NotSent(str(error))
        except graph.OthersAnswer as error:
            return Uncertain(str(error), hold_s=graph.OTHERS_HOLD_S)
        except graph.NoAnswer as error:
            return Uncertain(str(error))


def _body(job: Job) -> encoding.Body:
    if job.purpose == "read":
        return encoding.read_mark(job.reply_to)
    if job.purpose == "typing":
        return encoding.typing(job.reply_to)
    return encoding.message(
        job.content,
        to=job.recipient,
        ref=job.ref,
        reply_to=job.reply_to,
        upload_id=job.upload_id,
    )


def _unsendable(unsendable: encoding.Unsendable) -> Problem:
    return Problem(
        kind="change",
        key="unsendable",
        reason=unsendable.reason,
        next_step=CHANGE_IT,
    )


@asynccontextmanager
async def open_outlet(connections: int) -> AsyncIterator[WhatsAppOutlet]:
    """An outlet on the configured Graph API."""
    async with graph.connect(
        settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN, connections=connections
    ) as client:
        yield WhatsAppOutlet(client)
