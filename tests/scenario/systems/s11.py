# SPDX-License-Identifier: AGPL-3.0-or-later
"""S11, the CRM flow: a shop is found at a fair, followed up on the road, signs a contract, buys again, pays once in time and once late,
and gets its goods. A colleague who steps in reads everything that was said. The salesperson signs offline, with the copy attached."""

from scenes import add, check, day, findings, report, stands, step

NAME, PERSON = "S11 佳美超市", "S11 周先生"


def mine(found, customer=NAME):
    return [f for f in found if f["customer"] == customer]


def data(c):
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "company", "--field", "trade=零售", "--field", "region=广东", "--field", "city=深圳")
    c.satchel("甲", "customer", "add", "--name", PERSON, "--kind", "individual", "--field", "occupation=企业主", "--field", "age=41",
              "--field", "region=广东")
    shop = add(c, "甲", "crm_profile", NAME, gathered_on=day(-20), source="展会", trade="零售", region="广东")
    add(c, "甲", "crm_profile", PERSON, gathered_on=day(-3), source="介绍", occupation="企业主", age_band="36—45岁", region="广东", result="暂存观察",
        screened_on=day(-3))
    check(mine(findings(c, "甲", "crm-screen"))[0]["overdue_days"] > 0, "gathered three weeks ago, not yet screened")
    c.satchel("甲", "record", "set", shop, "--field", "result=保存跟进", "--field", f"screened_on={day(-19)}")
    check(mine(findings(c, "甲", "crm-screen")) == [] and mine(findings(c, "甲", "crm-profile-complete")) == [], "screened and complete")
    check(len(mine(findings(c, "甲", "crm-follow-idle"))) == 1, "nobody has called yet")


def follow(c):
    add(c, "甲", "crm_follow", NAME, at=f"{day(-10)} 10:30", method="拜访", with_whom="冯店长", details="想换供应商，问洗手液的价", result="有意向",
        products="洗手液", next=day(-2))
    check(mine(findings(c, "甲", "crm-follow-idle")) == [], "called on")
    late = mine(findings(c, "甲", "crm-follow-next"))
    check(len(late) == 1 and late[0]["overdue_days"] > 0, f"the day agreed was the day before yesterday: {late}")
    add(c, "甲", "crm_follow", NAME, at=f"{day(-1)} 15:00", method="电话", with_whom="冯店长", details="价格谈妥，要两款", result="签单")
    check(mine(findings(c, "甲", "crm-follow-next")) == [], "he called")


def products(c):
    for code, line, name in (("XS", "标准产品", "洗手液"), ("ZJ", "标准产品", "纸巾"), ("HJ", "定制产品", "货架")):
        add(c, "admin", "crm_product", line=line, name=f"S11 {name}", code=f"S11-{code}", unit="件", offered="是")
    lines = {g["texts"]["line"]: float(g["measures"]["products"]) for g in report(c, "admin", "crm-products")["groups"]}
    check(lines == {"标准产品": 2, "定制产品": 1}, f"products by line: {lines}")


def contract(c):
    """Offline, in the shop: a contract is not signed without its terms and its electronic copy."""
    deal = add(c, "甲", "crm_deal", NAME, kind="合同", number="S11-HT-001", date=day(-5))
    step(c, "甲", deal, "sign", ok=(2, 4), products="洗手液、纸巾", amount="12000")
    paper = c.folder / "S11-HT-001.txt"
    paper.write_text("合同 S11-HT-001\n", encoding="utf-8")
    c.satchel("甲", "attach", deal, paper)
    step(c, "甲", deal, "sign", products="洗手液、纸巾", amount="12000", terms="月结，含运费", starts_on=day(-5), ends_on=day(20), signer="冯店长",
         our_signer="甲", copy=paper.name)
    check(mine(findings(c, "甲", "crm-copy-missing")) == [], "the copy is there")
    check(len(mine(findings(c, "甲", "crm-deal-ends"))) == 1, "it ends in less than a month")
    for rule in ("crm-deal-items", "crm-deal-payments", "crm-deal-deliveries"):
        check(mine(findings(c, "甲", rule))[0]["overdue_days"] > 0, f"signed five days ago: {rule}")
    add(c, "甲", "crm_item", NAME, deal=deal, date=day(-5), line="标准产品", product="洗手液", quantity="400", price="20")
    add(c, "甲", "crm_item", NAME, deal=deal, date=day(-5), line="标准产品", product="纸巾", quantity="200", price="20")
    again = add(c, "甲", "crm_deal", NAME, kind="订单", number="S11-DD-002", date=day(0))
    step(c, "甲", again, "sign", products="货架", amount="3000", terms="现款", starts_on=day(0), ends_on=day(10), signer="冯店长", our_signer="甲", copy="/")
    add(c, "甲", "crm_item", NAME, deal=again, date=day(0), line="定制产品", product="货架", quantity="2", price="1500")
    return deal


