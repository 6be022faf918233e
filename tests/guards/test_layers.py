"""What import-linter can't see: foreign keys point down the same layers as imports."""

from __future__ import annotations

import tomllib

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model

from tests.guards import sources


def _ranks() -> dict[str, int]:
    """Each room's layer, 0 the highest, as import-linter has it."""
    settings = tomllib.loads((sources.ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {room.strip(): rank for rank, layer in enumerate(layers) for room in layer.split("|")}


def _own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("resmi.")]


@pytest.mark.parametrize("model", _own_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[Model]) -> None:
    ranks = _ranks()
    mine = ranks[model._meta.app_label]
    upward = [
        f"{field.name} -> {field.related_model._meta.label}"
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label != model._meta.app_label
        and ranks.get(field.related_model._meta.app_label, 99) <= mine
    ]
    assert upward == []


def test_every_room_has_a_layer() -> None:
    rooms = {path.name for path in sources.SRC.iterdir() if (path / "__init__.py").exists()}
    assert rooms - {"locale", "packs"} <= _ranks().keys()
