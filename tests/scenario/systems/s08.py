# SPDX-License-Identifier: AGPL-3.0-or-later
"""S8: documents go into the archive office: a contract that is sent back once, numbered and filed; a number given twice; the store
inspected and found damp; a query under secrecy; and after the term a verified document that two persons destroy."""

from scenes import add, check, day, findings, report, stands, step, today

NAME = "S08 福田百货"
CONTRACT = dict(collected_on="今天", content="客户合同", contract_kind="销售合同", customer_class="企业客户", department="销售部", head="经理")


def mine(c, who, rule, on=None):
    return [f["record"] for f in findings(c, who, rule, on) if f["customer"] == NAME]


def collect(c):
    """甲 registers offline, at the customer's; he syncs afterwards."""
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "company", "--field", "phone=0755-80000801")
    contract = add(c, "甲", "office_file", NAME, title="2026年供货合同", **CONTRACT)
    scan = c.folder / "S08合同.txt"
    scan.write_text("供货合同\n", encoding="utf-8")
    c.satchel("甲", "attach", contract, scan)
    basic = add(c, "甲", "office_file", NAME, title="客户基本信息表", collected_on="今天", content="客户基本信息", customer_class="个人客户",
                department="销售部", head="经理")
    check(mine(c, "甲", "office-basic-individual") == [], "a name and a telephone number are there")
    c.settle(["甲", "经理", "admin"])
    check(mine(c, "admin", "office-class") == [basic], "the card says a company, the document an individual")
    c.satchel("甲", "record", "set", basic, "--field", "customer_class=企业客户", "--reason", "选错")
    check(mine(c, "甲", "office-basic-company") == [basic], "a company's card lacks capital, founding day and representative")
    return contract, basic


def sort_and_file(c, contract, basic):
    check(contract in [m["record"] for m in today(c, "admin")["matters"]], "the office has to sort it")
    step(c, "admin", contract, "send_back", comment="缺最后一页")
    c.settle(["admin", "甲"])
    step(c, "甲", contract, "sort", ok=(4,))  # the office's work, not his
    step(c, "甲", contract, "complete")
    c.settle(["甲", "admin"])
    step(c, "admin", contract, "sort", ok=(2, 4))  # no number yet
    step(c, "admin", contract, "sort", document_class="合同类", number="S08-合同-0001", whole="是")
    step(c, "admin", contract, "file", filed_on="今天", place="A柜3格", keeper="经理", keep_until=day(30))
    check(contract not in [m["record"] for m in today(c, "admin")["matters"]], "on its shelf it is nobody's matter")
    step(c, "admin", basic, "sort", document_class="基本信息类", number="S08-合同-0001", whole="是")
    twice = mine(c, "admin", "office-number-twice")
    check(basic in twice or contract in twice, f"a number was given twice: {twice}")
    c.satchel("admin", "record", "set", basic, "--field", "number=S08-基本-0001", "--reason", "编号重复")
    check(mine(c, "admin", "office-number-twice") == [], "not any more")
    step(c, "admin", basic, "file", filed_on="今天", place="A柜1格", keeper="经理")
    paper = add(c, "admin", "paper", NAME, title="2026年供货合同", kind="原件", number="S08-合同-0001", cabinet="A柜", folder="3格", keeper="经理",
                pages="12", of_record=contract, agrees="否", difference="缺附件二", checked_on="今天")
    check(mine(c, "admin", "paper-disagrees") == [paper], "the paper does not agree with what was scanned")
    c.satchel("admin", "record", "set", paper, "--field", "agrees=是", "--reason", "附件已补")
    check(mine(c, "admin", "paper-disagrees") == [], "now it does")
    c.settle(["admin", "甲", "经理"])


def keep(c):
    fit = dict(ventilated="合格", dry="合格", insects="合格", fire="合格", theft="合格", in_order="合格")
    look = add(c, "admin", "office_inspection", date="今天", room="S08 总部档案室", damp="不合格", **fit)
    overlooked = add(c, "admin", "office_inspection", date="今天", room="S08 分库", damp="不合格", **fit)
    step(c, "admin", overlooked, "good")
    check(overlooked in [f["record"] for f in findings(c, "admin", "office-store-bad")], "what is bad is not good by saying so")
    step(c, "admin", look, "report", problem="墙面返潮")
    check(look in [f["record"] for f in findings(c, "admin", "office-store-bad")], "the store is damp")
    step(c, "admin", look, "handle", remedy="已装除湿机", handled_on="今天")
    check(look not in [f["record"] for f in findings(c, "admin", "office-store-bad")], "handled")
    check(findings(c, "admin", "office-store-inspection") == [], "this month's inspection was made")


def query(c):
    asked = add(c, "admin", "office_query", NAME, date="今天", asker="乙", department="深圳分公司", asked_for="付款条款", purpose="续签谈判", secrecy="是")
    step(c, "admin", asked, "answer", answer="月结三十天", copied="否")
    open_one = add(c, "admin", "office_query", NAME, date="今天", asker="乙", asked_for="全部往来函件", purpose="了解", secrecy="否")
    check(mine(c, "admin", "office-query-no-secrecy") == [open_one], "secrecy was not promised")
    step(c, "admin", open_one, "answer", answer="三封", ok=(4,))  # so nothing is answered
    step(c, "admin", open_one, "refuse", comment="未承诺保密")


def destroy(c, contract):
    """The term is over. Verified first; without a list nothing is destroyed, and one person is not two."""
    check(mine(c, "admin", "office-keep-until", day(31)) == [contract], "kept long enough")
    step(c, "admin", contract, "verify", verified_on="今天", archive_complete="是")
    step(c, "admin", contract, "destroy", ok=(2, 4), means="碎纸", destroyed_on="今天")
    listed = add(c, "admin", "destruction_list", number="S08-销毁-1", date="今天", title="S08 到期合同", items="S08-合同-0001|2026年供货合同|2026|1|12|已过保管期",
                 reason="已过保管期", complete="是", means="碎纸")
    step(c, "admin", contract, "destroy", means="碎纸", destroyed_on="今天", destruction_list=listed)
    check(stands(c, "admin", contract)["state"] == "verified", "one has signed")
    c.settle(["admin", "经理"])
    step(c, "经理", contract, "destroy")
    check(stands(c, "经理", contract)["state"] == "destroyed", "two have")
    c.settle(["经理", "admin"])
    check(mine(c, "admin", "office-list-not-signed") == [contract], "but the list itself was never reviewed, approved and signed")


def play(c):
    contract, basic = collect(c)
    sort_and_file(c, contract, basic)
    keep(c)
    query(c)
    destroy(c, contract)
    register = report(c, "admin", "office-register")
    check(register["totals"]["documents"] == 2, f"both stand in 档案登记表: {register['totals']}")
    check(report(c, "admin", "office-destroyed")["totals"]["documents"] == 1, "and one in the register of destruction")
    queries = report(c, "admin", "office-queries")["totals"]
    check(queries["queries"] == 2 and queries["copies"] == 0, f"two queries, no copies: {queries}")
