# SPDX-License-Identifier: AGPL-3.0-or-later
"""Golden bytes of the model, computed from schema/wire/wire.md and sharing no code with the product.

    python3 tests/vectors/model/make_vectors.py > tests/vectors/model/vectors.txt

Lines: `good KIND NAME HEX`, `bad KIND NAME CODE HEX` (what decoding must answer), `is NAME HEX` (a hash, signature or
root of what went before). Signatures need the 'cryptography' package.
"""

import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def blake(label, data):
    return hashlib.blake2b(data, digest_size=32, person=label.encode()).digest()


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    return bytes(out) + bytes([n])


def zigzag(n):
    return varint(2 * n if n >= 0 else -2 * n - 1)


def sized(data):
    data = data.encode() if isinstance(data, str) else data
    return varint(len(data)) + data


def u8(n):
    return struct.pack("<B", n)


def u32(n):
    return struct.pack("<I", n)


def u64(n):
    return struct.pack("<Q", n)


def ident(n, size=16):
    return bytes([n]) * size


def many(items):
    return varint(len(items)) + b"".join(items)


def good(kind, name, data):
    print("good", kind, name, data.hex())


def bad(kind, name, code, data):
    print("bad", kind, name, code, data.hex() or "-")


def value(name, data):
    print("is", name, data.hex())


def patched(data, at, new):
    return data[:at] + new + data[at + len(new):]


def cuts(kind, code, data, places):
    for at in places:
        bad(kind, f"cut-{at}", code, data[:at])
    bad(kind, "left-over", code, data + b"\0")


def headers():
    body, clear = b"sealed" * 10 + b"....", b"clear part"
    zero = bytes(32)

    def header(seq, size, body_digest, previous, clear_digest, epoch=0, directory=(1, 7)):
        return (bytes([1, 0, 0, 0]) + u32(epoch) + u32(1) + u32(size) + u64(seq) + u64(directory[1]) + u32(directory[0]) +
                bytes(4) + ident(0x11) + ident(0x21) + body_digest + previous + clear_digest)

    first = header(1, len(body), blake("satchel body", body), zero, blake("satchel clear", clear))
    first_hash = blake("satchel header", first)
    second = header(2**40, len(body), blake("satchel body", body), first_hash, zero, 3, (2, 2**33))
    empty = header(2, 0, zero, first_hash, zero)
    for name, data in (("first", first), ("later", second), ("no-body", empty)):
        assert len(data) == 168
        good("header", name, data)
        value(f"header-hash-{name}", blake("satchel header", data))
    value("body-hash", blake("satchel body", body))
    value("clear-hash", blake("satchel clear", clear))
    code = "entry.header"
    for name, at, new in (("version-0", 0, b"\0"), ("version-2", 0, b"\2"), ("flag", 1, b"\1"), ("reserved", 2, b"\1"),
                          ("reserved-high", 3, b"\x80"), ("reserved-2", 36, b"\1"), ("seq-0", 16, u64(0)),
                          ("first-with-previous", 104, ident(7, 32)), ("later-without-previous", 16, u64(2)),
                          ("body-too-large", 12, u32(256 * 1024 + 1)), ("size-without-body", 72, zero),
                          ("body-without-size", 12, u32(0))):
        bad("header", name, code, patched(first, at, new))
    cuts("header", code, first, (0, 1, 100, 167))
    heads = ident(0x21) + u32(1) + u64(2**40) + ident(5, 32) + ident(0x22) + u32(3) + u64(9) + ident(6, 32)
    value("heads-digest", blake("satchel heads", heads))
    return first


