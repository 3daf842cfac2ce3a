# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the plays of the systems share: recording, taking steps, asking where something stands."""
import json
from datetime import datetime, timedelta, timezone

from company import Failed


def now():
    """The company's time, which is China's: deadlines are judged by it."""
    return datetime.now(timezone(timedelta(hours=8)))


def day(offset=0):
    return (now() + timedelta(days=offset)).date().isoformat()


def check(holds, what):
    if not holds:
        raise Failed(what)


def _fields(fields):
    words = []
    for name, text in fields.items():
        words += ["--field", f"{name}={text}"]
    return words


def add(c, who, template, customer=None, **fields):
    where = ["--customer", customer] if customer else []
    return c.ask(who, "record", "add", template, *where, *_fields(fields))["id"]


REFUSED = (2, 3, 4, 5)  # something is missing, not to be seen, not one's own, not open where it stands


def step(c, who, record, name, comment=None, ok=(0,), **fields):
    why = ["--comment", comment] if comment else []
    if 0 not in ok:
        ok = REFUSED
    done = c.satchel(who, "--json", "step", record, name, *why, *_fields(fields), ok=ok)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def stands(c, who, record):
    return c.ask(who, "step", record)


def findings(c, who, rule, on=None):
    return c.ask(who, "rules", rule, "--all", *(["--on", str(on)] if on else []))["findings"]


def report(c, who, name, **params):
    words = []
    for key, text in params.items():
        words += ["--param", f"{key}={text}"]
    return c.ask(who, "report", name, *words)


def today(c, who):
    return c.ask(who, "today")