def money(c, deal):
    first = add(c, "甲", "crm_payment", NAME, deal=deal, instalment="首款", due_on=day(0), due_amount="6000", handler="甲")
    rest = add(c, "甲", "crm_payment", NAME, deal=deal, instalment="尾款", due_on=day(-1), due_amount="6000", handler="甲")
    goods = add(c, "甲", "crm_delivery", NAME, deal=deal, what="洗手液 400、纸巾 200", planned_on=day(0), handler="甲")
    check(stands(c, "甲", rest)["overdue"] and not stands(c, "甲", first)["overdue"], "one was due yesterday, one is due today")
    step(c, "甲", first, "receive", ok=(2, 4), received="6000")  # how, when, into which account?
    step(c, "甲", first, "receive", method="银行转账", received_on=day(0), received="6000", account="工行 6222…0011")
    step(c, "甲", rest, "receive", method="现金", received_on=day(0), received="5500", account="现金柜")
    check([f["record"] for f in mine(findings(c, "甲", "crm-paid-short"))] == [rest], "five hundred are missing")
    c.settle(["甲", "经理"])
    for who in ("财务", "乙"):
        c.satchel("经理", "grant", NAME, who, ok=(0, 5))
    c.settle(["甲", "经理", "财务", "乙"])
    step(c, "甲", first, "check", ok=(4,))  # not his own receipt
    step(c, "财务", first, "check")
    step(c, "财务", rest, "reject", comment="少 500 元")
    c.settle(["财务", "甲"])
    step(c, "甲", rest, "receive", received="6000")
    c.settle(["甲", "财务"])
    step(c, "财务", rest, "check")
    step(c, "财务", deal, "copy")
    paper = c.folder / "财务的 S11-HT-001.txt"
    c.satchel("财务", "fetch", deal, "--to", paper)
    check(paper.read_text(encoding="utf-8") == "合同 S11-HT-001\n", "accounts read the contract itself")
    return goods


def colleague(c, deal, goods):
    """He delivers while his colleague is away, and reads what she was told."""
    talks = report(c, "乙", "crm-follows", customer=NAME)["lines"]
    check([t["texts"]["details"] for t in talks] == ["想换供应商，问洗手液的价", "价格谈妥，要两款"], f"nothing left with her: {talks}")
    step(c, "乙", goods, "deliver", ok=(4,), delivered_on=day(0), recipient="冯店长")  # it names her
    c.satchel("乙", "record", "set", goods, "--field", "handler=乙")
    step(c, "乙", goods, "deliver", delivered_on=day(0), recipient="冯店长", quantity="600")
    c.settle(["乙", "甲", "财务"])
    step(c, "甲", goods, "object", comment="破损两箱")
    step(c, "甲", goods, "deliver", delivered_on=day(0))
    step(c, "甲", goods, "accept", remarks="破损两箱已换，验收合格")
    step(c, "甲", deal, "finish")
    c.settle(["甲", "乙", "财务", "经理", "总经理"])


def play(c):
    data(c)
    follow(c)
    products(c)
    deal = contract(c)
    colleague(c, deal, money(c, deal))
    check(stands(c, "经理", deal)["state"] == "done", "paid and delivered")
    bought = report(c, "总经理", "crm-repeat", customer=NAME)["totals"]
    check([float(bought[m]) for m in ("deals", "lines", "products", "amount")] == [2, 2, 3, 15000], f"bought again, and several products: {bought}")
    paid = report(c, "总经理", "crm-payments", customer=NAME)["totals"]
    check([float(paid[m]) for m in ("payments", "due", "received", "rate", "late")] == [2, 12000, 12000, 100, 1], f"all paid, one late: {paid}")
    deliveries = report(c, "总经理", "crm-deliveries")["totals"]
    check(float(deliveries["deliveries"]) == 1 and float(deliveries["share"]) == 100, f"delivered in time: {deliveries}")
    people = report(c, "总经理", "crm-customers", occupation="企业主", age="36—45岁")["lines"]
    check([p["texts"]["archive"] for p in people] == [PERSON], f"a segment: {people}")
    groups = report(c, "总经理", "crm-sales-by-product")["groups"]
    sold = {tuple(g["texts"].values()): float(g["measures"]["amount"]) for g in groups}
    lines = {("标准产品",): 12000, ("定制产品",): 3000}
    check(sold == lines | {("标准产品", "洗手液"): 8000, ("标准产品", "纸巾"): 4000, ("定制产品", "货架"): 3000}, f"by line and product: {sold}")
    regions = {g["texts"]["region"]: [float(g["measures"][m]) for m in ("customers", "followed")] for g in report(c, "总经理", "crm-by-region")["groups"]}
    check(regions.get("广东") == [2, 1], f"by region: {regions}")
    dealt = {tuple(g["texts"].values()): float(g["measures"]["amount"]) for g in report(c, "总经理", "crm-deals-by-region")["groups"]}
    check(dealt.get(("广东", "深圳")) == 15000, f"what the region bought: {dealt}")
    trades = {g["texts"]["trade"]: float(g["measures"]["followed"]) for g in report(c, "总经理", "crm-by-trade")["groups"]}
    check(trades.get("零售") == 1, f"by trade: {trades}")
