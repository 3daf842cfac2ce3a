#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the known answers of sync/seal and sync/vault, computed without libsodium: hashlib's BLAKE2b,
the `cryptography` package for Ed25519, X25519, ChaCha20-Poly1305 and Argon2id, and HChaCha20 by hand.
Run by hand when a construction is added; answers that stand in the file never change."""
import hashlib
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

HERE = Path(__file__).parent
lines = []


def h(data):
    return data.hex() if data else "-"


def emit(kind, *fields, expect):
    lines.append(" ".join([kind, *fields, "->", *expect]))


def blake(label, data, key=b""):
    return hashlib.blake2b(data, digest_size=32, key=key, person=label.encode().ljust(16, b"\0")).digest()


def label(text):
    return text.replace(" ", "_")


def rotl(v, n):
    return ((v << n) | (v >> (32 - n))) & 0xFFFFFFFF


def hchacha20(key, nonce16):
    s = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", nonce16))

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] = rotl(s[z] ^ s[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *s[:4], *s[12:])


def seal(key, nonce, associated, plain):
    cipher = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
    return nonce + cipher.encrypt(b"\0" * 4 + nonce[16:], plain, associated)


def count(n, start=0):
    return bytes((start + i) & 255 for i in range(n))


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


# ---- hashes ----
for name, parts in (("satchel test", [b""]), ("satchel test", [b"abc"]), ("", [b"abc"]),
                    ("exactly 16 chars", [count(168)]), ("satchel test", [count(700)]),
                    ("satchel test", [b"ab", b"", b"c"]), ("satchel test", [count(128), count(129), count(443)])):
    emit("hash", label(name) or "-", ",".join(h(p) for p in parts), expect=[blake(name, b"".join(parts)).hex()])
emit("key_id", h(count(32)), expect=[blake("satchel key id", count(32)).hex()[:32]])
emit("derive", label("satchel test"), h(count(32)), "-", expect=[blake("satchel test", b"", count(32)).hex()])
emit("derive", label("satchel test"), h(count(32)), h(b"context"),
     expect=[blake("satchel test", b"context", count(32)).hex()])

# ---- signatures: Ed25519 over the labelled hash; the first seed is RFC 8032's first ----
rfc_seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
for seed, message in ((rfc_seed, b""), (count(32), "福田百货".encode()), (count(32), count(700))):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    pub = key.public_key().public_bytes_raw()
    signature = key.sign(blake("satchel test", message))
    emit("sign", h(seed), label("satchel test"), h(message), expect=[pub.hex(), signature.hex()])
    emit("verify", pub.hex(), label("satchel test"), h(message), signature.hex(), expect=["yes"])
    emit("verify", pub.hex(), label("satchel other"), h(message), signature.hex(), expect=["no"])
    emit("verify", pub.hex(), label("satchel test"), h(message + b"\0"), signature.hex(), expect=["no"])
    emit("verify", flip(pub, 3).hex(), label("satchel test"), h(message), signature.hex(), expect=["no"])
    for at in (0, 31, 32, 63):
        emit("verify", pub.hex(), label("satchel test"), h(message), flip(signature, at).hex(), expect=["no"])
    # The same signature with the group order added to s: valid arithmetic, but not the one form we take.
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    emit("verify", pub.hex(), label("satchel test"), h(message), (signature[:32] + s.to_bytes(32, "little")).hex(),
         expect=["no"])
# A public key of small order with R = identity, s = 0 would sign anything.
emit("verify", "01" + "00" * 31, label("satchel test"), h(b"abc"), "01" + "00" * 63, expect=["no"])

# ---- sealing ----
# draft-irtf-cfrg-xchacha-03, A.3.1, as published
draft_sealed = (count(24, 0x40) + bytes.fromhex(
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216"
    "cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b5"
    "2ec0875924c1c7987947deafd8780acf49"))
draft_plain = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
               b"sunscreen would be it.")
draft_aad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
assert seal(count(32, 0x80), count(24, 0x40), draft_aad, draft_plain) == draft_sealed
for key, nonce, aad, plain in ((count(32, 0x80), count(24, 0x40), draft_aad, draft_plain),
                               (count(32), count(24, 1), b"", b""), (count(32), count(24, 2), count(168), count(600))):
    sealed = seal(key, nonce, aad, plain)
    emit("open", h(key), h(aad), h(sealed), expect=[h(plain)])
    emit("open", h(flip(key, 31)), h(aad), h(sealed), expect=["seal.broken"])
    emit("open", h(key), h(aad + b"\0"), h(sealed), expect=["seal.broken"])
    emit("open", h(key), h(aad), h(sealed[:-1]), expect=["seal.broken"])
    for at in (0, 23, 24, len(sealed) - 16, len(sealed) - 1):
        emit("open", h(key), h(aad), h(flip(sealed, at)), expect=["seal.broken"])
emit("open", h(count(32)), "-", h(count(39)), expect=["seal.broken"])
emit("open", h(count(32)), "-", "-", expect=["seal.broken"])

# ---- boxes ----
recipient, ephemeral = count(32, 7), count(32, 77)
recipient_pub, ephemeral_pub = x25519_public(recipient), x25519_public(ephemeral)
point = X25519PrivateKey.from_private_bytes(ephemeral).exchange(X25519PublicKey.from_public_bytes(recipient_pub))
shared = blake("satchel box", point + ephemeral_pub + recipient_pub)
boxed = ephemeral_pub + seal(shared, count(24, 9), b"grant", count(32, 100))
emit("box_pub", h(recipient), expect=[recipient_pub.hex()])
emit("unbox", h(recipient), h(b"grant"), h(boxed), expect=[h(count(32, 100))])
emit("unbox", h(count(32, 8)), h(b"grant"), h(boxed), expect=["seal.broken"])
emit("unbox", h(recipient), h(b"grand"), h(boxed), expect=["seal.broken"])
for at in (0, 31, 32, 56, len(boxed) - 1):
    emit("unbox", h(recipient), h(b"grant"), h(flip(boxed, at)), expect=["seal.broken"])
# Points of small order: the agreement is zero, so the sender needs no secret to make these.
for small in (bytes(32), b"\1" + bytes(31),
              bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
              bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
              bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")):
    zero = blake("satchel box", bytes(32) + small + recipient_pub)
    emit("unbox", h(recipient), h(b"grant"), h(small + seal(zero, count(24, 9), b"grant", b"forged")),
         expect=["seal.broken"])
    emit("usable", h(small), expect=["no"])
emit("usable", h(recipient_pub), expect=["yes"])
sign_pub = Ed25519PrivateKey.from_private_bytes(count(32)).public_key().public_bytes_raw()
emit("node_id", h(sign_pub), h(recipient_pub), expect=[blake("satchel node", sign_pub + recipient_pub).hex()[:32]])


# ---- passphrases ----
def argon(passphrase, salt, passes, kib):
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=kib).derive(passphrase)


floor = (3, 64 * 1024)
for passphrase, (passes, kib) in (("correct horse", floor), ("出差带上小书包", floor),
                                 ("correct horse", (4, 65 * 1024))):
    emit("stretch", h(passphrase.encode()), str(passes), str(kib), h(count(16)),
         expect=[argon(passphrase.encode(), count(16), passes, kib).hex()])
for passes, kib, error in ((2, 65536, "seal.downgraded"), (3, 65535, "seal.downgraded"), (0, 0, "seal.downgraded"),
                           (65, 65536, "seal.excessive"), (3, 262145, "seal.excessive"),
                           (0xFFFFFFFF, 0xFFFFFFFF, "seal.excessive")):
    emit("stretch", h(b"correct horse"), str(passes), str(kib), h(count(16)), expect=[error])

HEAD = "# Known answers of sync/seal, written by make_known_answers.py. Bytes in hexadecimal, '-' is none,\n" \
       "# '_' in a label is a space. Right of '->' stands the outcome, or the name of the failure to expect.\n"
(HERE / "known_answers.txt").write_text(HEAD + "\n".join(lines) + "\n")


# ---- key files (store.md, 'Key files') ----
def with_sum(data):
    return data + blake("satchel key file", data)


def vault(passphrase, passes, kib, version=1, salt=count(16), good_wrap=True):
    kek = argon(passphrase, salt, passes, kib)
    front = b"SATCHELV" + struct.pack("<III", version, passes, kib) + salt + blake("satchel key id", kek)[:16]
    key = count(32, 50)
    secrets = count(32) + recipient + struct.pack("<I", 3)
    wrapped = seal(kek, count(24, 11), front, key)
    data = front + (wrapped if good_wrap else flip(wrapped, 40))
    return with_sum(data + seal(key, count(24, 12), b"SATCHELV identity", secrets))


good = vault(b"correct horse", *floor)
node = blake("satchel node", sign_pub + recipient_pub).hex()[:32]
files = [
    ("vault", h(b"correct horse"), good.hex(), node + " 3"),
    ("vault", h(b"wrong horse"), good.hex(), "vault.wrong-passphrase"),
    ("vault", h(b"correct horse"), flip(good, 20).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), good[:-1].hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), (good + b"\0").hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), "-", "vault.damaged"),
    ("vault", h(b"correct horse"), with_sum(good[:-33]).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), with_sum(b"SATCHELW" + good[8:-32]).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), with_sum(good[:8] + struct.pack("<I", 0) + good[12:-32]).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), with_sum(good[:8] + struct.pack("<I", 3) + good[12:-32]).hex(), "vault.newer"),
    ("vault", h(b"correct horse"), vault(b"correct horse", 2, 64 * 1024).hex(), "vault.downgraded"),
    ("vault", h(b"correct horse"), vault(b"correct horse", 3, 19 * 1024).hex(), "vault.downgraded"),
    ("vault", h(b"correct horse"), with_sum(good[:12] + b"\xff" * 4 + good[16:-32]).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), vault(b"correct horse", *floor, good_wrap=False).hex(), "vault.damaged"),
    ("vault", h(b"correct horse"), with_sum(flip(good[:-32], 200)).hex(), "vault.damaged"),
]
plain_file = with_sum(b"SATCHELN" + struct.pack("<I", 1) + count(32) + recipient + struct.pack("<I", 3))
files += [
    ("identity", "-", plain_file.hex(), node + " 3"),
    ("identity", "-", flip(plain_file, 20).hex(), "vault.identity-damaged"),
    ("identity", "-", plain_file[:-1].hex(), "vault.identity-damaged"),
    ("identity", "-", "-", "vault.identity-damaged"),
    ("identity", "-", good.hex(), "vault.identity-damaged"),
    ("identity", "-", with_sum(b"SATCHELN" + struct.pack("<I", 2) + plain_file[12:-32]).hex(), "vault.newer"),
]
HEAD = "# Known answers of sync/vault, written by make_known_answers.py: passphrase, bytes of the file -> node id\n" \
       "# and incarnation, or the name of the failure to expect.\n"
(HERE / "key_files.txt").write_text(HEAD + "".join(f"{k} {p} {b} -> {e}\n" for k, p, b, e in files))
