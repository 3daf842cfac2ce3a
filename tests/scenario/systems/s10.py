# SPDX-License-Identifier: AGPL-3.0-or-later
"""S10, customers' credit: a dealer is registered, assessed, given a limit above the manager's authority, breaks his word, is warned, and
is before the general manager in the end. The customer manager finds the breach on the road, offline."""

from scenes import add, check, day, findings, report, stands, step, today

NAME = "S10 恒达建材"


def mine(found):
    return [f for f in found if f["customer"] == NAME]


def registration(c):
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "distributor", "--field", "contact=何总", "--field", "phone=13800100001",
              "--field", "address=深圳龙岗1号", "--field", "trade=建材")
    file = add(c, "甲", "credit_file", NAME, registered_on=day(-10), name=NAME, contact="何总", contact_way="13800100001", address="深圳龙华8号",
               trade="建材", account_manager="甲", status="正常")
    check(len(mine(findings(c, "甲", "credit-file-card"))) == 1, "another address than on the card")
    c.satchel("甲", "record", "set", file, "--field", "address=深圳龙岗1号")
    check(mine(findings(c, "甲", "credit-file-card")) == [], "now they agree")
    check(mine(findings(c, "甲", "credit-assess-again"))[0]["overdue_days"] > 0, "registered ten days ago, and not yet assessed")
    return file


def assessment(c):
    a = add(c, "甲", "credit_assessment", NAME, date=day(0), kind="首次评估", background="建材零售，淡季", results="年销 600 万", sources="客户提供")
    step(c, "甲", a, "assess", ok=(2, 4), grade="优良", risk="中")  # nothing about personal credit and fraud
    step(c, "甲", a, "assess", grade="优良", risk="中", personal="无不良记录", fraud="未见异常")
    check(len(mine(findings(c, "甲", "credit-one-source"))) == 1, "one source is not enough")
    c.satchel("甲", "record", "set", a, "--field", "sources=客户提供、运营管理系统、账款管理部门（贷后管理部门）")
    check(mine(findings(c, "甲", "credit-one-source")) + mine(findings(c, "甲", "credit-assess-again")) == [], "three are, and it is assessed")
    return a


def limit(c, file, a):
    """Above the manager's authority: the general manager. Then risk control, and the customer manager's final figure."""
    wish = add(c, "甲", "credit_application", NAME, date=day(0), assessment=a, wanted="250000", reason="旺季备货")
    c.settle(["甲", "经理"])
    c.satchel("经理", "grant", NAME, "财务", ok=(0, 5))
    c.settle(["甲", "经理", "财务", "总经理"])
    step(c, "经理", wish, "review_it", ok=(4,), review="同意")  # the credit department's
    step(c, "财务", wish, "review_it", review="经营稳定，可授信")
    c.settle(["财务", "经理", "总经理"])
    step(c, "经理", wish, "approve", ok=(2, 4), approved="200000")  # beyond his authority
    step(c, "总经理", wish, "approve_high", approved_high="200000")
    c.settle(["总经理", "财务"])
    step(c, "财务", wish, "control_it", control="按月核对")
    c.settle(["财务", "甲"])
    step(c, "甲", wish, "grant", final_limit="220000", valid_until=day(365))
    c.settle(["甲", "经理"])
    check(len(mine(findings(c, "经理", "credit-above-approval"))) == 1, "more than was approved")
    c.satchel("甲", "record", "set", wish, "--field", "final_limit=180000", "--reason", "超过审批额度")
    check(len(mine(findings(c, "甲", "credit-limit-entered"))) == 1, "granted, and not in the file")
    add(c, "甲", "credit_use_limit", NAME, date=day(0), need="首批两车", used="0", limit="180000", use_limit="100000")
    c.satchel("甲", "record", "set", file, "--field", "limit=180000", "--field", "use_limit=190000", "--field", "used=60000", "--field", "grade=优良",
              "--field", "risk=中", "--field", f"assessed_on={day(0)}")
    check(len(mine(findings(c, "甲", "credit-use-above-limit"))) == 1, "the usage limit lies within the limit")
    check(len(mine(findings(c, "甲", "credit-use-entered"))) == 1, "and is not the one that was set")
    c.satchel("甲", "record", "set", file, "--field", "use_limit=100000")
    c.satchel("甲", "customer", "set", NAME, "--field", "credit_limit=180000")
    step(c, "甲", a, "enter", outcome="申请额度")
    for rule in ("credit-limit-entered", "credit-use-entered", "credit-file-card", "credit-file-complete", "credit-use-above-limit"):
        check(mine(findings(c, "甲", rule)) == [], f"nothing left of {rule}")
    check(len(mine(findings(c, "甲", "credit-limit-expires", on=day(340)))) == 1, "shown a month before it runs out")
    c.settle(["甲", "财务", "经理", "总经理"])
    step(c, "财务", wish, "copy")
    check([copy["by"] for copy in stands(c, "财务", wish)["copies"]] == ["财务"], f"accounts have their copy: {stands(c, '财务', wish)['copies']}")


