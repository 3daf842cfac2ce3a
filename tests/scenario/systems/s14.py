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
    other = ["customer", "add", "--name", "S14 宝安广场", "--kind", "company", "--field", "phone=0755-80001401"]
    check("customer.same-phone" in c.satchel("甲", *other, ok=(5,)).stderr, "one archive for one customer")
    c.satchel("甲", *other, "--yes")
    check([f for f in findings(c, "甲", "authenticity-one-archive") if NAME in str(f)], "whoever opens a second one all the same is found")
    sheet = add(c, "甲", "authenticity_file", NAME, collected_on="今天", channel="销售", basic="是", reach="是", trade="否", lawful="是")
    check(mine(c, "甲", "authenticity-collected") == [sheet], "trade records are still to come")
    c.satchel("甲", "record", "set", sheet, "--field", "trade=是")
    step(c, "甲", sheet, "build", ok=(5,), true="否")  # only what was verified
    step(c, "甲", sheet, "build", true="是")
    check(mine(c, "甲", "authenticity-paper-missing", day(20)) == [sheet], "the paper is missing")
    c.settle(["甲", "经理", "admin"])
    step(c, "admin", sheet, "file", cabinet="A柜", server="总部", paper_on="今天", electronic_on="今天", keeper="经理")
    return sheet


def paper_twin(c):
    """The bag lies in the wrong cabinet and lacks two pages; 乙 borrows it and brings it back late."""
    bag = add(c, "admin", "paper", NAME, title="整袋档案", kind="整袋档案", number="S14-P1", cabinet="B柜", folder="3", keeper="经理", pages="40",
              name_on_paper="S14 宝安商城", electronic="分公司")
    check(mine(c, "admin", "authenticity-server") == [bag], "nor on the server assigned")
    check(mine(c, "admin", "authenticity-cabinet") == [bag], "not in the cabinet assigned")
    check(mine(c, "admin", "paper-name") == [bag], "another name on the paper")
    check(mine(c, "admin", "paper-never-checked", day(40)) == [bag], "never checked")
    c.satchel("admin", "record", "set", bag, "--field", "checked_on=今天", "--field", "pages_found=38", "--field", "agrees=否", "--field", "difference=缺营业执照两页")
    check(mine(c, "admin", "paper-disagrees") == [bag] and mine(c, "admin", "paper-pages") == [bag], "two pages are missing")
    c.settle(["admin", "经理", "甲"])
    c.satchel("经理", "record", "set", bag, "--field", "cabinet=A柜", "--field", "name_on_paper=" + NAME, "--field", "pages_found=40", "--field", "agrees=是",
              "--field", "electronic=总部")
    for rule in ("authenticity-cabinet", "authenticity-server", "paper-name", "paper-disagrees", "paper-pages"):
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
    step(c, "经理", amended, "accept", ok=(5,), verdict="夸大其词")  # what is exaggerated is not accepted
    step(c, "经理", amended, "return", comment="与合同不符", verdict="夸大其词")
    check(mine(c, "经理", "authenticity-exaggerated") == [amended], "exaggerated")
    c.settle(["经理", "甲"])
    c.satchel("甲", "record", "set", amended, "--field", "after=82万", "--field", "evidence=年度对账单", "--reason", "更正")
    step(c, "甲", amended, "redone", comment="已按对账单更正")
    c.settle(["甲", "经理"])
    c.satchel("经理", "record", "set", amended, "--field", "verdict=真实、准确、完整")
    step(c, "经理", amended, "accept")
    check(stands(c, "经理", amended)["state"] == "accepted", "accepted now")
    c.settle(["经理", "admin"])
    traces(c, amended)


def traces(c, amended):
    """What was changed or taken back is all there, signed: who, when, from what, why."""
    parts = [part for entry in c.ask("admin", "log", NAME)["entries"] for part in entry["records"]]
    check(any({"修改后", "依据"} <= set(part["fields"]) and part.get("reason") == "更正" for part in parts), f"what was changed, and why: {parts}")
    check("已按对账单更正" in [said["comment"] for said in stands(c, "admin", amended)["said"]], "and what was said of it")
    gone = add(c, "甲", "authenticity_work", NAME, date="今天", work="复印", department="销售部", what="误填", copies="1")
    c.satchel("甲", "record", "withdraw", gone, "--reason", "填错客户")
    c.settle(["甲", "经理", "admin"])
    back = [line["texts"]["what"] for line in report(c, "admin", "authenticity-withdrawn")["lines"]]
    check(back == ["误填"], f"what was withdrawn is listed: {back}")
    check(c.ask("admin", "verify")["sound"], "and the chain holds")


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
    add(c, "admin", "authenticity_duty", date="今天", duties="监督、员工培训", text="S14 保密培训并抽查")
    c.settle(["admin", "总经理"])
    step(c, "admin", leak, "penalise", ok=(4,), penalty="无")  # the general manager's or personnel's
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
    duties = report(c, "admin", "authenticity-duties")["lines"]
    check([d["texts"]["text"] for d in duties] == ["S14 保密培训并抽查"], f"the administrator's log: {duties}")
    works = report(c, "admin", "authenticity-works")["totals"]
    check(works["n"] == 1 and works["accepted"] == 1 and works["bad"] == 0, f"one amendment, accepted at last: {works}")
