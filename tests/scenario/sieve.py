# SPDX-License-Identifier: AGPL-3.0-or-later
"""A sieve for words that must not be legible: every spelling a program might have left them in, in any bytes.

Words are found by stems: a rare run of characters that stands in each of them, so that a piece of a text is found as
well as the whole. zstd frames are unpacked wherever their magic stands, by the library that the product itself needs.
"""
import base64
import ctypes
import ctypes.util
import re

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
UNPACKED_MAX = 8 << 20
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, as invitations are written


# ---- spellings ----

def base64_forms(raw):
    """What is the same whatever stands around it, at each of the three alignments."""
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + raw)
        first = (0, 2, 3)[lead]
        last = (lead + len(raw)) * 8 // 6
        yield text[first:last]
        if b"+" in text[first:last] or b"/" in text[first:last]:
            yield text[first:last].replace(b"+", b"-").replace(b"/", b"_")


def base32(raw):
    number, bits = int.from_bytes(raw, "big"), len(raw) * 8
    return "".join(BASE32[(number << 4) >> (bits + 4 - 5 * i) & 31] for i in range(1, bits // 5 + 1))


def unbase32(text):
    bits = "".join(format(BASE32.index(c), "05b") for c in text if c in BASE32)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits) - len(bits) % 8, 8))


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def raw_forms(name, raw):
    """Bytes as they are, and as text is made of bytes. The flag: compare without regard to the case of letters."""
    yield f"{name}", raw, False
    yield f"{name} reversed", raw[::-1], False
    yield f"{name} hex", raw.hex().encode(), True
    for form in base64_forms(raw):
        yield f"{name} base64", form, False


def text_forms(name, text):
    yield f"{name} UTF-8", text.encode(), True
    yield f"{name} reversed", text[::-1].encode(), True
    for encoding in ("utf-16le", "utf-16be", "utf-32le", "gb18030"):
        if encoding != "gb18030" or not text.isascii():
            yield f"{name} {encoding}", text.encode(encoding), True
    for encoding in ("utf-8", "utf-16le", "gb18030"):
        raw = text.encode(encoding)
        yield f"{name} {encoding} hex", raw.hex().encode(), True
        for form in base64_forms(raw):
            yield f"{name} {encoding} base64", form, False
    if not text.isascii():
        yield f"{name} JSON escapes", "".join(f"\\u{ord(c):04x}" for c in text).encode(), True
        yield f"{name} percent", "".join(f"%{b:02x}" for b in text.encode()).encode(), True


def number_forms(name, digits):
    """A number as a program may keep it when not as digits."""
    value = int(digits)
    for size in (8,):
        yield f"{name} u{size * 8}", value.to_bytes(size, "little"), False
        yield f"{name} u{size * 8} big-endian", value.to_bytes(size, "big"), False
    yield f"{name} varint", varint(value), False
    yield f"{name} zigzag", varint(value * 2), False
    for shift in ("", "0"):
        packed = shift + digits
        whole = packed[:len(packed) // 2 * 2]
        yield f"{name} BCD", bytes.fromhex(whole)[1 if shift else 0:], False


# ---- zstd ----

class Zstd:
    """Frames of the format wherever they begin, also cut short."""

    class Buffer(ctypes.Structure):
        _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]

    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        self.lib.ZSTD_createDStream.restype = ctypes.c_void_p
        for name in ("ZSTD_decompressStream", "ZSTD_initDStream", "ZSTD_freeDStream", "ZSTD_compress", "ZSTD_compressBound"):
            getattr(self.lib, name).restype = ctypes.c_size_t
        self.lib.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        self.lib.ZSTD_initDStream.argtypes = self.lib.ZSTD_freeDStream.argtypes = [ctypes.c_void_p]
        self.lib.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
        self.lib.ZSTD_compress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
        self.stream = self.lib.ZSTD_createDStream()
        self.out = ctypes.create_string_buffer(UNPACKED_MAX)

    def unpack(self, blob, at):
        """What can be read of the frame at this place, and how many bytes it took."""
        piece = blob[at:at + UNPACKED_MAX]
        source = self.Buffer(ctypes.cast(ctypes.c_char_p(piece), ctypes.c_void_p), len(piece), 0)
        target = self.Buffer(ctypes.cast(self.out, ctypes.c_void_p), UNPACKED_MAX, 0)
        self.lib.ZSTD_initDStream(self.stream)
        while True:
            before = source.pos, target.pos
            left = self.lib.ZSTD_decompressStream(self.stream, ctypes.byref(target), ctypes.byref(source))
            wrong = left > (1 << 63)
            if wrong or left == 0 or (source.pos, target.pos) == before:
                return ctypes.string_at(self.out, target.pos), source.pos

    def frames(self, blob):
        at = blob.find(ZSTD_MAGIC)
        while at >= 0:
            content, used = self.unpack(blob, at)
            if content:
                yield at, used, content
            at = blob.find(ZSTD_MAGIC, at + 4)

    def pack(self, raw, level=19):
        out = ctypes.create_string_buffer(self.lib.ZSTD_compressBound(len(raw)))
        size = self.lib.ZSTD_compress(out, len(out), raw, len(raw), level)
        return out.raw[:size]


# ---- the sieve ----

class Sieve:
    def __init__(self, forms):
        seen = {}
        for name, needle, folded in forms:
            if len(needle) < 5:
                raise ValueError(f"{name}: too short to tell from chance")
            seen.setdefault((needle.lower() if folded else needle, folded), name)
        self.needles = [(name, needle, folded) for (needle, folded), name in seen.items()]
        self.zstd = Zstd()
        self.bytes = self.frames = 0

    def find(self, blob, where):
        """Every needle's first place in the bytes and in what is packed in them, as sentences."""
        found = self._find(blob, where)
        self.bytes += len(blob)
        for at, _, content in self.zstd.frames(blob):
            self.frames += 1
            found += self._find(content, f"{where}, unpacked from {at}")
        return found

    def _find(self, blob, where):
        low = blob.lower()
        places = ((name, (low if folded else blob).find(needle)) for name, needle, folded in self.needles)
        return [f"{name} in {where} at {at}: {blob[max(0, at - 16):at + 48]!r}" for name, at in places if at >= 0]

    def names(self, blob, where="here"):
        """Which needles there are."""
        low = blob.lower()
        packed = b"\0".join(content for _, _, content in self.zstd.frames(blob))
        low_packed = packed.lower()
        return {name for name, needle, folded in self.needles
                if needle in (low if folded else blob) or needle in (low_packed if folded else packed)}


HAN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4,}")


def chinese_runs(blob, zstd):
    """Four and more Chinese characters in a row, also in packed pieces: random bytes hardly ever look like that."""
    whole = bytearray(blob)
    runs = []
    for at, used, content in zstd.frames(blob):
        whole[at:at + used] = bytes(used)  # what is packed is read unpacked
        runs += HAN.findall(content)
    return {text for text in (run.decode("utf-8", "ignore") for run in runs + HAN.findall(bytes(whole))) if len(text) >= 4}
