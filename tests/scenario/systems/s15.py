# SPDX-License-Identifier: AGPL-3.0-or-later
"""S15, customer information desk: what a customer asks by WeChat is registered in the field, answered by two departments, compiled,
submitted, objected to, put right by the department that the table of signing names, and accepted."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

CUSTOMER = "S15 力通电子"


def play(c):
    now = datetime.now(timezone(timedelta(hours=8)))
    day = lambda n: (now + timedelta(days=n)).strftime("%Y-%m-%d")
    at = lambda hours: (now + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")
    c.satchel("甲", "customer", "add", "--name", CUSTOMER, "--kind", "company", "--field", "phone=13800001515")
    c.settle(["甲", "经理"])
    for who in ("质量", "财务"):
        c.satchel("经理", "grant", CUSTOMER, who)
    c.settle(["经理", "admin", "质量", "财务"])
    row = table(c, day)
    asked, parts = normal(c, day, at)
    exception(c, asked, row, day, at)
    told(c, asked, parts, day)


def table(c, day):
    """Made by customer service, reviewed by quality, approved by the general manager; nobody does two of the three."""
    row = add(c, "客服", "information_signing", document="环保检测报告", signing_department="质量部", responsible_department="质量部", edition="A", made_on=day(0))
    c.settle(["客服", "质量", "总经理"])
    step(c, "总经理", row, "approve", ok=(4,))  # not reviewed yet
    step(c, "客服", row, "review", ok=(4,))  # nor by whoever made it
    step(c, "质量", row, "review")
    check(not listed(c, "质量"), "not in the table before it is approved")
    c.settle(["质量", "总经理"])
    step(c, "总经理", row, "approve")
    c.settle(["总经理", "质量", "甲"])
    check(listed(c, "甲") == ["质量部"], "who signs the report")
    c.satchel("甲", "record", "set", row, "--field", "signing_department=销售部", "--reason", "x", ok=(4,))  # everybody reads it, headquarters writes
    return row


def listed(c, who):
    lines = [x["texts"] for x in report(c, who, "information-signing-table")["lines"]]
    return [x["signing_department"] for x in lines if x["document"] == "环保检测报告"]


def normal(c, day, at):
    # 甲 sits with the customer and has no line: registered, passed on and parted there.
    asked = add(c, "甲", "information_request", CUSTOMER, received=at(0), channel="微信", kinds="顾客需求、文件资料", content="要环保检测报告和新付款条件", contact="陈工", needed_by=day(5))
    step(c, "甲", asked, "submit", submitted_at=at(0), ok=(4,))
    step(c, "甲", asked, "dispatch", departments="质量部、财务部", ok=(2, 4, 5))  # by mail, and when
    step(c, "甲", asked, "dispatch", departments="质量部、财务部", mailed_at=at(0))
    missing = [f["record"] for f in findings(c, "甲", "information-not-passed", on=day(3))]
    check(asked in missing, f"no department has its part: {missing}")
    parts = [add(c, "甲", "information_task", CUSTOMER, request=asked, sent_on=day(0), department=of, handler=who, need=need, due=day(2))
             for of, who, need in (("质量部", "质量", "环保检测报告"), ("财务部", "财务", "付款条件"))]
    missing = [f["record"] for f in findings(c, "甲", "information-not-passed", on=day(3))]
    check(asked not in missing, "both have")
    c.settle(["甲", "质量", "财务"])
    check(parts[0] in [m["record"] for m in today(c, "质量")["matters"]], "it waits for quality")
    check(day(2) in str(stands(c, "质量", parts[0])["due"]), "by its own date")
    c.satchel("质量", "record", "set", parts[0], "--field", "talks=客户要中英文版，已与甲确认")
    step(c, "质量", parts[0], "answer", answer="报告 2025 版", documents="环保检测报告.pdf")
    step(c, "财务", parts[0], "answer", answer="x", ok=(4,))  # another department's part
    step(c, "财务", parts[1], "answer", answer="月结30天")
    c.settle(["质量", "财务", "甲"])
    for part in parts:
        step(c, "甲", part, "take")
    step(c, "甲", asked, "compile", compiled="报告2025版；月结30天")
    step(c, "甲", asked, "submit", submitted_at=at(0))
    return asked, parts


def exception(c, asked, row, day, at):
    step(c, "甲", asked, "object", ok=(2, 4, 5))  # what does not meet the need?
    step(c, "甲", asked, "object", exception_kind="客户反馈", exception="报告已过期，要当年版")
    unsigned = [f["record"] for f in findings(c, "甲", "information-signing-missing")]
    check(asked in unsigned, f"the table has to say whose it is: {unsigned}")
    step(c, "甲", asked, "assign", signing=row, responsible_department="质量部", responsible="质量")
    check(asked not in [f["record"] for f in findings(c, "甲", "information-signing-missing")], "it does")
    c.settle(["甲", "质量"])
    step(c, "质量", asked, "act", action="已送检，当年版报告签出")
    c.settle(["质量", "甲"])
    step(c, "甲", asked, "submit_again", compiled="当年版报告；月结30天", submitted_at=at(0))
    c.satchel("甲", "record", "set", asked, "--field", "reaction=陈工电话确认收到")
    step(c, "甲", asked, "accept", accepted_on=day(0))


def told(c, asked, parts, day):
    c.settle(["甲", "经理", "质量"])
    there = stands(c, "经理", asked)
    states = [p["state"] for p in there["path"]]
    check(there["state"] == "closed" and states.count("submitted") == 2, f"submitted twice, then closed: {states}")
    span = {"from": day(-1), "to": day(0)}
    line = [x["texts"] for x in report(c, "经理", "information-exceptions", **span)["lines"] if x["texts"]["archive"] == CUSTOMER]
    check(line[0]["exception"] == "报告已过期，要当年版" and line[0]["responsible"] == "质量", f"the exception is told: {line}")
    month = report(c, "经理", "information-acceptance", **span)["totals"]
    check(month["exceptions"] == 1 and month["first"] == 0, f"not accepted at once: {month}")
    tasks = {g["texts"]["department"]: g["measures"] for g in report(c, "经理", "information-tasks", **span)["groups"]}
    check(tasks["质量部"]["on_time"] == tasks["财务部"]["on_time"] == 1, f"both departments on time: {tasks}")
    slow = add(c, "甲", "information_task", CUSTOMER, request=asked, sent_on=day(-3), department="质量部", handler="质量", need="补盖章", due=day(-1))
    c.settle(["甲", "质量"])
    check(stands(c, "质量", slow)["overdue"], "due yesterday")
    step(c, "质量", slow, "answer", answer="已盖章")
    c.settle(["质量", "甲", "经理"])
    tasks = {g["texts"]["department"]: g["measures"] for g in report(c, "经理", "information-tasks")["groups"]}
    check((tasks["质量部"]["n"], tasks["质量部"]["late"], tasks["财务部"]["late"]) == (2, 1, 0), f"late is late, though answered: {tasks}")
