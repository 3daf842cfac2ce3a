# SPDX-License-Identifier: AGPL-3.0-or-later
"""S23, sources: a day's leads from the street, a recommendation, a card printer and a bought directory; the doubtful ones need their
lawful basis, the administrator reviews them and stops one; then what each channel yielded."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step

STREET, FRIEND, PRINTED, BOUGHT = (f"S23 {name}" for name in ("东门五金", "南门灯具", "西门印刷", "北门建材"))


def play(c):
    now = datetime.now(timezone(timedelta(hours=8)))
    day = lambda n: (now + timedelta(days=n)).strftime("%Y-%m-%d")
    # 甲 walks an industrial district without a line until the evening.
    for n, name in enumerate((STREET, FRIEND, PRINTED, BOUGHT)):
        c.satchel("甲", "customer", "add", "--name", name, "--kind", "company", "--field", f"phone=1380000231{n}")
    nameless = unsourced(c, day)
    check(nameless == {STREET, FRIEND, PRINTED, BOUGHT}, f"every customer says how it was found: {nameless}")
    street = add(c, "甲", "source_lead", STREET, collected=day(-2), channel="扫大街", from_whom="东门工业区", cost="20")
    friend = add(c, "甲", "source_lead", FRIEND, collected=day(0), channel="老客户引荐", referrer=STREET)
    c.satchel("甲", "record", "add", "source_lead", "--customer", PRINTED, "--field", f"collected={day(0)}", "--field", "channel=名片印刷店", ok=(2,))
    printed = add(c, "甲", "source_lead", PRINTED, collected=day(0), channel="名片印刷店", from_whom="快印店", lawful_basis="客户本人同意", basis_note="店主口头转述")
    bought_list = add(c, "甲", "source_list", acquired=day(0), channel="购买电话名录", supplier="黄页公司", entries="500", personal="否", cost="800",
                      lawful_basis="仅企业信息，不含个人信息", basis_note="合同第3条")
    c.satchel("甲", "record", "add", "source_lead", "--customer", BOUGHT, "--field", f"collected={day(0)}", "--field", "channel=购买电话名录", "--field",
              f"list={bought_list}", ok=(2,))  # nor from a directory
    bought = add(c, "甲", "source_lead", BOUGHT, collected=day(0), channel="购买电话名录", list=bought_list, cost="1.6", lawful_basis="仅企业信息，不含个人信息", basis_note="名录合同第3条")
    check(not unsourced(c, day), "now they all do")
    check(bought in {f["record"] for f in findings(c, "甲", "source-list-not-approved")}, "the directory is not reviewed yet")
    step(c, "甲", bought_list, "approve", ok=(4,))  # never by whoever acquired it
    c.settle(["甲", "经理", "admin"])
    review(c, day, printed, bought, bought_list)
    yields(c, day, street, friend, bought)


def unsourced(c, day):
    return {f["customer"] for f in findings(c, "甲", "source-missing", on=day(9)) if f["customer"].startswith("S23")}


def review(c, day, printed, bought, bought_list):
    waiting = {f["record"] for f in findings(c, "admin", "source-basis-review", on=day(7))}
    check({printed, bought} <= waiting, f"two bases to be reviewed: {waiting}")
    unlisted = {f["record"] for f in findings(c, "甲", "source-list-missing")}
    check(printed in unlisted and bought not in unlisted, f"one of them names its list: {unlisted}")
    step(c, "admin", bought_list, "approve")
    check(bought not in {f["record"] for f in findings(c, "admin", "source-list-not-approved")}, "now it is")
    c.satchel("admin", "record", "set", bought, "--field", "basis_opinion=可以使用", "--field", f"basis_reviewed={day(0)}")
    c.satchel("admin", "record", "set", printed, "--field", "basis_opinion=不得使用", "--field", f"basis_reviewed={day(0)}")
    check(printed in {f["record"] for f in findings(c, "admin", "source-not-usable")}, "it may not be used, but is")
    c.satchel("甲", "record", "set", printed, "--field", "channel=扫大街", ok=(2,))  # a channel is not rewritten without a reason
    step(c, "admin", printed, "block", ok=(2, 4, 5))  # must say why
    step(c, "admin", printed, "block", comment="没有本人书面同意")
    c.settle(["admin", "经理", "甲"])
    check(stands(c, "甲", printed)["state"] == "blocked", "stopped")
    step(c, "甲", printed, "contact", ok=(4,))
    check(stands(c, "甲", bought_list)["state"] == "approved", "the directory may be used")


def yields(c, day, street, friend, bought):
    for lead in (street, friend, bought):
        step(c, "甲", lead, "contact")
    step(c, "甲", friend, "interest")
    step(c, "甲", friend, "win", won_on=day(0), ok=(2, 4, 5))  # and for how much
    step(c, "甲", friend, "win", won_on=day(0), amount="12000")
    step(c, "甲", street, "win", won_on=day(0), amount="3000")
    step(c, "甲", bought, "lose", comment="电话已停用")
    c.settle(["甲", "经理", "总经理"])
    span = {"from": day(-2), "to": day(0)}
    got = {g["texts"]["channel"]: g["measures"] for g in report(c, "总经理", "source-yield", person="甲", **span)["groups"]}
    check({k: (m["n"], m["contacted"], m["won"]) for k, m in got.items() if k in ("扫大街", "老客户引荐", "名片印刷店", "购买电话名录")}
          == {"扫大街": (1, 1, 1), "老客户引荐": (1, 1, 1), "名片印刷店": (1, 0, 0), "购买电话名录": (1, 1, 0)}, f"per channel: {got}")
    check(float(got["老客户引荐"]["amount"]) == 12000 and float(got["扫大街"]["won_share"]) == 100, f"money and share: {got}")
    ways = report(c, "总经理", "source-families", **span)["totals"]
    check((ways["direct"], ways["seven"], ways["ten"], ways["ten_won"]) == (0, 0, 4, 2), f"ten methods: {ways}")
    lawful = report(c, "经理", "source-lawful-basis", **span)["totals"]
    check((lawful["n"], float(lawful["share"]), lawful["blocked"]) == (2, 100.0, 1), f"all with a basis, one stopped: {lawful}")
    by = {g["texts"]["referrer"]: g["measures"]["won"] for g in report(c, "总经理", "source-referrals", **span)["groups"]}
    check(by.get(STREET) == 1, f"who recommended: {by}")
