#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A hub that is told to stop while three devices push: it says goodbye, commits what it took, answers for it, and is gone within
what a service manager allows; what a device was told is there, and the rest goes with the next sync. And the service it runs
as: the unit it prints, judged by systemd's own tools where they are, and what it tells the manager while it runs."""
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from company import BIN, Company, Failed, play

VISITS = 6000
STOP_SECONDS_MAX = 30
EXPOSURE_MAX = 2.0
SALES = ["甲", "乙", "丙"]


def check(holds, what):
    if not holds:
        raise Failed(what)


def noise(i):
    """Text that does not compress, so that pushing takes a while."""
    chance = random.Random(i)
    return "".join(chr(0x4e00 + chance.randrange(20000)) for _ in range(400))


def entries(c, hub):
    out = c.satcheld("--json", "status", "--data", c.folder / hub).stdout
    return int(re.search(r'"entries":(\d+)', out).group(1))


def push(c, who, ends):
    # To that hub alone: without one that answers a device goes on with headquarters'.
    done = c.satchel(who, "--json", "sync", "--hub", f"127.0.0.1:{c.hubs['深圳']}", ok=range(256))
    ends[who] = (done.returncode, done.stdout, done.stderr)


def stop_in_the_middle(c):
    for who in SALES:
        c.write(who, [{"type": "visit", "customer": f"{who}的客户", "purpose": "拜访", "summary": f"第{i}次，" + noise(i)}
                      for i in range(VISITS)], batch=1000)
    before = entries(c, "深圳")
    ends = {}
    devices = [threading.Thread(target=push, args=(c, who, ends)) for who in SALES]
    for device in devices:
        device.start()
    deadline = time.monotonic() + 60
    while entries(c, "深圳") == before and time.monotonic() < deadline:
        pass
    taken = entries(c, "深圳") - before
    began = time.monotonic()
    hub = c.running["深圳"]
    c.stop("深圳")
    took = time.monotonic() - began
    for device in devices:
        device.join(120)
    check(hub.returncode == 0, f"the hub ended with {hub.returncode}")
    check(took < STOP_SECONDS_MAX, f"the hub took {took:.1f} s to stop")
    held = entries(c, "深圳") - before
    unsent = {who: c.ask(who, "status")["unsent"] for who in SALES}
    written = len(SALES) * VISITS
    told = written - sum(unsent.values())
    check(taken > 0, "nothing was pushed before the hub stopped")
    check(held >= told, f"devices were told of {told} entries, the hub has {held}")
    interrupted = [who for who, (code, _, _) in ends.items() if code == 8]
    for who, (code, out, err) in ends.items():
        check(code in (0, 8), f"{who}: exit {code}\n{out}\n{err}")
    print(f"stopped in {took:.2f} s with {held} of {written} taken and {told} told of; interrupted: {len(interrupted)}")
    c.serve("深圳")
    for who in SALES:
        c.satchel(who, "sync")
        check(c.ask(who, "status")["unsent"] == 0, f"{who} has unsent work")
    check(entries(c, "深圳") - before == written, "the hub does not hold everything once")
    c.satcheld("verify", "--data", c.folder / "深圳")
    return interrupted


def judge_unit(c):
    data = c.folder / "深圳"
    unit = c.folder / "satcheld.service"
    unit.write_text(c.satcheld("unit", "--data", data).stdout, encoding="utf-8")
    check(f'ReadWritePaths="{data}"' in unit.read_text(encoding="utf-8"), "the unit does not name the folder")
    tool = shutil.which("systemd-analyze")
    if tool is None:
        print("systemd-analyze is not here: the unit was not judged")
        return
    verified = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    complaints = [line for line in (verified.stdout + verified.stderr).splitlines() if unit.name in line]
    check(not complaints, "systemd-analyze verify: " + "\n".join(complaints))
    judged = subprocess.run([tool, "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True, timeout=60)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    check(score is not None, "systemd-analyze security said nothing: " + judged.stdout[-500:] + judged.stderr)
    print(f"exposure {score.group(1)} (at most {EXPOSURE_MAX})")
    check(float(score.group(1)) <= EXPOSURE_MAX, f"exposure {score.group(1)}\n{judged.stdout}")


def tells_its_manager(c):
    c.stop("深圳")
    path = c.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(20)
        env = dict(c.env, NOTIFY_SOCKET=str(path), WATCHDOG_USEC="300000")
        hub = subprocess.Popen([str(BIN / "satcheld"), "--quiet", "serve", "--data", str(c.folder / "深圳")], env=env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            heard = [manager.recv(100) for _ in range(4)]
            check(heard == [b"READY=1"] + [b"WATCHDOG=1"] * 3, f"the manager heard {heard}")
            hub.send_signal(signal.SIGTERM)
            while heard[-1] == b"WATCHDOG=1":
                heard.append(manager.recv(100))
            check(heard[-1] == b"STOPPING=1", f"the manager heard {heard}")
            check(hub.wait(STOP_SECONDS_MAX) == 0, "the hub did not end well")
        finally:
            if hub.poll() is None:
                hub.kill()
                hub.wait()


def main():
    with Company("华兴食品") as c:
        c.found()
        c.branch("深圳")
        c.people([(who, "salesperson", "深圳") for who in SALES])
        for who in SALES:
            c.satchel(who, "customer", "add", "--name", f"{who}的客户", "--kind", "distributor")
            c.satchel(who, "sync")
        stop_in_the_middle(c)
        judge_unit(c)
        tells_its_manager(c)
    return 0


if __name__ == "__main__":
    play(main)