def breach(c, file):
    """Found on the road, offline: the record, the customer told at once; the superior as soon as there is a line."""
    check(len(mine(findings(c, "甲", "credit-monitor-monthly"))) == 1, "not looked at this month")
    seen = add(c, "甲", "credit_monitor", NAME, date=day(0), payment="逾期", overdue_amount="60000", risk="恶化", business="恶化", breach="是", used="120000",
               next_payment=day(5), facts="两张票据退票")
    c.satchel("甲", "record", "set", file, "--field", "used=120000", "--field", "risk=高", "--field", "status=暂停赊销")
    check(mine(findings(c, "甲", "credit-monitor-monthly")) == [], "it is now")
    check(len(mine(findings(c, "甲", "credit-overused"))) == 1, "more in use than allowed")
    check([f["record"] for f in mine(findings(c, "甲", "credit-warn"))] == [seen], "a breach demands a warning")
    warning = add(c, "甲", "credit_warning", NAME, date=day(0), monitor=seen, cause="违约", facts="两张票据退票，共 6 万元")
    check(mine(findings(c, "甲", "credit-warn")) == [], "there it is")
    step(c, "甲", warning, "tell_customer", told_on=day(0), told_how="面谈，何总")
    check(stands(c, "甲", warning)["state"] == "customer_told", "the superior does not know yet")
    check(len(mine(findings(c, "甲", "credit-remind", on=day(3)))) == 1, "two days before the payment")
    add(c, "甲", "credit_reminder", NAME, date=day(0), monitor=seen, about="五日内补足票款", whom="何总", how="电话")
    check(mine(findings(c, "甲", "credit-remind", on=day(3))) == [], "reminded")
    step(c, "甲", warning, "report", ok=(2,))  # when?
    step(c, "甲", warning, "report", reported_on=day(0))
    step(c, "甲", warning, "decide", ok=(4,), measures="不处理")
    c.settle(["甲", "经理"])
    check(warning in [m["record"] for m in today(c, "经理")["matters"]], "the manager has to decide")
    step(c, "经理", warning, "decide", measures="停止赊销，现款发货，每周核对")
    c.settle(["经理", "甲"])
    again = add(c, "甲", "credit_assessment", NAME, date=day(0), kind="情况变化", background="淡季", results="回款下降", personal="新增逾期", fraud="未见异常",
                sources="实地走访、运营管理系统")
    step(c, "甲", again, "assess", grade="较差", risk="高")
    step(c, "甲", again, "enter", outcome="暂停")
    told = add(c, "甲", "credit_report", NAME, date=day(0), assessment=again, standing_text="较差，两笔退票", risk="高", advice="暂停赊销半年")
    step(c, "甲", told, "submit")
    c.settle(["甲", "总经理", "经理"])
    step(c, "总经理", told, "decide", decision="同意暂停")
    step(c, "经理", warning, "close", result="票款已收回")
    c.settle(["总经理", "经理", "财务"])


def play(c):
    file = registration(c)
    limit(c, file, assessment(c))
    breach(c, file)
    check(len(mine(findings(c, "甲", "credit-assess-again", on=day(200)))) == 1, "to be assessed again after half a year")
    assessed = report(c, "总经理", "credit-assessments", customer=NAME)["totals"]
    check([float(assessed[m]) for m in ("assessments", "high")] == [2, 1], f"assessed twice, the second time as high a risk: {assessed}")
    limits = report(c, "总经理", "credit-approvals")["totals"]
    check([float(limits[m]) for m in ("applications", "wanted", "granted")] == [1, 250000, 180000], f"less than was wanted: {limits}")
    rows = report(c, "总经理", "credit-report", customer=NAME)["lines"]
    check([row["texts"]["risk"] for row in rows] == ["高"] and rows[0]["texts"]["status"] == "暂停赊销", f"standing and risk: {rows}")
    warnings = report(c, "总经理", "credit-warnings")["totals"]
    check([float(warnings[m]) for m in ("warnings", "told", "reported", "closed", "share")] == [1, 1, 1, 1, 100], f"warned in time: {warnings}")
    check(float(report(c, "总经理", "credit-reports")["totals"]["decided"]) == 1, "the decision makers have it")
