# Checks what `laurel log export` wrote, without our code: python verify_export.py < camp-david.export
import json
import sys
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

head, *envelopes = map(json.loads, sys.stdin)
keys = {
    (code, name): Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    for code, of_member in head["keys"].items()
    for name, key in of_member.items()
}
for one in envelopes:
    payload, kind = b64decode(one["payload"]), one["payloadType"]
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    signature = one["signatures"][0]
    keys[json.loads(payload)["origin"], signature["keyid"]].verify(b64decode(signature["sig"]), signed)
