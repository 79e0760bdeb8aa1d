"""One text for one value, and digests of it: what makes two trials the same trial.

Values are written as canonical JSON (RFC 8785): keys sorted, no white space, numbers in their
shortest form, so ``5`` and ``5.0`` are one number. A digest covers a kind, a version and a value,
so that a trial and an asset with equal content can never be taken for each other, and so that the
rule can change one day without old digests losing their meaning.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"

DIGEST_VERSION = 1


def canonical_json(value: JSON) -> bytes:
    """The value as canonical JSON.

    Args:
        value: what JSON can hold; integers must lie within ±(2^53 − 1).

    Raises:
        ValueError: for NaN, infinity, larger integers, keys that are no strings, or other types.
    """
    try:
        return rfc8785.dumps(_plain(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"{value!r:.200} has no canonical JSON: {error}") from None


def digest(kind: str, value: JSON) -> str:
    """SHA-256 of the canonical JSON of a kind and a value, as 64 hexadecimal digits."""
    content = canonical_json({"kind": kind, "version": DIGEST_VERSION, "value": value})
    return hashlib.sha256(content).hexdigest()


# rfc8785 knows dict, list and tuple only, while studies carry read-only mappings.
def _plain(value: JSON) -> JSON:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_plain(item) for item in value]
    return value