def openings():
    start = u8(1) + u8(1) + ident(0x31) + u32(0) + ident(0x41)
    owners = many([ident(0x51), ident(0x52)])
    wraps = many([ident(0x61) + u32(2) + ident(0x71, 32)])
    opening = start + owners + wraps
    good("opening", "customer", opening)
    bare = u8(1) + u8(4) + bytes(16) + u32(9) + ident(0x41) + many([]) + many([])
    good("opening", "bare", bare)
    good("opening", "common", patched(bare, 1, b"\5"))
    code = "entry.opening"
    bad("opening", "version", code, patched(opening, 0, b"\2"))
    bad("opening", "kind-0", code, patched(opening, 1, b"\0"))
    bad("opening", "kind-6", code, patched(opening, 1, b"\6"))
    bad("opening", "65-owners", code, start + many([ident(0x51)] * 65) + wraps)
    bad("opening", "201-wraps", code, start + owners + many([ident(0x61) + u32(2) + ident(0x71, 32)] * 201))
    bad("opening", "long-varint", code, start + b"\x80\x00" + many([]))
    bad("opening", "huge-count", code, start + varint(2**63) + wraps)
    cuts("opening", code, opening, (0, 20, len(start), len(opening) - 1))


def wraps(key):
    subject = u8(1) + ident(0x11) + u32(4) + ident(0x61) + u32(2) + ident(0x41)
    box = bytes(range(104))
    plain = subject + sized(box) + u8(0)
    signed = subject + sized(box) + ident(0x21)
    signature = key.sign(blake("satchel wrapsign", signed))
    full = subject + sized(box) + u8(1) + ident(0x21) + signature
    good("wrap", "committed", plain)
    good("wrap", "signed", full)
    value("wrap-hash-committed", blake("satchel wrap", plain))
    value("wrap-hash-signed", blake("satchel wrap", full))
    value("wrap-associated", subject)
    code = "entry.wrap"
    bad("wrap", "version", code, patched(plain, 0, b"\0"))
    bad("wrap", "signed-flag-2", code, subject + sized(box) + u8(2) + ident(0x21) + signature)
    bad("wrap", "box-too-large", code, subject + sized(bytes(257)) + u8(0))
    bad("wrap", "no-signature", code, subject + sized(box) + u8(1) + ident(0x21))
    cuts("wrap", code, full, (0, 56, len(subject), len(full) - 1))


def changes():
    def chain(n, incarnation):
        return ident(n) + varint(incarnation)

    dot = chain(0x22, 3) + varint(300) + varint(2)
    values = [b"\0", b"\1", b"\2\1", b"\3" + zigzag(-5), b"\4" + sized("谈妥年度合同"), b"\5" + zigzag(1230) + u8(2),
              b"\6" + zigzag(20779), b"\7" + zigzag(1795000000000), b"\x08" + ident(0x91), b"\x09" + sized(b"\0\xff"),
              b"\x0a" + many([sized("王店长"), sized("")])]
    ops = [sized(f"f{i}") + v + many([dot] if i == 4 else []) for i, v in enumerate(values)]
    front = u8(1) + varint(1795000000000 << 16 | 7) + zigzag(1795000000000) + zigzag(-12)
    seen = many([chain(0x23, 1) + varint(8) + bytes(range(8))])
    record = ident(0x81) + sized("visit") + varint(2) + many(ops)
    change = front + seen + many([record, ident(0x82) + sized("") + varint(0) + many([])])
    good("change", "visit", change)
    empty = front + many([]) + many([])
    good("change", "empty", empty)
    code = "change.broken"

    def one(op):
        return front + many([]) + many([ident(0x81) + sized("t") + varint(1) + many([op])])

    bad("change", "version", code, patched(change, 0, b"\2"))
    bad("change", "value-type-11", code, one(sized("f") + b"\x0b" + many([])))
    bad("change", "text-not-utf8", code, one(sized("f") + b"\4" + sized(b"\xc0\x80") + many([])))
    bad("change", "text-surrogate", code, one(sized("f") + b"\4" + sized(b"\xed\xa0\x80") + many([])))
    bad("change", "decimal-scale-10", code, one(sized("f") + b"\5" + zigzag(1) + u8(10) + many([])))
    bad("change", "field-name-65", code, one(sized("f" * 65) + b"\0" + many([])))
    bad("change", "257-replaces", code, one(sized("f") + b"\0" + many([dot] * 257)))
    bad("change", "257-texts", code, one(sized("f") + b"\x0a" + many([sized("")] * 257) + many([])))
    bad("change", "dot-op-65536", code, one(sized("f") + b"\0" + many([chain(0x22, 3) + varint(300) + varint(65536)])))
    bad("change", "incarnation-33-bits", code, one(sized("f") + b"\0" + many([chain(0x22, 2**32) + varint(300) + varint(1)])))
    bad("change", "seq-65-bits", code, one(sized("f") + b"\0" + many([chain(0x22, 3) + b"\xff" * 9 + b"\2" + varint(1)])))
    bad("change", "huge-records", code, front + many([]) + varint(2**62))
    bad("change", "1025-records", code, front + many([]) + many([ident(0x81) + sized("") + varint(0) + many([])] * 1025))
    bad("change", "long-varint", code, u8(1) + b"\x80\x00" + change[1:])
    cuts("change", code, change, (0, 1, 30, len(change) - 1))
    return change


