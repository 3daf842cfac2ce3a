# SPDX-License-Identifier: AGPL-3.0-or-later
"""S14: one archive, built and filed on paper and electronically; a paper that does not agree, is lent and put back; an amendment that
exaggerates is returned; the branch inspects and corrects; a disclosure with and one without permission; a leak and its penalty."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

NAME = "S14 宝安商场"
TODAY = datetime.now(timezone(timedelta(hours=8))).date()  # the company's date is China's


def day(n):
    return (TODAY + timedelta(days=n)).isoformat()


def mine(c, who, rule, on=None):
    return [f["record"] for f in findings(c, who, rule, on) if f["customer"] == NAME]


def build(c):
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "company", "--field", "phone=0755-80001401")
    sheet = add(c, "甲", "authenticity_file", NAME, collected_on="今天", channel="销售", basic="是", reach="是", trade="否", lawful="是")
    check(mine(c, "甲", "authenticity-collected") == [sheet], "trade records are still to come")
    c.satchel("甲", "record", "set", sheet, "--field", "trade=是")
    step(c, "甲", sheet, "build", true="是")
    check(mine(c, "甲", "authenticity-paper-missing", day(20)) == [sheet], "the paper is missing")
    c.settle(["甲", "经理", "admin"])
    step(c, "admin", sheet, "file", cabinet="A柜", server="总部", paper_on="今天", electronic_on="今天", keeper="经理")
    return sheet


def paper_twin(c):
    """The bag lies in the wrong cabinet and lacks two pages; 乙 borrows it and brings it back late."""
    bag = add(c, "admin", "paper", NAME, title="整袋档案", kind="整袋档案", number="S14-P1", cabinet="B柜", folder="3", keeper="经理", pages="40",
              name_on_paper="S14 宝安商城", electronic="总部")
    check(mine(c, "admin", "authenticity-cabinet") == [bag], "not in the cabinet assigned")
    check(mine(c, "admin", "paper-name") == [bag], "another name on the paper")
    check(mine(c, "admin", "paper-never-checked", day(40)) == [bag], "never checked")
    c.satchel("admin", "record", "set", bag, "--field", "checked_on=今天", "--field", "pages_found=38", "--field", "agrees=否", "--field", "difference=缺营业执照两页")
    check(mine(c, "admin", "paper-disagrees") == [bag] and mine(c, "admin", "paper-pages") == [bag], "two pages are missing")
    c.settle(["admin", "经理", "甲"])
    c.satchel("经理", "record", "set", bag, "--field", "cabinet=A柜", "--field", "name_on_paper=" + NAME, "--field", "pages_found=40", "--field", "agrees=是")
    for rule in ("authenticity-cabinet", "paper-name", "paper-disagrees", "paper-pages"):
        check(mine(c, "经理", rule) == [], f"{rule}: put right")
    step(c, "经理", bag, "lend", ok=(2, 4))  # to whom, until when?
    step(c, "经理", bag, "lend", holder="甲", due_back=day(-2))
    c.settle(["经理", "甲", "admin"])
    out = stands(c, "甲", bag)
    check(out["state"] == "out" and out["overdue"], f"out and overdue: {out}")
    check(bag in [m["record"] for m in today(c, "甲")["matters"]], "its holder is reminded")
    step(c, "甲", bag, "give_back")
    c.settle(["甲", "经理"])
    step(c, "经理", bag, "put_back", condition="撕毁")
    check(mine(c, "经理", "paper-damaged") == [bag], "it came back torn")
    step(c, "经理", bag, "report_missing", comment="盘点不见", missing_since="今天")
    check(mine(c, "经理", "paper-missing") == [bag], "missing")
    step(c, "经理", bag, "find", comment="夹在另一袋中")
    step(c, "经理", bag, "put_back", condition="完好")
    check([p["state"] for p in stands(c, "经理", bag)["path"]] == ["in_place", "out", "returned", "in_place", "missing", "returned", "in_place"], "its whole way")
    c.settle(["经理", "甲", "admin"])


def supervise(c):
    """甲 works offline and makes it sound better than it is."""
    amended = add(c, "甲", "authenticity_work", NAME, date="今天", work="修改", department="销售部", what="年度销售额", before="80万", after="800万", reason="更新", evidence="/")
    step(c, "甲", amended, "accept", ok=(4,), verdict="真实、准确、完整")
    c.settle(["甲", "经理"])
    step(c, "经理", amended, "return", comment="与合同不符", verdict="夸大其词")
    check(mine(c, "经理", "authenticity-exaggerated") == [amended], "exaggerated")
    c.settle(["经理", "甲"])
    c.satchel("甲", "record", "set", amended, "--field", "after=82万", "--field", "evidence=年度对账单", "--reason", "更正")
    step(c, "甲", amended, "redone", comment="已按对账单更正")
    c.settle(["甲", "经理"])
    c.satchel("经理", "record", "set", amended, "--field", "verdict=真实、准确、完整")
    step(c, "经理", amended, "accept")
    check(stands(c, "经理", amended)["state"] == "accepted", "accepted now")


def inspect(c):
    good = {k: "符合" for k in ("true", "exact", "complete", "in_time", "secret", "lawful", "single", "in_place")}
    look = add(c, "经理", "authenticity_inspection", NAME, date="今天", department="深圳分公司", both="不符合", score="78", result="合格", **good)
    step(c, "经理", look, "demand", findings="扫描件缺两页")
    c.settle(["经理", "甲"])
    step(c, "甲", look, "correct", correction="已补扫", corrected_on="今天")
    c.settle(["甲", "经理"])
    step(c, "经理", look, "confirm")
    check("经理" not in [w for f in findings(c, "经理", "authenticity-self-inspection") for w in f["who"]], "this quarter's inspection is made")


def secrecy(c):
    asked = add(c, "甲", "secrecy_permit", NAME, date="今天", what="联系人电话", to_whom="某物流公司", purpose="送货", law="履行合同所必需")
    step(c, "甲", asked, "permit", ok=(4,))
    c.settle(["甲", "admin"])
    step(c, "admin", asked, "permit")
    c.settle(["admin", "甲"])
    c.satchel("甲", "step", asked, "copy")
    step(c, "甲", asked, "disclose", disclosed_on="今天")
    told = add(c, "甲", "secrecy_permit", NAME, date="今天", what="进货价", to_whom="某同行", purpose="交换", law="/", disclosed_on="今天")
    c.settle(["甲", "经理", "admin", "总经理", "人力"])
    check(mine(c, "经理", "secrecy-without-permit") == [told], "one was told without permission")
    leak = add(c, "admin", "secrecy_leak", found_on="今天", what="进货价告知同行", customer_name=NAME, responsible="甲")
    step(c, "admin", leak, "investigate", investigation="属实", measures="重新培训")
    add(c, "admin", "authenticity_training", date="今天", topic="S14 保密", trainer="总经理", attended="甲、乙", passed="甲、乙")
    c.settle(["admin", "总经理"])
    step(c, "总经理", leak, "penalise", penalty="通报批评")
    check(stands(c, "总经理", leak)["state"] == "closed", "penalised")


def play(c):
    build(c)
    paper_twin(c)
    supervise(c)
    inspect(c)
    secrecy(c)
    c.settle(["甲", "经理", "admin", "总经理"])
    files = report(c, "admin", "authenticity-files")["totals"]
    check(files["archives"] == 1 and files["both"] == 1, f"filed on paper and electronically: {files}")
    scores = report(c, "admin", "authenticity-evaluations")["totals"]
    check(scores["inspections"] == 1 and scores["disagree"] == 1, f"one inspection: {scores}")
    works = report(c, "admin", "authenticity-works")["totals"]
    check(works["n"] == 1 and works["accepted"] == 1 and works["bad"] == 0, f"one amendment, accepted at last: {works}")
