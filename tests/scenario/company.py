# SPDX-License-Identifier: AGPL-3.0-or-later
"""A company of real processes on loopback, for the demo and the scenario tests.

Every hub and device is a process of build/bin; nothing here looks into their files. Call close() (or use it as a
context): it stops what it started, by process id, and removes its folder unless told to keep it.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wire import Wire

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("SATCHEL_BIN", ROOT / "build" / "bin"))


class Failed(Exception):
    pass


def play(main):
    """Runs a scenario's main(); what failed is its last word."""
    try:
        sys.exit(main())
    except Failed as failed:
        sys.exit(f"FAILED: {failed}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Company:
    def __init__(self, org, keep=False, lang="zh"):
        self.folder = Path(tempfile.mkdtemp(prefix="satchel-"))
        self.org, self.keep, self.lang = org, keep, lang
        self.hubs = {}
        self.running = {}
        self.env = dict(os.environ, SATCHEL_FLOOR_ARGON2="1")
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text("vier korrekte pferde batterie\n", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        if self.keep:
            return
        for name in list(self.running):
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- programs ----
    def run(self, program, *args, ok=(0,), stdin=None):
        done = subprocess.run([str(BIN / program), *map(str, args)], input=stdin, capture_output=True, text=True, env=self.env,
                              timeout=300)
        if done.returncode not in ok:
            raise Failed(f"{program} {' '.join(map(str, args))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def satchel(self, who, *args, ok=(0,), stdin=None):
        lang = [] if "--lang" in args else ["--lang", self.lang]
        return self.run("satchel", "--vault", self.folder / who, "--passphrase-file", self.passphrase, *lang, *args, ok=ok, stdin=stdin)

    def ask(self, who, *args, ok=(0,), stdin=None):
        """The same with --json, decoded."""
        return json.loads(self.satchel(who, "--json", *args, ok=ok, stdin=stdin).stdout)

    def satcheld(self, *args, ok=(0,)):
        return self.run("satcheld", *args, ok=ok)

    # ---- hubs ----
    def found(self):
        self.hubs["HQ"] = free_port()
        self.satcheld("init", "--data", self.folder / "HQ", "--org", self.org, "--listen", f"127.0.0.1:{self.hubs['HQ']}")
        self.serve("HQ")
        self.satchel("admin", "enrol", self.folder / "HQ" / "first-admin.invite")

    def serve(self, name):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen([str(BIN / "satcheld"), "serve", "--data", str(self.folder / name)], stdout=subprocess.PIPE, stderr=log,
                                   env=self.env, text=True)
        for line in process.stdout:
            if "ready" in line:
                self.running[name] = process
                return
        raise Failed(f"hub {name} did not start: {(self.folder / (name + '.log')).read_text()}")

    def stop(self, name, how=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def branch(self, name):
        self.satchel("admin", "branch", "add", name)
        invite = self.folder / f"{name}.invite"
        self.satchel("admin", "hub", "invite", "--branch", name, "--out", invite)
        self.hubs[name] = free_port()
        self.satcheld("join", "--data", self.folder / name, "--listen", f"127.0.0.1:{self.hubs[name]}", invite)
        self.serve(name)

    def lead_through_wire(self, branch):
        """The branch's line to headquarters, so that it can be cut without touching anybody else's."""
        wire = Wire(self.hubs["HQ"], keep=False)
        self.stop(branch)
        with open(self.folder / branch / "satcheld.toml", "a", encoding="utf-8") as config:  # [upstream] is its last section
            config.write(f'address_override = "127.0.0.1:{wire.port}"\n')
        self.serve(branch)
        return wire

    # ---- people ----
    def person(self, name, role, branch=None):
        self.people([(name, role, branch)])

    def people(self, staff):
        """Adds, invites, enrols and confirms (name, role, branch or None, functions) each; the devices work at the same time."""
        names = [name for name, *_ in staff]
        for name, role, branch, *functions in staff:
            where = ["--branch", branch] if branch else []
            for function in functions:
                where += ["--function", function]
            self.satchel("admin", "person", "add", "--name", name, "--role", role, *where)
            self.satchel("admin", "invite", name, "--out", self.folder / f"{name}.invite")
        with ThreadPoolExecutor(len(names)) as devices:
            enrolled = list(devices.map(lambda name: self.ask(name, "enrol", self.folder / f"{name}.invite"), names))
            for name, answer in zip(names, enrolled):
                self._confirm(name, answer["fingerprint"])
            list(devices.map(self._wait_for_confirmation, names))

    def _confirm(self, name, fingerprint):
        for _ in range(40):  # through a branch hub the enrolment reaches headquarters a moment later
            done = self.satchel("admin", "enrol", "confirm", name, "--fingerprint", fingerprint, ok=(0, 3))
            if done.returncode == 0:
                return
            time.sleep(0.25)
        raise Failed(f"the enrolment of {name} did not reach headquarters")

    def _wait_for_confirmation(self, name):
        for _ in range(40):
            if self.ask(name, "sync", ok=(0, 4, 8)).get("complete"):
                return
            time.sleep(0.25)
        raise Failed(f"{name} was not confirmed")

    def reader(self, name="reader"):
        self.satcheld("reader", "init", "--data", self.folder / name, "--hub-data", self.folder / "HQ", "--passphrase-file", self.passphrase)

    def reader_do(self, *args, ok=(0,), name="reader"):
        return self.satcheld("reader", args[0], "--data", self.folder / name, "--passphrase-file", self.passphrase, *args[1:], ok=ok)

    def write(self, who, records, batch=200):
        """Many records as JSON lines; every one must be taken."""
        lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        out = self.satchel(who, "add", "--stdin", "--batch", batch, stdin=lines).stdout
        answers = [json.loads(line) for line in out.splitlines()]
        bad = [a for a in answers if not a.get("ok")]
        if bad or len(answers) != len(records):
            raise Failed(f"{who}: {len(answers)} answers to {len(records)} records, refused: {bad[:3]}")
        return answers

    def settle(self, people, rounds=6, pause=0.3):
        """Everybody syncs until nobody has anything left to send or to get."""
        for _ in range(rounds):
            moved = 0
            for who in people:
                report = self.ask(who, "sync", ok=(0, 7))
                moved += report["sent"] + report["received"]
            time.sleep(pause)  # branch hubs forward by themselves
            if not moved:
                return
