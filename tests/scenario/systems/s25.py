# SPDX-License-Identifier: AGPL-3.0-or-later
"""S25: a request and its reply filed in one volume under the reply's year; a contract handed in with copies; a loan that comes back late
and torn; accounts that are read and copied, never lent; and an appraisal, a list, a review, an approval and two persons who destroy and sign."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

TODAY = datetime.now(timezone(timedelta(hours=8))).date()  # the company's date is China's
REPLIED = TODAY.year
ANSWER = f"{REPLIED}-01-08"


def day(n):
    return (TODAY + timedelta(days=n)).isoformat()


MONTH_END = ((TODAY.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).isoformat()


def keeper(c):
    """How the first administrator, whose device is "admin", is called."""
    return next(p["name"] for p in c.ask("admin", "person", "list") if p["role"] == "archive_administrator" and p["name"] != "营业部经理")


def found(c, who, rule, record, on=None):
    return record in [f["record"] for f in findings(c, who, rule, on)]


def file(c):
    """The department writes; personnel and the archive administrator file. 质量 also has the function 人力资源部."""
    about = {"class": "行政综合类", "administration_kind": "发展规划、工作总结汇报", "year_rule": "reply", "year_from": ANSWER, "department": "质量部"}
    request = add(c, "质量", "document", title="S25 增设门店的请示", made_on=f"{REPLIED - 1}-12-20", version="请示", copies="1", pages="3", hand_in_by=day(-1), **about)
    reply = add(c, "质量", "document", title="S25 关于增设门店的批复", made_on=ANSWER, version="批复", pair=request, copies="1", pages="1", hand_in_by=MONTH_END, **about)
    check(stands(c, "质量", request)["overdue"], "kept beyond the month's end")
    step(c, "质量", request, "hand_in", intact="是")
    step(c, "质量", reply, "hand_in", intact="是")
    check(any("质量" in f["who"] for f in findings(c, "质量", "document-monthly", MONTH_END)), "at month's end every department hands in")
    handed = add(c, "质量", "document_hand_in", date="今天", month_end=MONTH_END, department="质量部", none="否", items="S25 请示|行政综合类|1|3")
    check(not any("质量" in f["who"] for f in findings(c, "质量", "document-monthly", MONTH_END)), "this one has")
    c.settle(["质量", "admin", "人力"])
    step(c, "admin", handed, "refuse", comment="缺批复")
    c.settle(["admin", "质量"])
    check(handed in [m["record"] for m in today(c, "质量")["matters"]], "sent back, and not done with")
    c.satchel("质量", "record", "set", handed, "--field", "items=S25 请示|行政综合类|1|3\nS25 批复|行政综合类|1|1")
    step(c, "质量", handed, "hand_again")
    c.settle(["质量", "admin", "人力"])
    step(c, "admin", handed, "receive")
    volume = add(c, "admin", "document_volume", number="S25-1", title="S25 增设门店", year=str(REPLIED), **{"class": "行政综合类"},
                 contents="S25 请示|请示|1|3\nS25 批复|批复|1|1", copies_found="2", pages_found="3")
    step(c, "admin", request, "file", volume=volume, year=str(REPLIED - 1), keep="长期")
    check(found(c, "admin", "document-year", request) and found(c, "admin", "document-volume-year", request), "not its own year: that of the reply")
    c.satchel("admin", "record", "set", request, "--field", f"year={REPLIED}")
    step(c, "admin", reply, "file", volume=volume, year=str(REPLIED), keep="定期", keep_until=day(30))
    check(found(c, "admin", "document-volume-count", volume), "one page is missing")
    c.satchel("admin", "record", "set", volume, "--field", "pages_found=4")
    step(c, "admin", volume, "close", complete="是")
    return request, reply


def hand_in(c):
    contract = add(c, "客服经理", "document_report", title="S25 供货合同", kind="合同", department="客户服务部", hand_in_by="+2", copies="2", pages="12")
    step(c, "客服经理", contract, "hand_in")
    c.settle(["客服经理", "总经理", "质量", "admin"])
    c.satchel("总经理", "step", contract, "copy")
    c.satchel("质量", "step", contract, "copy")
    c.settle(["总经理", "质量", "客服经理"])
    copies = stands(c, "客服经理", contract)["copies"]
    check(all(copy["at"] for copy in copies), f"both have it: {copies}")


def borrow(c):
    """甲 borrows, and is offline when it is due; nobody lends accounts."""
    about = dict(date=day(-9), title="S25 展会录像", borrower="甲", department="销售部", purpose="培训", scope="全部", due_back=day(-2))
    c.satchel("甲", "record", "add", "loan", *[x for k, v in {**about, "class": "会计档案", "promise": "是"}.items() for x in ("--field", f"{k}={v}")], ok=(1, 2, 4))
    slip = add(c, "甲", "loan", promise="是", **{"class": "声像档案"}, **about)
    step(c, "甲", slip, "allow", ok=(4,))
    c.settle(["甲", "经理", "admin"])
    step(c, "admin", slip, "allow")
    step(c, "admin", slip, "hand_out", lent_on=day(-9))
    c.settle(["admin", "甲"])
    out = stands(c, "甲", slip)
    check(out["state"] == "out" and out["overdue"], f"two days late: {out}")
    check(found(c, "甲", "loan-overdue", slip) and slip in [m["record"] for m in today(c, "甲")["matters"]], "he is reminded")
    step(c, "甲", slip, "give_back", returned_on="今天")
    c.settle(["甲", "admin"])
    step(c, "admin", slip, "report_damage", comment="封套撕破", condition="撕毁")
    check(found(c, "admin", "loan-damaged", slip), "torn")
    step(c, "admin", slip, "settle", comment="照价赔偿")
    c.settle(["admin", "甲"])


def accounts(c):
    ledger = add(c, "财务", "document_account", title="S25 总账", number="S25-K1", kind="会计账簿", year=str(REPLIED), pages="300", in_finance="是")
    c.settle(["财务", "质量", "客服", "总经理", "人力"])
    wrong = add(c, "质量", "loan", date="今天", title="S25 总账", document=ledger, borrower="质量", purpose="核对", scope="全部", due_back="+1", promise="是", **{"class": "文书档案"})
    inside = add(c, "质量", "account_reading", date="今天", accounts="S25 总账", account=ledger, reader="质量", department="质量部", purpose="核对退货")
    visit = add(c, "客服", "account_visit", date="今天", accounts="S25 总账", unit="S25 税务所", readers="周科长", purpose="年度检查")
    c.settle(["质量", "客服", "财务", "总经理", "admin"])
    check(found(c, "admin", "loan-accounts", wrong), "a slip for accounts is found")
    step(c, "质量", inside, "consent", ok=(4,))
    step(c, "财务", inside, "consent")
    step(c, "财务", visit, "consent", ok=(4,))  # of outsiders the leadership decides
    step(c, "总经理", visit, "consent", ok=(2, 4))  # and not without the letter
    letter = c.folder / "S25 公文.txt"
    letter.write_text("税务所 第25号", encoding="utf-8")
    c.satchel("客服", "attach", visit, letter)
    c.satchel("客服", "record", "set", visit, "--field", "letter_number=税2025-25", "--field", f"letter={letter.name}", "--field", "copy_pages=2")
    c.settle(["客服", "财务", "质量", "总经理"])
    step(c, "总经理", visit, "consent")
    c.settle(["总经理", "财务"])
    step(c, "财务", visit, "close", stayed="是", unaltered="是")
    check(found(c, "财务", "account-visit-copied", visit), "they copied two pages that nobody allowed")
    step(c, "质量", inside, "ask_copy", copy_what="第12页", copy_pages="1")
    check(found(c, "质量", "account-reading-copied", inside), "nothing is copied before he says so")
    c.settle(["质量", "财务"])
    step(c, "财务", inside, "allow_copy")
    step(c, "财务", inside, "close", ok=(4,), stayed="是", unaltered="是")
    step(c, "财务", inside, "close_copied", stayed="是", unaltered="是")
    check(not found(c, "财务", "account-reading-copied", inside), "copied with his consent")


def destroy(c, request, reply):
    check(found(c, "admin", "document-keep-until", reply, day(31)), "kept long enough")
    looked = add(c, "admin", "document_appraisal", date="今天", range="S25 行政综合类", members=f"{keeper(c)}、质量", examined="2", kept="0", worthless="2")
    listed = add(c, "admin", "destruction_list", number="S25-X1", date="今天", title="S25 到期文书", appraisal=looked, items="S25-1|S25 请示|今年|1|3|失去价值\nS25-1|S25 批复|今年|1|1|失去价值", reason="失去保存价值", complete="是")
    step(c, "admin", listed, "submit")
    for document in (request, reply):
        step(c, "admin", document, "list", destruction_list=listed)
    c.settle(["admin", "人力", "总经理"])
    step(c, "人力", listed, "review")
    step(c, "人力", listed, "approve", ok=(4,))  # also 公司领导, but the reviewer does not approve
    c.settle(["人力", "总经理"])
    step(c, "总经理", listed, "approve")
    c.settle(["总经理", "人力", "admin"])
    step(c, "admin", listed, "sign", destroyed_on="今天", means="碎纸", present=f"{keeper(c)}、人力")
    check(stands(c, "admin", listed)["state"] == "approved", "one signature is not two")
    c.settle(["admin", "人力"])
    step(c, "人力", listed, "sign")
    check(found(c, "人力", "destruction-left-document", request) and found(c, "人力", "destruction-left-document", reply), "both documents are still there")
    for document in (request, reply):
        step(c, "人力", document, "destroy", destroyed_on="今天")
    c.settle(["人力", "admin"])
    step(c, "admin", reply, "destroy")
    left = [found(c, "admin", "destruction-left-document", document) for document in (request, reply)]
    check(left == [True, False], f"one is gone, of the other one signature is missing: {left}")
    step(c, "admin", request, "destroy")
    check(not found(c, "admin", "destruction-left-document", request), "gone")


def play(c):
    request, reply = file(c)
    hand_in(c)
    borrow(c)
    accounts(c)
    destroy(c, request, reply)
    lent = report(c, "甲", "loan-register")["totals"]
    check([lent[k] for k in ("loans", "back", "late", "on_time", "damaged")] == [1, 1, 1, 0, 1], f"one loan, late and damaged: {lent}")
    signed = {l["texts"]["number"]: l["texts"]["present"] for l in report(c, "admin", "destruction-register")["lines"]}
    check(set(signed["S25-X1"].split("、")) == {keeper(c), "人力"}, f"the register of destruction says who took part: {signed}")
