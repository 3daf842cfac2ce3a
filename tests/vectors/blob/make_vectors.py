# SPDX-License-Identifier: AGPL-3.0-or-later
"""Golden bytes of attachments, computed from schema/wire/wire.md and sharing no code with the product.

    python3 tests/vectors/blob/make_vectors.py > tests/vectors/blob/vectors.txt

Needs the package `cryptography`. A file of 300,000 bytes 00 01 .. f8 repeated (period 249), in archive 11.., blob 55.., epoch 3, epoch key
00 01 .. 1f; the nonce of chunk i is i, repeated.
"""
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

PLAIN = 262_080


def blake(label, data, key=b""):
    return hashlib.blake2b(data, digest_size=32, key=key, person=label.encode().ljust(16, b"\0")).digest()


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


def padded(n):
    if n <= 1024:
        return max(64, (n + 63) // 64 * 64)
    e = n.bit_length() - 1
    step = 1 << (e - (e.bit_length()))
    return (n + step - 1) // step * step


def sized(data):
    assert len(data) < 128
    return bytes([len(data)]) + data


archive, blob, epoch_key = b"\x11" * 16, b"\x55" * 16, bytes(range(32))
content = (bytes(range(249)) * 1300)[:300_000]
whole = content + b"\0" * (padded(len(content)) - len(content))
file_key = blake("satchel blob key", archive + blob, epoch_key)
count = (len(whole) + PLAIN - 1) // PLAIN
chunks = [seal(file_key, bytes([i]) * 24, archive + blob + struct.pack("<II", i, count), whole[i * PLAIN:(i + 1) * PLAIN])
          for i in range(count)]
ids = b"".join(blake("satchel chunk", c) for c in chunks)
sealed = sum(map(len, chunks))
root = blake("satchel chunks", struct.pack("<Q", sealed) + ids)
pieces = b"".join(blake("satchel piece", content[at:at + PLAIN]) for at in range(0, len(content), PLAIN))
digest = blake("satchel file", struct.pack("<Q", len(content)) + pieces)
manifest = b"\x01" + blob + struct.pack("<IQ", 3, len(content)) + digest + root + sized("合同.pdf".encode()) + sized(b"application/pdf")
clear = b"\x02\x01" + root + struct.pack("<Q", sealed)

print("# See make_vectors.py.")
print("is file-key", file_key.hex())
print("is ids", ids.hex())
print("is sealed", struct.pack("<Q", sealed).hex())
print("is root", root.hex())
print("is digest", digest.hex())
print("good manifest file", manifest.hex())
print("good references one", clear.hex())
for name, bad in (("version", b"\x01" + clear[1:]), ("none", b"\x02\x00"), ("cut", clear[:-1]), ("longer", clear + b"\0"),
                  ("no-root", b"\x02\x01" + bytes(32) + clear[34:]),
                  ("no-such-size", clear[:34] + struct.pack("<Q", 262_121)), ("too-large", clear[:34] + struct.pack("<Q", 1 << 40)),
                  ("too-many", b"\x02\x11" + clear[2:] * 17)):
    print("bad references", name, "entry.attachments", bad.hex())
for name, bad in (("version", b"\x02" + manifest[1:]), ("cut", manifest[:-1]), ("longer", manifest + b"\0"),
                  ("huge", manifest[:21] + struct.pack("<Q", (1 << 30) + 1) + manifest[29:]),
                  ("no-root", manifest[:61] + bytes(32) + manifest[93:])):
    print("bad manifest", name, "attachment.manifest", bad.hex())
