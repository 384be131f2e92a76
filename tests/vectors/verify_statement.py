# Checks a public joint statement without our code: python verify_statement.py JPN=<key> KOR=<key> USA=<key> < FILE
# Each key is a member's public key, 64 hexadecimal digits, from the member itself and not from the file.
import json
import sys
from base64 import b64decode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

keys = dict(one.split("=") for one in sys.argv[1:])
SAME = ("consultation", "text", "text_hash", "compact", "members", "versions", "clauses")
stated: dict[str, Any] = {}
for line in sys.stdin.readlines()[1:]:
    one = json.loads(line)
    payload, kind, [signature] = b64decode(one["payload"]), one["payloadType"], one["signatures"]
    record = json.loads(payload)
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[record["origin"]]))
    public.verify(b64decode(signature["sig"]), signed)
    if record["kind"] != "consult.joint-statement.v1" or record["exercise"]:
        sys.exit("this is no joint statement, or one of an exercise")
    stated[record["origin"]] = record["body"]
if len({json.dumps([body[name] for name in SAME]) for body in stated.values()}) != 1:
    sys.exit("the members do not state the same")
body = next(iter(stated.values()))
missing = set(body["members"]) - stated.keys()
sys.stdout.write(f"stated by {' '.join(stated)}, missing: {' '.join(sorted(missing)) or 'nobody'}\n")
for version in body["versions"]:
    sys.stdout.write(f"\n[{version['language']}]\n{version['text']}\n")