def packed(change):
    def pad(data):
        n = len(data)
        if n <= 1024:
            size = (n + 63) // 64 * 64
        else:
            e = n.bit_length() - 1
            step = 1 << (e - e.bit_length())
            size = (n + step - 1) // step * step
        return data + bytes(size - n)

    plain = pad(b"\0" + sized(change))
    good("packed", "plain", plain)
    good("packed", "empty", pad(b"\0" + sized(b"")))
    code = "change.broken"
    bad("packed", "codec-2", code, patched(plain, 0, b"\2"))
    bad("packed", "padding-not-zero", code, patched(plain, len(plain) - 1, b"\1"))
    bad("packed", "nothing", code, b"")
    bad("packed", "length-beyond", code, b"\0" + varint(64) + bytes(63))
    bad("packed", "zstd-garbage", code, b"\1" + sized(b"not a frame") + bytes(51))
    # A zstd frame (RFC 8878) that claims 1 MiB + 1 byte; and one that does not say how long it is.
    bad("packed", "zstd-too-large", code, pad(b"\1" + sized(bytes.fromhex("28b52ffd") + b"\xa0" + u32(2**20 + 1) + bytes.fromhex("010000"))))
    bad("packed", "zstd-unknown-size", code, pad(b"\1" + sized(bytes.fromhex("28b52ffd") + b"\x00\x58" + bytes.fromhex("010000"))))
    # A raw block of five bytes in a frame with its size: what a reader must unfold without our compressor.
    good("packed", "zstd-raw", pad(b"\1" + sized(bytes.fromhex("28b52ffd") + b"\x20\x05" + bytes.fromhex("290000") + b"hello")))
    for n in (1, 64, 65, 1023, 1024, 1025, 1600, 4097, 65537, 262144):
        value(f"padded-{n}", u32(len(pad(bytes(n)))))


def batches(key):
    batch = (u8(1) + ident(0x21) + u32(1) + u64(5) + u32(1) + u64(7) + struct.pack("<q", 1795000000000) + struct.pack("<q", -3) +
             u32(9) + u32(4) + ident(0x55, 32))
    assert len(batch) == 97
    good("batch", "four-leaves", batch)
    digest = blake("satchel batch", batch)
    value("batch-id", digest)
    value("batch-signature", key.sign(digest))
    code = "batch.broken"
    bad("batch", "version", code, patched(batch, 0, b"\2"))
    bad("batch", "no-leaves", code, patched(batch, 61, u32(0)))
    bad("batch", "more-leaves-than-entries", code, patched(batch, 61, u32(10)))
    bad("batch", "1025-entries", code, patched(batch, 57, u32(1025)))
    bad("batch", "1025-leaves", code, patched(batch, 57, u32(2000) + u32(1025)))
    cuts("batch", code, batch, (0, 50, 96))
    stamp = u8(1) + digest + ident(0x25) + u32(2) + struct.pack("<q", 1795000060000) + u32(1) + u64(8)
    good("stamp", "plain", stamp + many([]))
    good("stamp", "restricted", stamp + many([ident(0x66, 32), ident(0x67, 32)]))
    good("stamp", "whole", patched(stamp + many([]), 0, b"\2"))
    value("stamp-signature", key.sign(blake("satchel stamp", stamp + many([]))))
    code = "stamp.broken"
    bad("stamp", "version", code, patched(stamp + many([]), 0, b"\0"))
    bad("stamp", "newer", code, patched(stamp + many([]), 0, b"\3"))
    bad("stamp", "257-restrictions", code, stamp + many([ident(0x66, 32)] * 257))
    cuts("stamp", code, stamp + many([ident(0x66, 32)]), (0, 40, len(stamp), len(stamp) + 32))


