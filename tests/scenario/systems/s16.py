# SPDX-License-Identifier: AGPL-3.0-or-later
"""S16: the customer card after the first trade, its spot check, the two daily reports that must name each other, read by the sales
manager and the general manager and forwarded to a department; the sales manager's own report on return from a trip."""

from scenes import add, check, day, findings, report, stands, step, today

SHOP = "S16 宏达建材"


def about(c, who, rule, record, on=None):
    return [f for f in findings(c, who, rule, on=on) if f["record"] == record]


def card(c):
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "company")
    add(c, "甲", "order", customer=SHOP, number="S16-1", date=day(-5), amount="12000")
    check(any(f["customer"] == SHOP for f in findings(c, "甲", "visit-card-first")), "a trade without a filled card is found")
    first = add(c, "甲", "visit_card", customer=SHOP, kind="第一次交易完成", occurred=day(-5))
    check(stands(c, "甲", first)["overdue"], "three days after the first trade it is overdue")
    step(c, "甲", first, "fill", ok=(1, 2, 4, 5))  # what was found out is missing
    # 甲 is offline in the shop: nobody syncs here
    step(c, "甲", first, "fill", surveyed=day(-1), survey="查询、实地拜访", sections="基本情况、联系方式", filled=day())
    step(c, "甲", first, "check", ok=(4,))  # another one's
    c.settle(["甲", "经理"])
    step(c, "经理", first, "check")
    c.settle(["经理", "甲", "admin"])
    check(not any(f["customer"] == SHOP for f in findings(c, "甲", "visit-card-first")), "the card counts as filled")
    return first


def circumstance(c):
    changed = add(c, "经理", "visit_card", customer=SHOP, kind="新状况发生", occurred=day(), circumstance="老板换成了儿子")
    c.settle(["经理", "甲"])
    late = about(c, "甲", "visit-card-amend", changed, on=day(3))
    check(late and "甲" in late[0]["who"] and late[0]["overdue_days"] > 0, f"at once, or overdue: {late}")
    check(any(m["record"] == changed for m in today(c, "甲")["matters"]), "it stands in the owner's day")
    step(c, "甲", changed, "fill", surveyed=day(), survey="查询", sections="基本情况", filled=day())
    check(about(c, "甲", "visit-card-amend", changed, on=day(3)) == [], "done")


def spot_check(c, first):
    drawn = lambda: [f["record"] for f in findings(c, "admin", "visit-card-sample", on=day(-5)) if f["customer"] == SHOP]
    check(first in drawn(), f"drawn for a check: {drawn()}")
    own = add(c, "甲", "visit_card_check", customer=SHOP, date=day(), score="100")
    step(c, "甲", own, "accept", ok=(4,))  # headquarters checks, not he himself
    scored = add(c, "admin", "visit_card_check", customer=SHOP, date=day(), card=first, score="55", wrong="联系方式", findings="电话是空号")
    check(first not in drawn(), "checked")
    step(c, "admin", scored, "demand")
    c.settle(["admin", "甲"])
    step(c, "甲", scored, "correct", corrected=day())
    c.settle(["甲", "admin"])
    step(c, "admin", scored, "confirm")  # the score stays
    shown = report(c, "admin", "visit-card-checks", **{"from": day(-1), "to": day()})
    check(int(shown["totals"]["n"]) == 1 and float(shown["totals"]["score"]) == 55, f"scored and counted: {shown['totals']}")


def naming(c):
    """Who came along: both must say so. Each works without a line; only the exchange shows what does not agree."""
    mine = add(c, "甲", "rep_daily_report", date=day(-2), visits="3", summary="走访三家", problems="两家说送货太慢", **{"with": "经理"})
    alone = add(c, "经理", "supervisor_daily_report", date=day(-2), case="分公司经理、干部单独拜访", customers=SHOP, summary="拜访老板")
    c.settle(["甲", "经理"])
    check(about(c, "经理", "daily-reports-agree", mine), "the rep named the manager, who named nobody")
    check(not any(f["rule"] == "daily-reports-agree" for f in today(c, "甲")["findings"]), "whose report he does not read, so he is not asked")
    check(about(c, "经理", "daily-reports-agree", alone) == [], "whoever visits alone names nobody")
    with_him = add(c, "经理", "supervisor_daily_report", date=day(-2), case="分公司经理、干部陪同业务员", customers=SHOP,
                   purpose="促成交易（业务员已铺路的新客户）", summary="陪同甲", **{"with": "甲"})
    check(about(c, "经理", "daily-reports-agree", mine) == [], "now both say so")
    check(about(c, "经理", "daily-reports-agree", with_him) == [], "and the other way round")
    both = {"with": "丁", "case": "分公司经理、干部陪同业务员"}
    other = add(c, "北京经理", "supervisor_daily_report", date=day(-2), customers="某某", summary="陪同丁", **both)
    add(c, "丁", "rep_daily_report", date=day(-2), summary="走访两家")
    c.settle(["丁", "北京经理"])
    check(about(c, "北京经理", "daily-reports-agree", other), "the salesperson said nothing of being accompanied")
    check(any("甲" in f["who"] for f in findings(c, "经理", "rep-daily-report", on=day(4))), "a day without a report is found")
    check(any(f["rule"] == "rep-daily-report" for f in today(c, "经理")["findings"]), "and his manager, who presses for it, sees it")
    return mine


