# SPDX-License-Identifier: AGPL-3.0-or-later
"""Golden bytes of item extras and greeting subjects, computed from schema/wire/wire.md and sharing no code with the product.

    python3 tests/vectors/wire/make_vectors.py > tests/vectors/wire/vectors.txt

Whole frames are frozen in frames.txt as the product wrote them (`unit_wire '[freeze]'` prints them).
"""

import struct


def u8(n):
    return struct.pack("<B", n)


def u16(n):
    return struct.pack("<H", n)


def u32(n):
    return struct.pack("<I", n)


def u64(n):
    return struct.pack("<Q", n)


def sized(data):
    assert len(data) < 128 * 128
    return (u8(len(data)) if len(data) < 128 else u8(len(data) & 127 | 128) + u8(len(data) >> 7)) + data


def ident(n, size=16):
    return bytes([n]) * size


def extras():
    epoch, place, withheld, clear = u32(5), u32(2) + u64(2**40), ident(7, 32) + u32(64), sized(b"clear" * 40)
    parts = ((1, epoch), (2, place), (4, withheld), (8, clear))
    for flags in range(1, 16):
        print("good extra", f"flags-{flags}", (u8(flags) + b"".join(p for f, p in parts if flags & f)).hex())

    def bad(name, data):
        print("bad extra", name, "wire.broken", data.hex())

    bad("no-flags", u8(0))
    bad("flag-16", u8(16))
    bad("flag-128", u8(129) + epoch)
    bad("withheld-none", u8(4) + bytes(32) + u32(64))
    bad("withheld-empty", u8(4) + ident(7, 32) + u32(0))
    bad("withheld-too-large", u8(4) + ident(7, 32) + u32(256 * 1024 + 1))
    bad("clear-empty", u8(8) + u8(0))
    bad("clear-too-large", u8(8) + b"\x81\x80\x01" + bytes(16 * 1024 + 1))
    bad("clear-beyond", u8(8) + u8(9) + bytes(8))
    bad("left-over", u8(1) + epoch + b"\0")
    bad("order", u8(3) + place + epoch[:3])
    bad("cut", u8(2) + place[:11])


def subjects():
    exporter = bytes(range(32))
    hello = (sized(exporter) + u8(2) + u16(1) + u16(7) + ident(0x0a) + ident(0x21) + u32(3) + u8(1) + ident(0x22) +
             ident(0x31, 32) + ident(0x32, 32))
    print("is hello-subject", hello.hex())
    print("is welcome-subject", (sized(hello) + u16(1) + ident(0x22) + u32(4) + u8(2) + u32(4 * 2**20) + u8(1) +
                                  (1795336322490).to_bytes(8, "little")).hex())


print("# See make_vectors.py.")
extras()
subjects()
