#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A day's work crosses an air gap with real processes: a salesperson's device, a branch hub that has no line to headquarters, and
headquarters meet by stick alone. Receipts come back, badges are right, and what is replayed, cut, damaged, or meant for somebody
else is told in clear words."""
import json
import random
import shutil
import time

from company import Company, Failed, play


def check(holds, what):
    if not holds:
        raise Failed(what)


class Stick:
    """Files as they are carried: each export leaves its own."""

    def __init__(self, company):
        self.c = company
        self.folder = company.folder / "usb"
        self.folder.mkdir()

    def _made(self, answer):
        files = json.loads(answer.stdout)["files"]
        check(files, "an export leaves files")
        return files

    def from_device(self, who, to, *more):
        return self._made(self.c.satchel(who, "--json", "bundle", "export", "--to", to, *more, self.folder))

    def from_hub(self, hub, to, *more):
        return self._made(self.c.satcheld("bundle", "export", "--json", "--data", self.c.folder / hub, "--to", to, *more, self.folder))

    def into_hub(self, hub, files, ok=(0,)):
        return json.loads(self.c.satcheld("bundle", "import", "--json", "--data", self.c.folder / hub, *files, ok=ok).stdout)

    def into_device(self, who, files, ok=(0,)):
        return json.loads(self.c.satchel(who, "--json", "bundle", "import", *files, ok=ok).stdout)


def total(answer, what):
    return sum(f.get(what, 0) for f in answer["files"])


def found(c, usb):
    c.found()
    c.branch("深圳")
    c.reader()
    c.people([("甲", "salesperson", "深圳"), ("丙", "branch_manager", "深圳")])
    for _ in range(2):  # keys are made, and boxed for whoever lacks them
        c.settle(["admin", "甲", "丙"])
        c.reader_do("sync")
    # From here on the branch has no line: neither to headquarters nor to its own people.
    c.stop("深圳")


def visits(c, who):
    return c.ask(who, "visit", "list")["visits"]


def receipts(c, who):
    return {k: v for k, v in c.ask(who, "status").items() if k in ("unsent", "at_branch", "at_hq")}


def badges(c, who):
    """How far the visits have come."""
    return {v["reached"] for v in visits(c, who)}


def work(c, usb):
    c.satchel("甲", "customer", "add", "--name", "福田百货", "--kind", "distributor", "--field", "phone=0755-83001122")
    for i in range(5):
        c.satchel("甲", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", f"没有网络的第 {i} 次")
    check(c.ask("甲", "status")["unsent"] == 6, "saved here first")


def to_the_branch(c, usb):
    usb.day = usb.from_device("甲", "深圳", "--max-size", "4M")
    shown = json.loads(c.run("satchel", "--json", "bundle", "show", usb.day[0]).stdout)
    check(shown["whole"] and shown["to_kind"] == "hub" and shown["part"] == 1, f"what can be told without a key: {shown}")
    check("福田百货".encode() not in b"".join(open(f, "rb").read() for f in usb.day), "nothing of a customer in the clear")
    taken = usb.into_hub("深圳", usb.day)
    check(taken["complete"] and total(taken, "received") == 6, f"the branch took the day: {taken}")


def to_headquarters(c, usb):
    up = usb.from_hub("深圳", "HQ")
    # Headquarters runs on: its store is written to beside it.
    taken = usb.into_hub("HQ", up)
    check(taken["complete"] and total(taken, "received") == 6, f"headquarters took it: {taken}")
    c.reader_do("sync")
    has = json.loads(c.reader_do("status", "--json").stdout)
    check((has["entries"], has["locked"]) == (6, 0), f"and its reader reads it: {has}")


def back(c, usb):
    check(badges(c, "甲") == {"here_only"}, f"before any acknowledgement: {badges(c, '甲')}")
    first = usb.into_device("甲", usb.from_hub("深圳", "甲"))
    check(total(first, "acknowledged") == 1 and c.ask("甲", "status")["unsent"] == 0, f"the branch's receipt: {first}")
    check(badges(c, "甲") == {"branch"}, f"at branch: {badges(c, '甲')}")
    check(receipts(c, "甲")["at_branch"] > 0 and receipts(c, "甲")["at_hq"] == 0, f"receipts: {receipts(c, '甲')}")
    down = usb.into_hub("深圳", usb.from_hub("HQ", "深圳"))
    check(total(down, "acknowledged") == 1 and total(down, "stamps") > 0, f"headquarters' receipt: {down}")
    usb.into_device("甲", usb.from_hub("深圳", "甲"))
    check(badges(c, "甲") == {"headquarters"}, f"at HQ: {badges(c, '甲')}")
    check(receipts(c, "甲")["at_branch"] == 0 and receipts(c, "甲")["at_hq"] > 0, f"receipts: {receipts(c, '甲')}")
    nothing = json.loads(c.satchel("甲", "--json", "bundle", "export", "--to", "深圳", usb.folder).stdout)
    check(nothing["entries"] == 0, f"nothing is left to carry: {nothing}")


def colleagues(c, usb):
    """By stick to the manager, from the hub and from hand to hand."""
    got = usb.into_device("丙", usb.from_hub("深圳", "丙"))
    check(total(got, "received") == 6, f"the manager has the day: {got}")
    check(len(visits(c, "丙")) == 5, "and reads it")
    c.satchel("甲", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", "当面交给主管")
    got = usb.into_device("丙", usb.from_device("甲", "丙"))
    check(total(got, "received") >= 1 and len(visits(c, "丙")) == 6, f"from hand to hand: {got}")


def refusals(c, usb):
    again = usb.into_hub("深圳", usb.day)
    check(again["files"][0]["seen_before"] and total(again, "received") == 0, f"replayed: {again}")
    told = c.satcheld("bundle", "import", "--data", c.folder / "深圳", usb.day[0])
    check("bundle.seen-before" in told.stdout, told.stdout)
    for wrong in ("丙", "admin"):
        told = c.satchel(wrong, "bundle", "import", usb.day[0], ok=(4,))
        check("bundle.not-for-us" in told.stderr and "深圳" in told.stderr, f"not for {wrong}: {told.stderr}")
    check("bundle.not-for-us" in c.satcheld("bundle", "import", "--data", c.folder / "HQ", usb.day[0], ok=(4,)).stderr, "nor for headquarters")
    whole = open(usb.day[0], "rb").read()
    for name, content, code, exit in (("cut", whole[:-100], "bundle.cut-short", 6), ("bent", whole[:-50] + b"x" + whole[-49:], "bundle.damaged", 6),
                                      ("newer", whole[:8] + b"\x09" + whole[9:], "bundle.newer", 2), ("other", b"x" * 500, "bundle.none", 2)):
        bent = usb.folder / f"{name}.satchel"
        bent.write_bytes(content)
        told = c.satcheld("bundle", "import", "--data", c.folder / "深圳", bent, ok=(exit,))
        check(code in told.stderr, f"{name}: {told.stderr}")
    for args, code, exit in ((("--to", "没有的", usb.folder), "bundle.no-recipient", 3), (("--to", "深圳", "--max-size", "1K", usb.folder), "bundle.size-too-small", 2),
                             (("--to", "深圳", "--max-size", "viel", usb.folder), "bundle.bad-size", 2), (("--to", "甲", usb.folder), "bundle.nobody", 1),
                             (("--to", "深圳", usb.folder / "unplugged"), "bundle.no-folder", 3), (("--to", "深圳", usb.day[0]), "bundle.not-a-folder", 2)):
        told = c.satchel("甲", "bundle", "export", *args, ok=(exit,))
        check(code in told.stderr, f"{args}: {told.stderr}")
    check(not (usb.folder / "unplugged").exists(), "a missing stick is not made up")
    shown = c.run("satchel", "--vault", c.folder / "甲", "--json", "bundle", "show", usb.day[0])  # no passphrase is asked for
    check(json.loads(shown.stdout)["to_name"] == "深圳" and json.loads(shown.stdout)["from_name"] == "甲", shown.stdout)
    left = [f.name for f in usb.folder.iterdir() if f.name.startswith(".")]
    check(not left, f"nothing half made lies about: {left}")


def split(c, usb):
    """A month in several files, the last first, one of them lost at first."""
    chance = random.Random(1)
    c.write("甲", [{"type": "visit", "customer": "福田百货", "purpose": "拜访", "summary": f"{i} " + "".join(chr(0x4e00 + chance.randrange(20000)) for _ in range(3900))}
                  for i in range(500)])
    files = usb.from_device("甲", "深圳", "--max-size", "2M")
    check(len(files) >= 2, f"several files: {files}")
    shutil.move(files[0], usb.folder / "late.satchel")
    some = usb.into_hub("深圳", list(reversed(files[1:])), ok=(7,))
    check(some["files"][-1]["missing"] == [1], f"the missing part is named: {some}")
    rest = usb.into_hub("深圳", [usb.folder / "late.satchel"])
    check(rest["complete"], f"and then all of it is there: {rest}")


def online_again(c, usb):
    """The line comes back: what went by stick is known, nothing goes twice."""
    c.serve("深圳")
    c.settle(["甲", "丙"], rounds=10)
    check(badges(c, "甲") == {"headquarters"}, f"all of it at HQ: {badges(c, '甲')}")
    for who in ("甲", "丙"):
        check(c.ask(who, "verify")["sound"], f"{who} verifies")
    for hub in ("HQ", "深圳"):
        c.satcheld("verify", "--data", c.folder / hub)
    c.reader_do("sync")
    check(json.loads(c.reader_do("verify", "--json").stdout)["sound"], "the reader verifies")


def main():
    began = time.monotonic()
    with Company("华兴食品") as c:
        usb = Stick(c)
        for part in (found, work, to_the_branch, to_headquarters, back, colleagues, refusals, split, online_again):
            part(c, usb)
            print(f"{part.__name__:16} {time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    play(main)
