"""Graph API endpoints for media, numbers, accounts, templates and blocked users."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from resmi.channels.simulator import citizens, faults, files, rules, state, templates
from resmi.channels.simulator.errors import Refusal, no_such_object
from resmi.channels.simulator.graph import (
    SIMULATION,
    guarded,
    json_body,
    number_of,
    post_messages,
    reply,
    version_path,
)
from resmi.channels.simulator.simulation import Simulation
from resmi.channels.simulator.state import Citizen, Json, Media, Number, Template

TIERS = {250: "TIER_250", 2000: "TIER_2K", 10_000: "TIER_10K", 100_000: "TIER_100K"}
DEFAULT_FIELDS = "id,verified_name,display_phone_number,quality_rating"


async def post_media(request: web.Request) -> web.StreamResponse:
    """POST /{phone}/media: multipart upload, kept for 30 days."""
    sim = request.app[SIMULATION]
    number = number_of(request)
    if not request.content_type.startswith("multipart/"):
        raise Refusal(100, "The parameter file is required.")
    fields: dict[str, str] = {}
    found: tuple[bytes, str, str] | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refusal(100, "Nested multipart bodies are not supported")
        if part.name == "file":
            mime = part.headers.get("Content-Type", "application/octet-stream")
            found = (bytes(await part.read(decode=True)), mime, part.filename or "")
        else:
            fields[part.name or ""] = await part.text()
    if fields.get("messaging_product") != "whatsapp":
        raise Refusal(100, "The parameter messaging_product is required.")
    if found is None:
        raise Refusal(100, "The parameter file is required.")
    data, mime, filename = found
    mime = fields.get("type", mime) if mime == "application/octet-stream" else mime
    files.check_upload(mime, len(data))
    media = files.keep(sim.world, number.id, mime, data, sim.clock.now(), filename=filename)
    return reply({"id": media.id})


def _media_of(request: web.Request) -> Media:
    sim = request.app[SIMULATION]
    name = request.match_info["object"]
    media = sim.world.media.get(name)
    asked = request.query.get("phone_number_id", "")
    if media is None or media.expires <= sim.clock.now():
        raise no_such_object(name, request.method)
    if asked and media.number and asked != media.number:
        raise no_such_object(name, request.method)
    return media


async def get_media(request: web.Request) -> web.StreamResponse:
    """GET /{media}: a link good for five minutes."""
    sim = request.app[SIMULATION]
    if status := faults.take(sim.faults.media_url):
        return web.Response(status=status)
    media = _media_of(request)
    ticket = citizens.media_ticket(sim.world, media.id, sim.clock.now())
    return reply(
        {
            "messaging_product": "whatsapp",
            "url": f"{request.url.origin()}/media/{ticket}",
            "mime_type": media.mime,
            "sha256": media.sha256_hex(),
            "file_size": len(media.data),
            "id": media.id,
        }
    )


async def delete_object(request: web.Request) -> web.StreamResponse:
    """DELETE /{media}."""
    media = _media_of(request)
    del request.app[SIMULATION].world.media[media.id]
    return reply({"success": True})


async def download(request: web.Request) -> web.StreamResponse:
    """GET of a media link: needs the token, 404 after five minutes."""
    sim = request.app[SIMULATION]
    if status := faults.take(sim.faults.media):
        return web.Response(status=status)
    name, until = sim.world.media_tickets.get(request.match_info["ticket"], ("", 0.0))
    media = sim.world.media.get(name)
    if media is None or until <= sim.clock.now():
        return web.Response(status=404)
    return web.Response(body=media.data, headers={"Content-Type": media.mime})


async def get_object(request: web.Request) -> web.StreamResponse:
    """GET /{phone}?fields=…, GET /{waba}, GET /{media}."""
    sim = request.app[SIMULATION]
    name = request.match_info["object"]
    if name in sim.world.numbers:
        asked = request.query.get("fields", DEFAULT_FIELDS).split(",")
        whole = _number_fields(sim, sim.world.numbers[name])
        return reply({key: whole[key] for key in ["id", *asked] if key in whole})
    if any(number.waba == name for number in sim.world.numbers.values()):
        return reply(
            {"id": name, "name": sim.config.business_name, "message_template_namespace": "x"}
        )
    return await get_media(request)


def _number_fields(sim: Simulation, number: Number) -> Json:
    return {
        "id": number.id,
        "display_phone_number": "+" + number.display,
        "verified_name": number.name,
        "quality_rating": number.quality,
        "status": number.status,
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "throughput": {"level": "HIGH" if number.throughput > 80 else "STANDARD"},
        "messaging_limit_tier": TIERS.get(sim.world.tier, "TIER_UNLIMITED"),
        "whatsapp_business_manager_messaging_limit": TIERS.get(sim.world.tier, "TIER_UNLIMITED"),
    }


async def phone_numbers(request: web.Request) -> web.StreamResponse:
    """GET /{waba}/phone_numbers."""
    sim = request.app[SIMULATION]
    waba = _waba_of(request)
    mine = [number for number in sim.world.numbers.values() if number.waba == waba]
    return reply({"data": [_number_fields(sim, number) for number in mine]})


def _waba_of(request: web.Request) -> str:
    name = request.match_info["object"]
    numbers = request.app[SIMULATION].world.numbers.values()
    if not any(number.waba == name for number in numbers):
        raise no_such_object(name, request.method)
    return name


async def settings(request: web.Request) -> web.StreamResponse:
    """GET and POST /{phone}/settings."""
    number = number_of(request)
    if request.method == "POST":
        number.settings |= await json_body(request)
        return reply({"success": True})
    return reply({"storage_configuration": {"status": "DEFAULT"}, **number.settings})


async def profile(request: web.Request) -> web.StreamResponse:
    """GET and POST /{phone}/whatsapp_business_profile."""
    number = number_of(request)
    if request.method == "POST":
        number.profile |= await json_body(request)
        return reply({"success": True})
    return reply({"data": [number.profile]})


async def subscribed_apps(request: web.Request) -> web.StreamResponse:
    """GET, POST, DELETE /{waba}/subscribed_apps; POST may name another callback."""
    sim = request.app[SIMULATION]
    waba = _waba_of(request)
    if request.method == "GET":
        data = [{"whatsapp_business_api_data": {"name": "Resmi", "id": "1"}}]
        return reply({"data": data if waba in sim.world.subscribed else []})
    if request.method == "DELETE":
        sim.world.subscribed = [name for name in sim.world.subscribed if name != waba]
        return reply({"success": True})
    body = await json_body(request) if request.can_read_body else {}
    if body.get("override_callback_uri"):
        sim.courier.target.url = str(body["override_callback_uri"])
        sim.courier.target.verify_token = str(body.get("verify_token", ""))
        if not await sim.courier.handshake():
            raise Refusal(100, "Callback verification failed", title="(#2200) Invalid callback")
    sim.world.subscribed = sorted({*sim.world.subscribed, waba})
    return reply({"success": True})


async def message_templates(request: web.Request) -> web.StreamResponse:
    """GET and POST /{waba}/message_templates."""
    sim = request.app[SIMULATION]
    waba = _waba_of(request)
    if request.method == "GET":
        wanted = {
            key: request.query[key]
            for key in ("name", "status", "language")
            if key in request.query
        }
        data = [
            templates.as_listed(one, request.query.get("fields", ""))
            for one in sim.world.templates.values()
            if one.waba == waba and all(getattr(one, key) == value for key, value in wanted.items())
        ]
        return reply({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})
    now = sim.clock.now()
    template = templates.read_definition(await json_body(request), sim.world, waba, now)
    template.id = state.new_object_id(sim.world, 700)
    sim.world.template_created.append(now)
    sim.world.templates[template.id] = template
    _review_later(sim, template)
    return reply({"id": template.id, "status": template.status, "category": template.category})


def _review_later(sim: Simulation, template: Template) -> None:
    problem = templates.review(template)
    if sim.faults.take_rejection():
        problem = {"reason": "It was made to be rejected.", "recommendation": "Try again."}

    async def act() -> None:
        judge(sim, template, "REJECTED" if problem else "APPROVED", problem)

    sim.clock.schedule(sim.config.timing.review, act)


def judge(sim: Simulation, template: Template, event: str, problem: Json | None = None) -> None:
    """Gives a template a new status and tells by webhook (where languages read `en-US`)."""
    template.status = event
    template.rejected_reason = "INVALID_FORMAT" if event == "REJECTED" else "NONE"
    value: Json = {
        "event": event,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language.replace("_", "-"),
        "reason": template.rejected_reason,
        "message_template_category": template.category,
    }
    if problem:
        value["rejection_info"] = problem
    sim.account_notice("message_template_status_update", value, template.waba)


async def delete_templates(request: web.Request) -> web.StreamResponse:
    """DELETE /{waba}/message_templates?name=…"""
    sim = request.app[SIMULATION]
    waba, name = _waba_of(request), request.query.get("name", "")
    doomed = [
        one.id for one in sim.world.templates.values() if (one.waba, one.name) == (waba, name)
    ]
    if not doomed:
        raise Refusal(100, "Message Template Not Found", subcode=2593002)
    for one in doomed:
        del sim.world.templates[one]
    return reply({"success": True})


async def block_users(request: web.Request) -> web.StreamResponse:
    """GET, POST, DELETE /{phone}/block_users."""
    sim = request.app[SIMULATION]
    number = number_of(request)
    if request.method == "GET":
        blocked = [_blocked(sim.world.citizens[key]) for key in number.blocked]
        return reply({"data": [{"block_users": blocked}], "paging": {}})
    body = await json_body(request)
    users = body.get("block_users")
    if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
        raise Refusal(100, "The parameter block_users is required.")
    added: list[Json] = []
    failed: list[Json] = []
    for user in users:
        _block(sim, number, str(user.get("user", "")), request.method == "POST", added, failed)
    result: Json = {"messaging_product": "whatsapp", "block_users": {"added_users": added}}
    if not failed:
        return reply(result)
    result["block_users"]["failed_users"] = failed
    return reply(result | Refusal(139100).body(request.path), 400)


def _blocked(citizen: Citizen) -> Json:
    return {"input": citizen.phone, "wa_id": citizen.phone}


def _block(
    sim: Simulation, number: Number, user: str, block: bool, added: list[Json], failed: list[Json]
) -> None:
    digits = "".join(filter(str.isdigit, user))
    citizen = state.by_phone(sim.world, digits) or state.by_user_id(sim.world, user)
    now = sim.clock.now()
    open_window = citizen and rules.window_open(sim.world, number.id, citizen.key, now)
    if citizen is None or (block and not open_window):
        error = Refusal(131047)
        reason = {
            "message": error.title,
            "code": error.code,
            "error_data": {"details": error.details},
        }
        failed.append({"input": user, "wa_id": digits, "errors": [reason]})
        return
    number.blocked = [key for key in number.blocked if key != citizen.key]
    if block:
        number.blocked.append(citizen.key)
    added.append({"input": user, "wa_id": citizen.phone})


def routes() -> list[web.RouteDef]:
    """Every Graph endpoint. Fixed names come before `/{object}`."""
    path = version_path
    return [
        web.post(path("{object}/messages"), guarded(post_messages)),
        web.post(path("{object}/media"), guarded(post_media)),
        web.get(path("{object}/settings"), guarded(settings)),
        web.post(path("{object}/settings"), guarded(settings)),
        web.get(path("{object}/whatsapp_business_profile"), guarded(profile)),
        web.post(path("{object}/whatsapp_business_profile"), guarded(profile)),
        web.get(path("{object}/phone_numbers"), guarded(phone_numbers)),
        web.get(path("{object}/subscribed_apps"), guarded(subscribed_apps)),
        web.post(path("{object}/subscribed_apps"), guarded(subscribed_apps)),
        web.delete(path("{object}/subscribed_apps"), guarded(subscribed_apps)),
        web.get(path("{object}/message_templates"), guarded(message_templates)),
        web.post(path("{object}/message_templates"), guarded(message_templates)),
        web.delete(path("{object}/message_templates"), guarded(delete_templates)),
        web.get(path("{object}/block_users"), guarded(block_users)),
        web.post(path("{object}/block_users"), guarded(block_users)),
        web.delete(path("{object}/block_users"), guarded(block_users)),
        web.get(path("{object}"), guarded(get_object)),
        web.delete(path("{object}"), guarded(delete_object)),
        web.get("/media/{ticket}", guarded(download)),
    ]
