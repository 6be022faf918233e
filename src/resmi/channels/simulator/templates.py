"""Templates: what Meta takes, approves or rejects, and how one is filled in. Pure.

Source: Meta's pages "Templates", "Template components" and the template webhooks.
"""

from __future__ import annotations

import re
from typing import Any

from resmi.channels.simulator.errors import Refusal
from resmi.channels.simulator.interactive import need_text
from resmi.channels.simulator.state import Template, World

Json = dict[str, Any]

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
NAME, BODY, HEADER, FOOTER = 512, 1024, 60, 60
BUTTONS, LABEL = 10, 25
PER_ACCOUNT, PER_HOUR = 250, 100
BUTTON_LIMITS = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


def variables(text: str) -> list[str]:
    """The variables of a text, each once, in order."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def read_definition(body: object, world: World, waba: str, now: float) -> Template:
    """A template to be reviewed, without its id. Raises `Refusal` (100, 80007) when malformed."""
    if not isinstance(body, dict):
        raise Refusal(100, "The body must be a JSON object")
    name, language = str(body.get("name", "")), str(body.get("language", ""))
    if not re.fullmatch(rf"[a-z0-9_]{{1,{NAME}}}", name):
        raise Refusal(100, "Param name must hold lowercase letters, digits and underscores only")
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
        raise Refusal(100, "Param language is not a supported language code")
    if body.get("category") not in CATEGORIES:
        raise Refusal(100, f"Param category must be one of {{{', '.join(CATEGORIES)}}}")
    components = body.get("components")
    if not isinstance(components, list) or not components:
        raise Refusal(100, "Param components is required")
    for component in components:
        _check_component(component)
    if not any(part.get("type") == "BODY" for part in components):
        raise Refusal(100, "A component of type BODY is required")
    _check_quota(world, waba, name, language, now)
    return Template(
        id="",
        waba=waba,
        name=name,
        language=language,
        category=str(body["category"]),
        components=components,
        parameter_format=str(body.get("parameter_format", "POSITIONAL")).upper(),
    )


def _check_quota(world: World, waba: str, name: str, language: str, now: float) -> None:
    mine = [one for one in world.templates.values() if one.waba == waba]
    if any(one.name == name and one.language == language for one in mine):
        raise Refusal(100, "There is already English content for this template.", subcode=2388024)
    if len({one.name for one in mine} | {name}) > PER_ACCOUNT:
        raise Refusal(100, f"No more than {PER_ACCOUNT} templates", subcode=2388039)
    world.template_created = [at for at in world.template_created if now - at < 3600]
    if len(world.template_created) >= PER_HOUR:
        raise Refusal(80007, f"No more than {PER_HOUR} templates may be created in an hour")


def _check_component(component: object) -> None:
    kind = component.get("type") if isinstance(component, dict) else None
    if not isinstance(component, dict) or kind not in ("HEADER", "BODY", "FOOTER", "BUTTONS"):
        raise Refusal(100, "components[].type must be HEADER, BODY, FOOTER or BUTTONS")
    if kind == "BODY":
        need_text(component, "text", "BODY text", BODY)
    elif kind == "FOOTER":
        need_text(component, "text", "FOOTER text", FOOTER)
    elif kind == "HEADER" and component.get("format", "TEXT") == "TEXT":
        text = need_text(component, "text", "HEADER text", HEADER)
        if len(variables(text)) > 1:
            raise Refusal(100, "A header may hold one variable")
    elif kind == "BUTTONS":
        _check_buttons(component.get("buttons"))
    if variables(str(component.get("text", ""))) and not component.get("example"):
        raise Refusal(100, f"{kind}: an example for the variables is required", subcode=2388043)


def _check_buttons(buttons: object) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS:
        raise Refusal(100, f"A template has at most {BUTTONS} buttons")
    for button in buttons:
        if not isinstance(button, dict) or not button.get("type"):
            raise Refusal(100, "buttons[].type is required")
        if button["type"] not in ("COPY_CODE", "REQUEST_CONTACT_INFO", "OTP"):
            need_text(button, "text", "buttons[].text", LABEL)
    for kind, limit in BUTTON_LIMITS.items():
        if sum(button["type"] == kind for button in buttons) > limit:
            raise Refusal(100, f"At most {limit} buttons of type {kind}")


def review(template: Template) -> Json | None:
    """Why the reviewer rejects a template (reason and recommendation), or None to approve."""
    body = text_of(template, "BODY")
    if re.search(r"\}\}\s*\{\{", body):
        return {
            "reason": "Your template has parameters placed next to each other.",
            "recommendation": "Separate parameters with descriptive text.",
        }
    if re.match(r"\s*\{\{", body) or re.search(r"\}\}\s*$", body):
        return {
            "reason": "Your template begins or ends with a parameter.",
            "recommendation": "Put text before the first and after the last parameter.",
        }
    return None


def text_of(template: Template, kind: str) -> str:
    """The text of a component, or empty."""
    for component in template.components:
        if component.get("type") == kind:
            return str(component.get("text", ""))
    return ""


def find(world: World, waba: str, content: Json) -> Template:
    """The template a message asks for. Raises `Refusal` 132001, 132015, 132016."""
    name, code = str(content["name"]), str(content["language"]["code"])
    template = next(
        (
            one
            for one in world.templates.values()
            if one.waba == waba and one.name == name and one.language == code
        ),
        None,
    )
    if template is None or template.status in ("PENDING", "REJECTED"):
        raise Refusal(132001, f"template name ({name}) does not exist in {code}")
    if template.status == "PAUSED":
        raise Refusal(132015)
    if template.status == "DISABLED":
        raise Refusal(132016)
    return template


def fill(template: Template, content: Json) -> Json:
    """The message as the citizen sees it: header, body, footer, buttons.

    Raises `Refusal` 132000 (number of parameters), 132012 (kind or names), 132005 (too long).
    """
    given = _given(content)
    shown: Json = {"buttons": [], "footer": text_of(template, "FOOTER")}
    for component in template.components:
        kind = str(component.get("type"))
        if kind == "BODY":
            shown["body"] = _filled(template, "body", str(component["text"]), given.get("body", []))
        elif kind == "HEADER":
            shown["header"] = _header(template, component, given.get("header", []))
        elif kind == "BUTTONS":
            shown["buttons"] = _buttons(component["buttons"], content)
    if len(shown["body"]) > BODY:
        raise Refusal(132005, f"body is {len(shown['body'])} characters, at most {BODY}")
    return shown


def _given(content: Json) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for component in content.get("components", []):
        parameters = component.get("parameters", []) if isinstance(component, dict) else None
        if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
            raise Refusal(132012, "components[].parameters must be a list of objects")
        if not str(component.get("index", 0)).isdigit():
            raise Refusal(100, "components[].index must be a number")
        kind = str(component.get("type", "")).lower()
        if kind not in ("header", "body", "button"):
            raise Refusal(100, f"Unexpected component type {kind!r}")
        if kind != "button":
            found[kind] = parameters
    return found


def _filled(template: Template, where: str, text: str, given: list[Json]) -> str:
    names = variables(text)
    if len(given) != len(names):
        raise Refusal(
            132000,
            f"{where}: number of localizable_params ({len(given)}) does not match "
            f"the expected number of params ({len(names)})",
        )
    named = template.parameter_format == "NAMED"
    values = {}
    for position, parameter in enumerate(given):
        if parameter.get("type") not in ("text", "currency", "date_time"):
            raise Refusal(132012, f"{where}: expected a text parameter")
        name = str(parameter.get("parameter_name", "")) if named else names[position]
        if name not in names:
            raise Refusal(132012, f"{where}: Parameter name is missing or empty")
        values[name] = _value(parameter)
    return VARIABLE.sub(lambda found: values.get(found[1], ""), text)


def _value(parameter: Json) -> str:
    if parameter["type"] == "text":
        return str(parameter.get("text", ""))
    return str((parameter.get(str(parameter["type"])) or {}).get("fallback_value", ""))


def _header(template: Template, component: Json, given: list[Json]) -> Json:
    form = str(component.get("format", "TEXT"))
    if form == "TEXT":
        return {"type": "text", "text": _filled(template, "header", component["text"], given)}
    if len(given) != 1 or given[0].get("type") != form.lower():
        raise Refusal(132012, f"header: Format mismatch, expected {form}")
    return dict(given[0])


def _buttons(buttons: list[Json], content: Json) -> list[Json]:
    parameters: dict[int, Json] = {}
    for component in content.get("components", []):
        if str(component.get("type", "")).lower() == "button":
            parameters[int(component.get("index", 0))] = next(
                iter(component.get("parameters", [])), {}
            )
    shown = []
    for index, button in enumerate(buttons):
        parameter = parameters.get(index, {})
        if button["type"] == "URL" and variables(str(button.get("url", ""))) and not parameter:
            raise Refusal(
                131008, f"buttons: Button at index {index} of type Url requires a parameter"
            )
        one = {"type": button["type"], "text": button.get("text", "")}
        if button["type"] == "URL":
            one["url"] = VARIABLE.sub(str(parameter.get("text", "")), str(button["url"]))
        if button["type"] == "QUICK_REPLY":
            one["payload"] = str(parameter.get("payload", "")) or one["text"]
        shown.append(one)
    return shown


def as_listed(template: Template, fields: str = "") -> Json:
    """The template as GET /{waba}/message_templates shows it; only `fields` when they are named."""
    shown = {
        "name": template.name,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "id": template.id,
    }
    if not fields:
        return shown
    shown["rejected_reason"] = template.rejected_reason or "NONE"
    return {name: shown[name] for name in ("id", *fields.split(",")) if name in shown}
