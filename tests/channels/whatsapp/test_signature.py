import json

import pytest

from resmi.channels.whatsapp import signature
from tests.channels.whatsapp import payloads

BODY = b'{"entry": "\\u00e1 \\/"}'


def test_signatures_are_the_ones_meta_gives() -> None:
    for vector in payloads.vectors():
        assert (
            signature.sign(vector["app_secret"], vector["body"].encode())
            == (vector["x_hub_signature_256"])
        )


def test_a_body_signed_with_the_secret_is_genuine() -> None:
    assert signature.is_genuine(["s"], BODY, signature.sign("s", BODY))


def test_the_same_json_written_otherwise_is_not_genuine() -> None:
    rewritten = json.dumps(json.loads(BODY)).encode()
    assert not signature.is_genuine(["s"], rewritten, signature.sign("s", BODY))


@pytest.mark.parametrize("secret", ["old", "new"])
def test_while_secrets_rotate_both_are_taken(secret: str) -> None:
    assert signature.is_genuine(["old", "new"], BODY, signature.sign(secret, BODY))


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha256=zz", signature.sign("other", BODY), signature.sign("s", BODY)[7:], "ÿ"],
)
def test_anything_else_is_not_genuine(header: str) -> None:
    assert not signature.is_genuine(["s"], BODY, header)


def test_without_secrets_nothing_is_genuine() -> None:
    assert not signature.is_genuine([], BODY, signature.sign("", BODY))
