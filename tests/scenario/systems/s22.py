# SPDX-License-Identifier: AGPL-3.0-or-later
"""S22, the customer pool: a customer from a campaign is claimed, given back with a note, claimed by a colleague and won; two departments
act together, a complaint is answered, she becomes a member. The colleague works offline until he meets a line."""

from scenes import add, check, day, findings, report, stands, step, today

NAME, OTHER = "S22 宋女士", "S22 秦先生"


def mine(found, customer=NAME):
    return [f for f in found if f["customer"] == customer]


def pool(c):
    """The branch manager puts two into the pool; one of them seems to want something."""
    for name, phone in ((NAME, "13800220001"), (OTHER, "13800220002")):
        c.satchel("经理", "customer", "add", "--name", name, "--kind", "individual", "--field", f"phone={phone}")
    entry = add(c, "经理", "pool_entry", NAME, date=day(-9), source="营销活动", source_detail="秋季展示会", basis="客户同意", needs="全屋净水", intent="有")
    add(c, "经理", "pool_entry", OTHER, date=day(-2), source="网站浏览", basis="客户同意", intent="不明", shared_with="销售、市场")
    add(c, "经理", "pool_insight", NAME, date=day(-8), signals="参加营销活动、询价", product="净水机", intent="强", latent="是", expected_on=day(20),
        amount="8000", probability="60")
    check(len(mine(findings(c, "经理", "pool-not-shared"))) == 1 and mine(findings(c, "经理", "pool-not-shared"), OTHER) == [], "one is shared with nobody")
    check(mine(findings(c, "经理", "pool-latent"))[0]["overdue_days"] > 0, "she means to buy, and nobody has called")
    check(entry in [m["record"] for m in today(c, "经理")["matters"]], "free: the manager's matter")
    for who in ("甲", "乙", "客服"):
        c.satchel("经理", "grant", NAME, who, ok=(0, 5))
    c.satchel("经理", "record", "set", entry, "--field", "shared_with=销售、市场、客服、产品研发、售后")
    number = c.ask("经理", "customer", "show", OTHER)["number"]
    offer = add(c, "经理", "pool_offer", date=day(0), number=number, about="一家四口，正在装修", source="网站浏览", intent="不明")
    check(mine(findings(c, "经理", "pool-not-shared")) == [], "now with all five")
    c.settle(["经理", "甲", "乙", "客服"])
    offers = report(c, "甲", "pool-offers")["lines"]
    check([line["texts"]["number"] for line in offers] == [number], f"what the branch may claim: {offers}")
    c.satchel("甲", "customer", "show", OTHER, ok=(3,))  # he reads of him, not him
    step(c, "甲", offer, "give", ok=(4,))
    step(c, "经理", offer, "withdraw", comment="先不开放")
    return entry


def owners(c, who):
    return c.ask(who, "customer", "show", NAME)["owners"]


def claims(c, entry):
    """One claims her, does not get on with it and gives her back; the next one knows why."""
    step(c, "甲", entry, "claim", ok=(2, 4), claimant="甲")  # without a plan
    step(c, "甲", entry, "claim", claimant="甲", plan="电话邀约到店")
    step(c, "甲", entry, "agree", ok=(4,), claimed_on=day(-5))
    c.settle(["甲", "经理"])
    agreed = step(c, "经理", entry, "agree", claimed_on=day(-5))
    c.settle(["经理", "甲", "乙"])
    check(owners(c, "甲") == ["甲"] and owners(c, "经理") == ["甲"], f"the archive is his: {agreed}")
    check(mine(findings(c, "甲", "pool-idle"))[0]["overdue_days"] > 0, "claimed five days ago, and not contacted")
    step(c, "甲", entry, "give_back", ok=(2, 4), returned_on=day(0))  # must say why
    step(c, "甲", entry, "give_back", comment="手上客户太多", returned_on=day(0))
    check(len(mine(findings(c, "甲", "pool-return-note"))) == 1, "the next one has to know")
    add(c, "甲", "pool_return", NAME, date=day(0), former="甲", reason="精力不足", advice="晚上七点后方便接电话")
    check(mine(findings(c, "甲", "pool-return-note")) == [], "there it is")
    c.settle(["甲", "经理", "乙"])
    step(c, "乙", entry, "claim", ok=(5,), claimant="乙", plan="上门测水质")  # the manager has to take it in first
    step(c, "甲", entry, "take_in", ok=(4,))
    step(c, "经理", entry, "take_in")
    c.settle(["经理", "甲", "乙"])
    check(owners(c, "经理") == ["经理"], "nobody's but the manager's again")
    step(c, "乙", entry, "claim", claimant="乙", plan="上门测水质")
    c.settle(["乙", "经理"])
    check(entry in [m["record"] for m in today(c, "经理")["matters"]], "the manager decides")
    step(c, "经理", entry, "agree", claimed_on=day(0))
    c.settle(["经理", "乙"])
    # From here on he is on the road, offline.
    where = stands(c, "乙", entry)
    check(where["state"] == "claimed" and day(30) in where["due"], f"hers for thirty days: {where}")
    add(c, "乙", "pool_contact", NAME, at=f"{day(0)} 19:05", how="拜访", what="水质偏硬，要全屋方案", result="约测", next=day(2))
    check(mine(findings(c, "乙", "pool-latent")) == [], "the latent buyer has been contacted")
    missing = mine(findings(c, "乙", "pool-beyond-basics"))
    check(len(missing) == 1, f"family, work and life are not known: {missing}")
    c.satchel("乙", "record", "set", entry, *[x for field in ("personal=四十岁上下", "family=三代同住", "work=教师", "life=周末在家") for x in ("--field", field)])
    check(mine(findings(c, "乙", "pool-beyond-basics")) == [], "now they are")
    shown = c.ask("乙", "record", "show", entry)["fields"]
    check([shown[f]["masked"] for f in ("personal", "family", "life", "work")] == [True, True, True, False], f"the family is nobody's business at a glance: {shown}")