def trees():
    def root(ends):
        if len(ends) == 1:
            return blake("satchel leaf", ends[0])
        left = 1 << ((len(ends) - 1).bit_length() - 1)
        return blake("satchel inner", root(ends[:left]) + root(ends[left:]))

    for n in (1, 2, 3, 5, 8, 1000):
        value(f"merkle-{n}", root([blake("satchel header", u32(i)) for i in range(n)]))


def reconciliations():
    def item(n):
        return ident(n) + ident(n + 1, 32)

    end = sized(b"")
    value("range-fingerprint", blake("satchel range", item(0x11) + item(0x12)))
    mark = varint(300) + ident(0x33, 32)
    skip, later = u8(0), u8(4)

    def message(ranges, both=0):
        return u8(both) + many(ranges)

    good("reconcile", "all-skipped", message([end + skip]))
    good("reconcile", "fingerprints", message([sized(b"\x40") + u8(1) + mark, end + u8(1) + mark], 1))
    whole = message([sized(b"\x10\x02") + skip, sized(b"\x20") + u8(2) + many([item(0x11), item(0x12)]), sized(b"\x20\0\x01") + later,
                     sized(ident(0x44)) + u8(3) + many([item(0x33)]), end + u8(2) + many([])])
    good("reconcile", "every-mode", whole)
    code = "reconcile.broken"
    bad("reconcile", "both-2", code, message([end + skip], 2))
    bad("reconcile", "no-ranges", code, message([]))
    bad("reconcile", "no-end", code, message([sized(b"\x10") + skip]))
    bad("reconcile", "early-end", code, message([end + skip, end + skip]))
    bad("reconcile", "same-bound", code, message([sized(b"\x10") + skip, sized(b"\x10") + skip, end + skip]))
    bad("reconcile", "descending", code, message([sized(b"\x10") + skip, sized(b"\x0f\xff") + skip, end + skip]))
    bad("reconcile", "bound-zero", code, message([sized(b"\x10\0") + skip, end + skip]))
    bad("reconcile", "bound-long", code, message([sized(ident(0x10, 17)) + skip, end + skip]))
    bad("reconcile", "mode-5", code, message([end + u8(5)]))
    bad("reconcile", "item-outside", code, message([sized(b"\x10") + u8(2) + many([item(0x10)]), end + skip]))
    bad("reconcile", "item-before", code, message([sized(b"\x10") + skip, end + u8(2) + many([item(0x0f)])]))
    bad("reconcile", "items-unsorted", code, message([end + u8(2) + many([item(0x12), item(0x11)])]))
    bad("reconcile", "item-twice", code, message([end + u8(2) + many([item(0x12), item(0x12)])]))
    cuts("reconcile", code, whole, (0, 1, 4, 20, len(whole) - 1))


def main():
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    print("# See make_vectors.py. Signing seed: 00 01 … 1f.")
    headers()
    openings()
    wraps(key)
    packed(changes())
    batches(key)
    trees()
    reconciliations()


if __name__ == "__main__":
    main()
