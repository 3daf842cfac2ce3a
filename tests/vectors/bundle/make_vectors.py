# SPDX-License-Identifier: AGPL-3.0-or-later
"""Golden bytes of bundles, computed from schema/wire/wire.md and sharing no code with the product.

    python3 tests/vectors/bundle/make_vectors.py > tests/vectors/bundle/vectors.txt
"""

import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def blake(label, data):
    return hashlib.blake2b(data, digest_size=32, person=label.encode()).digest()


def u8(n):
    return struct.pack("<B", n)


def u32(n):
    return struct.pack("<I", n)


def u64(n):
    return struct.pack("<Q", n)


def ident(n, size=16):
    return bytes([n]) * size


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def sized(data):
    return varint(len(data)) + data


def many(items):
    return varint(len(items)) + b"".join(items)


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BOUND = ident(0x0a) + ident(0x0b) + ident(0x21) + u32(3) + u8(1) + ident(0x22) + u64(7) + struct.pack("<q", 1795000000000)
BOXES = many([ident(0x22) + sized(ident(0x55, 104))])
PART = u32(2) + u32(3) + u32(9) + u64(123456) + ident(0x66, 32)


def header(rest, magic=b"SATCHELB", version=1, size=None):
    signed = magic + u32(version) + u32(len(rest) + 64 if size is None else size) + rest
    return signed + KEY.sign(blake("satchel bundle", signed))


def bad(kind, name, code, data):
    print("bad", kind, name, code, data.hex() or "-")


def headers():
    good = header(BOUND + BOXES + PART)
    print("good header hub", good.hex())
    print("good header person", header(BOUND[:52] + u8(2) + BOUND[53:] + many([ident(n) + sized(ident(n, 104)) for n in (0x31, 0x32)]) + PART).hex())
    print("is bound", (b"SATCHELB" + u32(1) + BOUND).hex())
    print("is bound-digest", blake("satchel bound", b"SATCHELB" + u32(1) + BOUND).hex())
    first = blake("satchel carried", bytes(32) + u32(4) + b"abcd")
    print("is content-1", first.hex())
    print("is content-2", blake("satchel carried", first + u32(2) + b"ef").hex())
    print("is chunk-bound", (ident(0x77, 32) + u32(2) + u32(5)).hex())
    bad("header", "magic", "bundle.none", header(BOUND + BOXES + PART, magic=b"SATCHELN"))
    bad("header", "short", "bundle.none", good[:15])
    bad("header", "version-2", "bundle.newer", header(BOUND + BOXES + PART, version=2))
    code = "bundle.damaged"
    bad("header", "version-0", code, header(BOUND + BOXES + PART, version=0))
    bad("header", "size-less", code, header(BOUND + BOXES + PART, size=300))
    bad("header", "size-none", code, header(BOUND + BOXES + PART, size=64))
    bad("header", "size-huge", code, header(BOUND + BOXES + PART, size=64 * 1024 + 1))
    bad("header", "to-nobody", code, header(BOUND[:52] + u8(3) + BOUND[53:] + BOXES + PART))
    bad("header", "number-0", code, header(BOUND[:69] + u64(0) + BOUND[77:] + BOXES + PART))
    bad("header", "part-0", code, header(BOUND + BOXES + u32(0) + PART[4:]))
    bad("header", "part-4-of-3", code, header(BOUND + BOXES + u32(4) + PART[4:]))
    bad("header", "10000-parts", code, header(BOUND + BOXES + u32(1) + u32(10000) + PART[8:]))
    bad("header", "left-over", code, header(BOUND + BOXES + PART + b"\0"))
    bad("header", "cut", code, good[:-1])


def acknowledgements():
    refusal = ident(0x11) + u64(5) + u8(2) + sized(b"intake.foreign") + u64(9)
    good = ident(0x21) + u32(3) + u64(7) + ident(0x0b) + many([ident(0x41, 32), ident(0x42, 32)]) + many([refusal])
    print("good acknowledgement full", good.hex())
    print("good acknowledgement plain", (ident(0x21) + u32(3) + u64(7) + ident(0x0b) + many([]) + many([])).hex())
    code = "bundle.damaged"
    bad("acknowledgement", "4097-owed", code, ident(0x21) + u32(3) + u64(7) + ident(0x0b) + varint(4097) + bytes(64))
    bad("acknowledgement", "left-over", code, good + b"\0")
    for at in (0, 20, 60, len(good) - 1):
        bad("acknowledgement", f"cut-{at}", code, good[:at])


print("# See make_vectors.py. Signing seed: 00 01 … 1f.")
headers()
acknowledgements()
