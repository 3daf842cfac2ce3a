# SPDX-License-Identifier: AGPL-3.0-or-later
"""S6, complaints: mould taken up in the field is returned unconditionally, a service complaint ends in a reprimand, a question of taste
becomes a special case, leaking bottles were badly stored, a misunderstanding is explained; feedback, verification and the month's
statistics."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step

SHOP = "S06 王府饮品"
OFFICE, HEAD, LAB = "客服", "客服经理", "质量"


def play(c):
    now = datetime.now(timezone(timedelta(hours=8)))
    day = lambda n: (now + timedelta(days=n)).strftime("%Y-%m-%d")
    at = lambda hours: (now + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "distributor", "--field", "phone=13800000606")
    c.settle(["甲", "经理"])
    for who in (OFFICE, HEAD, LAB):
        c.satchel("经理", "grant", SHOP, who)
    c.settle(["经理", "admin", OFFICE, HEAD, LAB])
    made = [mould(c, day, at), service(c, day, at), taste(c, day, at), leaking(c, day, at), misunderstood(c, day, at)]
    kept(c, made[0])
    closing(c, made, day, at)


def take(c, who, channel, content, at, since=0, **more):
    return add(c, who, "complaint", SHOP, received=at(since), channel=channel, name="王老板", address="王府街8号", phone="13800000606", content=content, **more)


def mould(c, day, at):
    # 甲 stands in the shop without a line: the complaint and the return are written and registered there.
    told = take(c, "甲", "口头", "橙汁瓶口发霉", at, product="橙汁")
    back = add(c, "甲", "complaint_return", SHOP, complaint=told, product="橙汁", quantity="20", kind="发霉", left_warehouse=day(-10), found_on=day(0))
    step(c, "甲", told, "register", type="退货")
    step(c, "甲", told, "to_return", return_kind="发霉", ok=(4,))  # the office passes it on
    c.settle(["甲", OFFICE, LAB])
    step(c, OFFICE, told, "to_service", service_kind="工作态度", ok=(4,))  # a return is not the office's own
    step(c, OFFICE, told, "to_return", return_kind="发霉")
    late = [f["record"] for f in findings(c, OFFICE, "complaint-3wd", on=day(15))]
    check(told in late, f"within 3 working days: {late}")
    c.settle([OFFICE, LAB])
    step(c, LAB, back, "accept_mould", verified="出库10天，属实", ok=(2, 4, 5))  # without the delivery audit
    step(c, LAB, back, "accept_mould", verified="出库10天，属实", audit_number="CK-1127")
    step(c, LAB, told, "accept_return", cause="瓶口密封不严", return_form=back)
    c.settle([LAB, OFFICE])
    step(c, OFFICE, back, "return", goods_back=day(0))
    step(c, OFFICE, told, "returned", answer="已退20箱", answered_at=at(1))
    again = add(c, OFFICE, "complaint_return", SHOP, complaint=told, product="橙汁", quantity="1", kind="发霉", left_warehouse=day(-12), found_on=day(0))
    c.settle([OFFICE, LAB])
    step(c, LAB, again, "refuse", comment="仓库潮湿", verified="仓储不当")
    c.settle([LAB, OFFICE])
    wrong = [f["record"] for f in findings(c, OFFICE, "complaint-return-wrongly-refused")]
    check(again in wrong and back not in wrong, f"mould within 15 days is not refused: {wrong}")
    return told


def service(c, day, at):
    told = take(c, OFFICE, "电话", "送货员态度恶劣", at, contacted="仓储")
    open_calls = lambda: [f["record"] for f in findings(c, OFFICE, "complaint-phone-answer", on=day(2))]
    check(told in open_calls(), "by telephone: 24 hours")
    add(c, OFFICE, "complaint_inquiry", SHOP, asked_at=at(0), name="王老板", content="送货员态度", at_once="否", complaint=told, answer="三日内处理", answered_at=at(1))
    check(told not in open_calls(), "the answer is in the register")
    step(c, OFFICE, told, "register", type="服务")
    step(c, OFFICE, told, "to_service", service_kind="工作态度")
    step(c, OFFICE, told, "reprimand", staff="小刘", penalty="通报批评，扣奖金100元")
    add(c, OFFICE, "complaint_reprimand", date="今天", complaint=told, person="小刘", kind="工作态度", text="对客户无礼，通报批评")
    step(c, OFFICE, told, "tell_customer", answer="已通报批评并处罚", answered_at=at(2))
    return told


def taste(c, day, at):
    told = take(c, OFFICE, "书面", "口感发苦", at, product="橙汁")
    check(told in [f["record"] for f in findings(c, OFFICE, "complaint-letter-confirm", on=day(2))], "in writing: confirmed within 24 hours")
    step(c, OFFICE, told, "report_office")
    step(c, OFFICE, told, "register", type="产品质量", quality_kind="口感", confirmed_at=at(0))
    step(c, OFFICE, told, "to_quality", department="质量部")
    c.settle([OFFICE, LAB, HEAD])
    step(c, LAB, told, "quality_report", cause="原料批次差异，须化验")
    step(c, LAB, told, "promise", plan="化验并更换批次", promised_at=at(0))
    c.settle([LAB, HEAD])
    step(c, HEAD, told, "make_special", ok=(2, 4, 5))  # must say why
    step(c, HEAD, told, "make_special", comment="化验须五天")
    c.settle([HEAD, LAB])
    there = stands(c, LAB, told)
    check(there["state"] == "special" and str(there["due"])[:10] > day(7), f"7 working days are more than 7 days: {there}")
    step(c, LAB, told, "answer_promised", answer="已更换批次", answered_at=at(3))
    c.settle([LAB, OFFICE])
    return told


def leaking(c, day, at):
    """Passed on by 甲; nine days old when it is taken up."""
    told = take(c, "甲", "转交", "瓶盖渗漏", at, since=-216, passed_by="超市店长", product="橙汁")
    step(c, "甲", told, "register", type="退货")
    check(stands(c, "甲", told)["late"], "not registered within 24 hours")
    c.settle(["甲", OFFICE])
    back = add(c, OFFICE, "complaint_return", SHOP, complaint=told, product="橙汁", quantity="3", kind="渗漏（仓储不当）", left_warehouse=day(-20), found_on=day(-9))
    step(c, OFFICE, told, "to_return", return_kind="客户仓储不当（包装发霉、瓶盖扭断、渗漏）")
    c.settle([OFFICE, LAB])
    for name in ("accept", "accept_mould"):
        step(c, LAB, back, name, ok=(4,), verified="堆放过高")  # bad storage is no quality matter
    step(c, LAB, told, "accept_return", ok=(4,), cause="堆放过高", return_form=back)
    step(c, LAB, back, "refuse", comment="堆放过高压坏", verified="仓储不当")
    step(c, LAB, told, "refuse_return", comment="不属于质量事故", cause="堆放过高", answer="不予退货，已说明堆放要求")
    c.settle([LAB, OFFICE])
    check(stands(c, OFFICE, back)["state"] == "refused", "no return")
    return told


def misunderstood(c, day, at):
    asked = take(c, OFFICE, "电话", "发票何时开", at)
    step(c, OFFICE, asked, "answer_at_once", answer="随货附上", answered_at=at(0))
    check(stands(c, OFFICE, asked)["state"] == "answered", "what can be answered at once is")
    told = take(c, OFFICE, "口头", "以为业务员收了现金不入账", at)
    step(c, OFFICE, told, "register", type="误解")
    step(c, OFFICE, told, "to_explain")
    step(c, OFFICE, told, "explain", ok=(4,), answer="已入账", answered_at=at(1))  # its head explains
    c.settle([OFFICE, HEAD])
    step(c, HEAD, told, "explain", answer="出示收据，误会消除", answered_at=at(1))
    c.settle([HEAD, OFFICE])
    return told


def kept(c, told):
    """An important one is kept long term: the program looks before it destroys."""
    c.settle([OFFICE, "admin"])
    looked = lambda: c.ask("admin", "destroy", "propose", SHOP, "--reason", "retention_over", ok=(0, 5))["archives"][0]["found"]
    until = lambda: [f["until"] for f in looked() if f["what"] == "retention"]
    check(len(until()) == 1 and until() != ["long-term"], f"kept for a time: {until()}")
    add(c, OFFICE, "complaint_important", SHOP, complaint=told, date="今天", reason="批量质量问题")
    c.settle([OFFICE, "admin"])
    check(until() == ["long-term"], f"and now long term: {until()}")


def closing(c, made, day, at):
    for told in made:
        check(stands(c, OFFICE, told)["state"] == "handled", "handled")
        check(told in [f["record"] for f in findings(c, OFFICE, "complaint-feedback-form", on=day(2))], "the feedback form within 24 hours")
        add(c, OFFICE, "complaint_feedback", SHOP, complaint=told, sent_at=at(4), result="已处理", replied_at=at(5), accepts="认可", opinion="满意")
        step(c, OFFICE, told, "send_feedback")
        step(c, OFFICE, told, "accepted")
    chosen = [f["record"] for f in findings(c, OFFICE, "complaint-sample") if f["record"] in made]
    check(chosen, "some are to be verified")
    proof = add(c, OFFICE, "complaint_verification", SHOP, complaint=chosen[0], date="今天", department="质量部", result="属实", findings="电话核实无误")
    step(c, OFFICE, proof, "confirm")
    c.settle([OFFICE, HEAD])
    types = {g["texts"]["type"]: g["measures"] for g in report(c, HEAD, "complaint-statistics", **{"from": day(-10), "to": day(0)})["groups"]}
    check((types["退货"]["mould"], types["退货"]["storage"], types["服务"]["attitude"], types["产品质量"]["taste"]) == (1, 1, 1, 1), f"by class: {types}")
    check((types["退货"]["n"], types["退货"]["late"], types["误解"]["n"], types["误解"]["late"]) == (2, 1, 1, 0), f"and on time: {types}")
    better = add(c, OFFICE, "complaint_improvement", date="今天", period=f"{day(-30)}..{day(0)}", findings="封口机老化", measures="更换封口机", department="质量部",
                 responsible=LAB, due=day(20))
    c.settle([OFFICE, HEAD, LAB])
    step(c, HEAD, better, "decide")
    c.settle([HEAD, LAB])
    step(c, LAB, better, "do", effect="发霉率降为零")
    c.settle([LAB, OFFICE])
    step(c, OFFICE, better, "verify")
