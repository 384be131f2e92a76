# Checks what `laurel log export` wrote, without our code: python verify_export.py < camp-david.export
import json
import sys
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

head, *envelopes = map(json.loads, sys.stdin)
for one in envelopes:
    payload, kind = b64decode(one["payload"]), one["payloadType"]
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    origin, [sig], keys = json.loads(payload)["origin"], one["signatures"], head["keys"]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[origin][sig["keyid"]])).verify(b64decode(sig["sig"]), signed)