def reading(c, mine):
    c.settle(["甲", "经理"])
    step(c, "经理", mine, "check")
    c.settle(["经理", "营业部经理", "总经理"])
    step(c, "总经理", mine, "gm_read", ok=(4, 5))  # the sales manager reads first
    step(c, "营业部经理", mine, "sales_read", comment="送货问题须解决")
    c.settle(["营业部经理", "总经理"])
    step(c, "总经理", mine, "gm_read", comment="同意")
    step(c, "总经理", mine, "forward", comment="请客服部处理", forwarded_to="客服部")
    source = {"kind": "业务员拜访日报表", "reporter": "甲", "reported": day(-2), "report": mine}
    matter = add(c, "总经理", "visit_referral", forwarded=day(), subject="S16 送货太慢", department="客服部", assignee="客服", **source)
    c.settle(["总经理", "客服"])
    check(any(m["record"] == matter for m in today(c, "客服")["matters"]), "the department is told")
    step(c, "客服", matter, "answer", result="改由仓库直送", answered=day())
    c.settle(["客服", "总经理", "营业部经理"])
    step(c, "总经理", matter, "close")
    step(c, "营业部经理", mine, "handle", comment="客服部已改由仓库直送")
    c.settle(["营业部经理", "甲"])
    said = stands(c, "甲", mine)
    check(said["state"] == "handled" and any(s["comment"] == "送货问题须解决" for s in said["said"]), f"its writer reads the comments: {said}")


def trip(c):
    own = add(c, "营业部经理", "supervisor_daily_report", date=day(-6), customers=SHOP, summary="深圳出差", returned=day(-4),
              **{"with": "甲", "case": "营业部经理陪同分公司人员"})
    check(any(f["overdue_days"] > 0 for f in about(c, "营业部经理", "trip-report", own)), "on return it goes to the general manager")
    step(c, "营业部经理", own, "sales_read", ok=(4,))  # his own is not his to read
    step(c, "营业部经理", own, "present")
    c.settle(["营业部经理", "总经理"])
    step(c, "总经理", own, "gm_read", comment="深圳的价格再研究")
    step(c, "总经理", own, "file")


def weekly(c):
    """The branch hands its week in, as it stood; the sales manager reads it, the general manager files it."""
    asked = lambda rule="weekly-submission": {f["customer"] for f in findings(c, "经理", rule)}
    check("经理" in asked() and "经理" in asked("weekly-submission-supervisors"), "every week the branch's reports are due, both kinds")
    week = ["--from", day(-6), "--to", day()]
    done = c.ask("经理", "report", "rep-daily-reports", *week, "--submit", "--note", "两家反映送货慢")
    check(done["again"] == 1 and "经理" not in asked(), f"handed in: {done}")
    c.ask("经理", "report", "supervisor-daily-reports", *week, "--submit")
    check("经理" not in asked("weekly-submission-supervisors"), "the supervisors' too")
    again = c.ask("经理", "report", "rep-daily-reports", *week, "--submit")
    check(again["again"] == 2, "handed in again, the former stays")
    c.settle(["经理", "营业部经理", "总经理", "甲"])
    check("record.not-found" in c.satchel("甲", "step", done["id"], ok=(3,)).stderr, "it is not everybody's in the branch")
    step(c, "营业部经理", done["id"], "review", comment="送货问题已转客服")
    c.settle(["营业部经理", "总经理"])
    step(c, "总经理", done["id"], "file")
    step(c, "总经理", again["id"], "return", comment="重复")
    rows = report(c, "总经理", "submissions", report="rep-daily-reports")["lines"]
    check(sorted(r["texts"]["flow.state"] for r in rows) == ["已归档", "退回重报"], f"both stand in the register: {rows}")


def play(c):
    first = card(c)
    circumstance(c)
    spot_check(c, first)
    mine = naming(c)
    reading(c, mine)
    trip(c)
    weekly(c)
    c.settle(["总经理", "营业部经理", "admin"])
    read = report(c, "admin", "rep-report-reading", **{"from": day(-2), "to": day(-2)})["totals"]
    check(int(read["n"]) >= 2 and int(read["forwarded"]) >= 1, f"headquarters sees all branches: {read}")
    cards = report(c, "admin", "visit-cards", **{"from": day(-5), "to": day()})["totals"]
    check((int(cards["first"]), int(cards["amended"])) == (1, 1), f"cards filled and amended: {cards}")
