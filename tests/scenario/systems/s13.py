# SPDX-License-Identifier: AGPL-3.0-or-later
"""S13, complaint archive: complaints come by several channels and from a department, are sorted, filed and catalogued; the hot spot
is analysed and rectified until it is solved; a copy is given out under control, and a check goes wrong."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

SHOP = "S13 鼎湖酒楼"
SERVICE, MANAGER, LAB = "客服", "客服经理", "质量"


def play(c):
    now = datetime.now(timezone(timedelta(hours=8)))
    day = lambda n: (now + timedelta(days=n)).strftime("%Y-%m-%d")
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "company", "--field", "phone=13800001313")
    c.settle(["甲", "经理"])
    for who in (SERVICE, MANAGER, LAB):
        c.satchel("经理", "grant", SHOP, who)
    c.settle(["经理", "admin", SERVICE, MANAGER, LAB])
    files = collect(c, day)
    catalogue(c, files, day)
    analyse(c, day)
    use(c, files, day)


def collect(c, day):
    # 甲 writes the first down on the road; it reaches the service department with his next sync.
    first = add(c, "甲", "complaint_file", SHOP, received=day(-3), channel="电话", name="何经理", content="送来的碗有缺口")
    handin = add(c, LAB, "complaint_handin", SHOP, date=day(0), department="质量部", kinds="检验报告、照片", content="三只碗的检验报告", pages="2")
    c.settle(["甲", LAB, SERVICE])
    step(c, SERVICE, first, "send_back", comment="请注明批号")
    step(c, SERVICE, handin, "take")
    late = [f["record"] for f in findings(c, SERVICE, "complaint-handin-unfiled", on=day(15))]
    check(handin in late, f"taken, but not filed: {late}")
    second = add(c, SERVICE, "complaint_file", SHOP, received=day(-1), channel="部门报送", department="质量部", handin=handin, content="检验三只碗，釉面开裂")
    third = add(c, SERVICE, "complaint_file", SHOP, received=day(-1), channel="社交媒体", content="同一件事又发了一次")
    late = [f["record"] for f in findings(c, SERVICE, "complaint-handin-unfiled", on=day(15))]
    check(handin not in late, "the file answers the hand-in")
    step(c, SERVICE, third, "sort", screening="重复", code="CP-01", topic="碗缺口", ok=(5,), **{"class": "产品质量"})  # only what is valid is filed
    step(c, SERVICE, third, "discard", comment="与电话投诉相同", screening="重复")
    c.settle([SERVICE, "甲"])
    step(c, "甲", first, "complete", comment="批号 0918")
    step(c, "甲", first, "sort", screening="有效", ok=(4,), **{"class": "产品质量"})  # the service department sorts
    c.settle(["甲", SERVICE])
    return [first, second]


def catalogue(c, files, day):
    for n, record in enumerate(files):
        step(c, SERVICE, record, "sort", screening="有效", code="CP-01", topic="碗缺口", **{"class": "产品质量"})
        step(c, SERVICE, record, "file", file_name="碗缺口", ok=(2, 4, 5))  # neither number nor date
        step(c, SERVICE, record, "file", cause="工艺", result="换货三只", file_name=f"鼎湖酒楼碗缺口{n + 1}", file_number="KS-13-1", filed_on=day(0))
    twice = {f["record"] for f in findings(c, SERVICE, "complaint-file-number-twice")}
    check(twice & set(files), f"a number used twice: {twice}")
    c.satchel(SERVICE, "record", "set", files[1], "--field", "file_number=KS-13-2", "--reason", "编号重复")
    check(not {f["record"] for f in findings(c, SERVICE, "complaint-file-number-twice")} & set(files), "put right")
    lines = [x["texts"] for x in report(c, SERVICE, "complaint-catalogue", customer=SHOP)["lines"]]
    check([x["file_number"] for x in lines] == ["KS-13-1", "KS-13-2"], f"the catalogue: {lines}")
    hot = {g["texts"]["topic"]: g["measures"]["n"] for g in report(c, SERVICE, "complaint-hot-spots")["groups"]}
    check(hot["碗缺口"] == 2, f"the hot spot, without what was discarded: {hot}")
    causes = {tuple(g["texts"].values()): g["measures"]["n"] for g in report(c, SERVICE, "complaint-causes")["groups"]}
    check(causes[("产品质量", "工艺")] == 2, f"and its cause: {causes}")


def analyse(c, day):
    study = add(c, SERVICE, "complaint_analysis", date=day(0), period=f"{day(-30)}..{day(0)}", common="碗缺口", hot="碗缺口", causes="窑温不稳", measures="更换测温仪")
    step(c, SERVICE, study, "submit")
    c.settle([SERVICE, MANAGER])
    step(c, MANAGER, study, "approve")
    c.settle([MANAGER, SERVICE])
    step(c, SERVICE, study, "feed_back", departments="质量部、生产部")
    fix = add(c, SERVICE, "complaint_rectification", date=day(0), analysis=study, department="质量部", responsible=LAB, problem="碗缺口", measure="更换测温仪", due=day(10))
    c.settle([SERVICE, LAB])
    c.satchel(LAB, "step", study, "copy")
    check(fix in [m["record"] for m in today(c, LAB)["matters"]], "it waits for whoever is responsible")
    step(c, LAB, fix, "accept", plan="本周换装")
    check(day(10) in str(stands(c, LAB, fix)["due"]), "by its own date")
    step(c, LAB, fix, "do", result="已换装")
    c.settle([LAB, SERVICE])
    step(c, SERVICE, fix, "not_solved", comment="仍有缺口", due=day(20))
    c.settle([SERVICE, LAB])
    step(c, LAB, fix, "do", result="窑温曲线也已调整")
    c.settle([LAB, SERVICE])
    step(c, SERVICE, fix, "solve", effect="一批两千只无缺口")
    c.settle([SERVICE, LAB])
    check(any(LAB in (x["who"], x["by"]) for x in stands(c, SERVICE, study)["copies"]), "the department has its copy")
    lines = [x["texts"] for x in report(c, SERVICE, "complaint-rectifications")["lines"] if x["texts"]["problem"] == "碗缺口"]
    check([x["result"] for x in lines] == ["窑温曲线也已调整"], f"followed until solved: {lines}")
    way = [p["state"] for p in stands(c, SERVICE, fix)["path"]]
    check(way == ["issued", "working", "done", "working", "done", "solved"], f"sent round again once: {way}")


def use(c, files, day):
    asked = add(c, LAB, "complaint_file_use", date=day(0), department="质量部", purpose="内审", mode="复制", files="KS-13-1", copies="1")
    c.settle([LAB, SERVICE, MANAGER])
    step(c, SERVICE, asked, "grant_copy", ok=(4,))  # a copy is for the manager to grant
    step(c, MANAGER, asked, "grant", ok=(4,))  # nor is it granted as mere reading
    step(c, MANAGER, asked, "grant_copy")
    query = add(c, LAB, "complaint_file_use", date=day(0), department="质量部", purpose="同类投诉", mode="查询", files="KS-13-2")
    curious = add(c, LAB, "complaint_file_use", date=day(0), department="质量部", purpose="随便看看", mode="查阅", files="KS-13-1")
    step(c, LAB, query, "grant", ok=(4,))  # not what one asked for oneself
    c.settle([LAB, SERVICE, MANAGER])
    step(c, SERVICE, query, "grant")
    step(c, SERVICE, curious, "refuse", comment="与工作无关")
    audit = add(c, MANAGER, "complaint_file_check", date=day(0), department="客户服务部", checked="2")
    step(c, MANAGER, audit, "demand", findings="保管人未填", guidance="当日补填", responsible=SERVICE)
    c.settle([MANAGER, SERVICE])
    step(c, SERVICE, curious, "use", ok=(5,), used_on=day(0))
    for record in (asked, query):
        step(c, SERVICE, record, "use", used_on=day(0))
    gaps = {f["record"] for f in findings(c, SERVICE, "complaint-file-complete")}
    check(set(files) <= gaps, f"the keeper is missing: {gaps}")
    for record in files:
        c.satchel(SERVICE, "record", "set", record, "--field", f"keeper={SERVICE}", "--reason", "补填保管人")
    gaps = {f["record"] for f in findings(c, SERVICE, "complaint-file-complete")}
    check(not set(files) & gaps, "filled in")
    step(c, SERVICE, audit, "correct", correction="已补填")
    totals = report(c, SERVICE, "complaint-file-uses")["totals"]
    check([totals[m] for m in ("n", "copies", "refused")] == [3, 1, 1], f"registered: {totals}")
    c.settle([SERVICE, MANAGER])
    checks = report(c, MANAGER, "complaint-file-checks")["totals"]
    check([checks[m] for m in ("n", "files", "found", "accountable")] == [1, 2, 1, 0], f"one check, put right: {checks}")
