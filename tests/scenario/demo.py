# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small company plays two days: offline work, a conflict, a link down, a hub killed in mid-sync; then headquarters reads.

Called by `./dev demo [--keep]`. Everything runs as real processes on loopback, in a folder of its own.
"""
import json
import random
import signal
import subprocess
import sys
import time

from company import BIN, Company, Failed

SHENZHEN, GUANGZHOU = "深圳", "广州"
PEOPLE = [("甲", "salesperson", SHENZHEN), ("乙", "salesperson", SHENZHEN), ("丙", "branch_manager", SHENZHEN),
          ("丁", "salesperson", GUANGZHOU), ("戊", "salesperson", GUANGZHOU), ("己", "branch_manager", GUANGZHOU)]
SALES = [p for p, role, _ in PEOPLE if role == "salesperson"]
DAYS = ["2026-11-20", "2026-11-21"]
SHOPS = ["福田百货", "罗湖商行", "南山超市", "宝安批发", "龙岗粮油", "盐田海味", "天河食品", "越秀商场", "海珠副食", "荔湾茶行", "白云粮油", "番禺百货"]
SAID = ["谈了新价格，希望月底前送样品。", "货架已重新陈列，补了两箱。", "对上次送货的破损表示不满，已登记。", "想了解新品的保质期。", "要求书面报价。"]


def step(text):
    print(f"\n== {text}", flush=True)


def show(done):
    print(done.stdout.rstrip(), flush=True)


def work_offline(company, rng):
    names = {}
    for i, shop in enumerate(SHOPS):
        owner = SALES[i * len(SALES) // len(SHOPS)]
        names.setdefault(owner, []).append(shop)
    for who, shops in names.items():
        records = [{"type": "customer", "name": s, "kind": "distributor", "phone": f"0755-83{rng.randrange(10**6):06d}"} for s in shops]
        for day in DAYS:
            for n in range(rng.randrange(6, 10)):
                records.append({"type": "visit", "customer": rng.choice(shops), "date": f"{day} {9 + n}:{rng.randrange(6)}0".replace(" 9:", " 09:"),
                                "purpose": "拜访", "summary": rng.choice(SAID), "next": "2026-12-01"})
        company.write(who, records)
        print(f"{who}：{len(shops)} 户档案，{len(records) - len(shops)} 次拜访，尚未联网")
    return names


def lead_directly(company, branch):
    config = company.folder / branch / "satcheld.toml"
    company.stop(branch)
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    config.write_text("".join(line for line in lines if not line.startswith("address_override")), encoding="utf-8")
    company.serve(branch)


def kill_in_mid_sync(company, who, rng):
    big = [{"type": "visit", "customer": "福田百货", "date": f"2026-11-21 {rng.randrange(9, 18):02d}:30", "purpose": "盘点",
            "summary": f"第{n}号货架：" + rng.choice(SAID)} for n in range(3000)]
    company.write(who, big, batch=1000)
    store = company.folder / SHENZHEN / "store" / "data.mdb"
    before = store.stat().st_mtime_ns
    sync = subprocess.Popen([str(BIN / "satchel"), "--vault", str(company.folder / who), "--passphrase-file", str(company.passphrase), "sync",
                             "--hub", f"127.0.0.1:{company.hubs[SHENZHEN]}"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=company.env)
    while store.stat().st_mtime_ns == before and sync.poll() is None:
        time.sleep(0.0005)  # until the hub begins to write down what comes
    company.stop(SHENZHEN, signal.SIGKILL)
    sync.wait()
    print(f"{SHENZHEN} 的节点在同步途中被 kill -9；{who} 的命令以 {sync.returncode} 结束")
    company.serve(SHENZHEN)
    report = company.ask(who, "sync", "--hub", f"127.0.0.1:{company.hubs[SHENZHEN]}")
    print(f"重启后再同步：发送 {report['sent']}，接受 {report['accepted']}")


def resolve_conflict(company):
    company.satchel("甲", "customer", "set", "福田百货", "--field", "grade=A")
    company.satchel("丙", "customer", "set", "福田百货", "--field", "grade=B")
    company.settle(["甲", "丙"])
    listed = company.satchel("丙", "conflicts", ok=(0, 5))
    show(listed)
    found = company.ask("丙", "conflicts", ok=(0, 5))["conflicts"]
    if len(found) != 1:
        raise Failed(f"expected one conflict, found {found}")
    company.satchel("丙", "conflicts", "resolve", found[0]["record"], found[0]["fields"][0].get("field", found[0]["fields"][0].get("id")), "--keep", "1", "--reason", "以本月销量为准")
    company.settle(["丙", "甲"])
    left = company.ask("甲", "conflicts", ok=(0, 5))["conflicts"]
    print(f"解决之后，甲的设备上还有 {len(left)} 个冲突")


def verify_all(company):
    bad = 0
    nodes = [(hub, company.satcheld("verify", "--data", company.folder / hub, ok=(0, 6))) for hub in company.hubs]
    nodes.append(("reader", company.reader_do("verify", ok=(0, 6))))
    nodes += [(who, company.satchel(who, "verify", ok=(0, 6))) for who in ["admin", *(p for p, _, _ in PEOPLE)]]
    for name, done in nodes:
        bad += done.returncode != 0
        print(f"{name}：{done.stdout.strip().splitlines()[-1]}")
    return bad


def wait_for_all(company):
    """Until headquarters reads every visit the salespeople have: branch hubs dial again by themselves, with growing pauses."""
    wanted = sum(len(company.ask(who, "visit", "list")["visits"]) for who in SALES)
    for _ in range(60):
        company.reader_do("sync")
        report = json.loads(company.reader_do("report", "daily-visits", "--date", DAYS[0], "--format", "json").stdout)
        read = report["rows"] + json.loads(company.reader_do("report", "daily-visits", "--date", DAYS[1], "--format", "json").stdout)["rows"]
        if read == wanted:
            return read
        time.sleep(0.5)
    raise Failed(f"headquarters reads {read} of {wanted} visits")


def play(company, rng):
    step("总部、阅读器、两个分公司、六台设备")
    company.found()
    company.reader()
    for branch in (SHENZHEN, GUANGZHOU):
        company.branch(branch)
    for name, role, branch in PEOPLE:
        company.person(name, role, branch)
        print(f"{name}（{role}，{branch}）已登记")
    wire = company.lead_through_wire(GUANGZHOU)
    step("两天离线工作")
    work_offline(company, rng)
    step("广州与总部断线；两地照常同步，广州的经理看得到广州，总部暂时只看得到深圳")
    wire.cut()
    company.settle(["丁", "戊", "己"])
    company.settle(["甲", "乙", "丙"])
    show(company.satchel("己", "visit", "list", "--date", DAYS[1]))
    show(company.satcheld("status", "--data", company.folder / GUANGZHOU))
    company.reader_do("sync")
    show(company.reader_do("report", "visits-by-branch", "--from", DAYS[0], "--to", DAYS[1]))
    step("深圳的节点在同步途中被杀掉")
    kill_in_mid_sync(company, "甲", rng)
    step("同一客户被两个人同时修改")
    resolve_conflict(company)
    step("线路恢复，全部同步")
    wire.mend()
    company.settle([p for p, _, _ in PEOPLE])
    visits = wait_for_all(company)
    print(f"总部读到 {visits} 次拜访")
    step("总部汇总日报 2026-11-20")
    show(company.reader_do("report", "daily-visits", "--date", DAYS[0]))
    step("各处持有")
    for hub in company.hubs:
        show(company.satcheld("status", "--data", company.folder / hub))
    for who in ("甲", "丙"):
        show(company.satchel(who, "status"))
    step("核验所有节点")
    return verify_all(company)


def main():
    keep = "--keep" in sys.argv[1:]
    started = time.monotonic()
    with Company("华兴食品", keep=keep) as company:
        try:
            bad = play(company, random.Random(20261122))
        except Failed as failed:
            print(f"\n{failed}", file=sys.stderr)
            return 1
        print(f"\n用时 {time.monotonic() - started:.0f} 秒；核验{'全部通过' if bad == 0 else f'有 {bad} 处失败'}")
        if keep:
            lead_directly(company, GUANGZHOU)  # its wire ends with this process
            print(f"\n仍在运行，文件夹 {company.folder}。继续：\n  build/bin/satchel --vault {company.folder}/甲 --passphrase-file {company.passphrase} today"
                  f"\n结束：kill {' '.join(str(p.pid) for p in company.running.values())}")
        return 0 if bad == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
