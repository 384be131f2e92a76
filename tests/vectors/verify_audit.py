# Checks what `laurel audit --export` wrote, without our code: python verify_audit.py < camp-david.audit
import json
import sys
from base64 import b64decode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

(head, *lines, end), chain = sys.stdin.buffer.read().splitlines(), ""
for line in lines:
    chain = sha256(chain.encode() + line).hexdigest()
payload, kind = b64decode(json.loads(end)["payload"]), json.loads(end)["payloadType"]
signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(json.loads(head)["key"]))
key.verify(b64decode(json.loads(end)["signatures"][0]["sig"]), signed)
assert json.loads(payload)["chain"] == chain, "a line was altered, left out or put in"