def service(c):
    """Made to order, a matter for several, and a complaint."""
    order = add(c, "乙", "pool_custom", NAME, date=day(0), wish="橱柜内嵌安装")
    step(c, "乙", order, "agree", specification="定制支架", price="7600", due_on=day(1))
    voice = add(c, "乙", "pool_voice", NAME, date=day(0), kind="投诉", channel="电话", what="测水人员迟到", department="客服", handler="客服")
    matter = add(c, "乙", "pool_matter", NAME, date=day(0), what="安装与售后衔接", departments="客服、售后", participants="乙、客服", lead="客服", due_on=day(3))
    c.settle(["乙", "客服", "经理"])
    check({voice, matter} <= {m["record"] for m in today(c, "客服")["matters"]}, "the department is told")
    step(c, "客服", matter, "copy")
    step(c, "客服", matter, "finish", result="同一天安装、调试、登记保修")
    step(c, "客服", voice, "answer", answer="致歉并改约")
    add(c, "客服", "pool_service", NAME, date=day(0), kind="关怀", department="客服", preference="只在晚间联系", what="电话回访", reaction="满意")
    c.settle(["客服", "乙"])
    step(c, "乙", voice, "again", comment="还要书面答复")
    c.settle(["乙", "客服"])
    step(c, "客服", voice, "answer", answer="致歉信已寄")
    c.settle(["客服", "乙"])
    step(c, "乙", voice, "tell", told_on=day(0), satisfied="是")
    step(c, "乙", order, "deliver", delivered_on=day(1), satisfied="是")
    offer = add(c, "乙", "pool_marketing", NAME, date=day(0), data="购买行为", basis="客户同意", offer="滤芯年包", channel="微信", response="成交", amount="960")
    check(offer, "an offer on a lawful basis")
    add(c, "乙", "pool_upgrade", NAME, product="净水机 A1", to="净水机 A2", planned_on=day(5))
    check(len(mine(findings(c, "乙", "pool-upgrade-due"))) == 1, "to be told within the week")


def won(c, entry):
    step(c, "乙", entry, "win", won_on=day(0))
    member = add(c, "乙", "pool_member", NAME, applied_on=day(0), level="金卡")
    step(c, "乙", member, "admit", ok=(4,), number="V22001", from_on=day(0), until_on=day(20), benefits="上门检测")
    add(c, "乙", "pool_value", NAME, date=day(0), method="人工判断", bought="8560", times="2", **{"class": "高"}, behaviour="会增购", forecast="10000")
    c.settle(["乙", "经理"])
    step(c, "经理", member, "admit", number="V22001", from_on=day(0), until_on=day(20), benefits="上门检测")
    check(len(mine(findings(c, "经理", "pool-member-ends"))) == 1, "her membership ends in less than a month")
    check(len(mine(findings(c, "经理", "pool-value-again", on=day(190)))) == 1, "her value is looked at again after half a year")
    c.settle(["经理", "乙", "甲", "客服", "总经理"])


def play(c):
    entry = pool(c)
    claims(c, entry)
    service(c)
    won(c, entry)
    sources = {g["texts"]["source"]: g["measures"] for g in report(c, "总经理", "pool-by-source")["groups"]}
    check(float(sources["营销活动"]["yield"]) == 100 and float(sources["网站浏览"]["yield"]) == 0, f"yield: {sources}")
    held = report(c, "总经理", "pool-claims")["totals"]
    check([float(held[m]) for m in ("customers", "won", "late")] == [1, 1, 0], f"claims: {held}")
    back = report(c, "总经理", "pool-returns")["lines"]
    check([line["texts"]["advice"] for line in back] == ["晚上七点后方便接电话"], f"returns: {back}")
    voices = report(c, "总经理", "pool-voices")["totals"]
    check([float(voices[m]) for m in ("voices", "closed", "share", "satisfaction")] == [1, 1, 100, 100], f"feedback: {voices}")
    latent = report(c, "总经理", "pool-latent")["totals"]
    check(float(latent["weighted"]) == 4800, f"expected value: {latent}")
