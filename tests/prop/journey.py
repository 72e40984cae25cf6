# Journeys a second time: random projects of a few journeys (entered by events,
# with if, per, again; exits by events and conditions, some of which send; holds
# with restarts or branches, until, set, split, if, loops, undo, for; exclusive,
# priority), random streams with late events, and in half of them an edit on the
# way, with or without migrate.  Each is played as the manual says, with nothing
# in mind but where each instance stands, against what cdp-journey sends and
# when, and what --explain then tells.  What differs is shrunk and printed.
# journey.py SEED RUNS
import json, os, random, shutil, subprocess, sys
from collections import Counter
from datetime import datetime, timedelta, timezone

BASE = datetime(2025, 3, 1, tzinfo=timezone.utc)


def stamp(s):
    return (BASE + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(text):
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return int((at.replace(tzinfo=timezone.utc) - BASE).total_seconds())


def length(text):
    return int(text[:-1])


# ---- what is generated ----


def times(r):
    return "%ds" % r.choice([3, 5, 10, 10, 25])


def trigger(r, names="ABC"):
    t = {"event": r.choice(names)}
    if r.random() < .4:
        t["where"] = {"properties.v": {"gt": r.randint(0, 3)}}
    return t


def state(r, t):
    """Sometimes a condition instead of an event."""
    return {"trait": "n", "gte": r.randint(2, 4)} if r.random() < .15 else t


def condition(r):
    p = r.random()
    return {"kept": "k", "gte": r.randint(1, 3)} if p < .5 else {"trait": "n", "gte": r.randint(1, 3)} \
        if p < .8 else {"not": {"kept": "m", "eq": "p"}}


def journey(r, key, rivals):
    n = r.randint(3, 8)
    ids = ["s%d" % i for i in range(n)]
    steps = []
    for i, name in enumerate(ids):
        ahead = lambda: r.choice(ids[i + 1:] or [name])
        s = {"id": name}
        kind = r.choice("hold hold events delay until set split if send send undo".split())
        if i == n - 1:
            kind = r.choice(["send", "end"])
        if kind == "hold":
            s["hold"] = times(r)
            if r.random() < .7:
                s["restart_on"] = trigger(r)
                if r.random() < .4:
                    s["restart_on"]["max"] = r.randint(1, 2)
                if r.random() < .4:
                    s["restart_on"]["up_to"] = "%ds" % (length(s["hold"]) + r.choice([0, 4, 9]))
                if r.random() < .5:
                    s["keep"] = {"k": "properties.v"}
        elif kind == "events":
            s["hold"] = {"events": [dict(state(r, trigger(r)), goto=ahead()) for _ in range(r.randint(1, 2))],
                         "timeout": times(r), "goto": ahead()}
        elif kind in ("delay", "until"):
            s[kind] = times(r) if kind == "delay" else "%ds" % r.choice([10, 25, 40])
        elif kind == "set":
            s["set"] = r.choice([{"k": r.randint(0, 4)}, {"m": "event.properties.c"},
                                 {"k": "event.properties.v", "m": "kept.k"}])
        elif kind == "split":
            s["split"] = [{"if": condition(r), "goto": ahead()} for _ in range(r.randint(1, 2))]
            if r.random() < .5:
                s["split"].append({"goto": ahead()})
        elif kind == "if":
            s.update({"if": condition(r), "goto": ahead()})
        elif kind == "end":
            s["end"] = "done"
        else:
            s.update({"send": "out", "action": "add"})
            if kind == "undo":
                s["undo"] = "remove"
                if r.random() < .5:
                    s["for"] = times(r)
        if kind in ("delay", "until", "send", "undo", "set") and i < n - 1 and r.random() < .2:
            s["then"] = ahead()
        if kind == "delay" and i > 0 and r.random() < .3:
            s.update({"then": r.choice(ids[:i]), "max_visits": r.randint(1, 3)})
        steps.append(s)
    j = {"enter": dict(trigger(r, "AB"), again=r.choice(["once", "each", "after_exit", "after_exit", "after_exit 12s",
                                                         "after 15s"])), "steps": steps}
    if r.random() < .2:
        j["enter"]["if"] = {"trait": "n", "gte": r.randint(1, 3)}
    if r.random() < .4:
        j["enter"]["per"] = "properties.c"
    if r.random() < .7:
        j["enter"]["keep"] = {"k": "properties.v"}
    if r.random() < .7:
        j["exit"] = [dict(state(r, trigger(r, "CD")), id="x%d" % i) for i in range(r.randint(1, 2))]
        if r.random() < .4:
            j["exit"][0].update({"send": "out", "action": "bye"})
    if rivals and r.random() < .8:
        j["exclusive"] = "one"
        if r.random() < .6:
            j["priority"] = r.randint(-1, 2)
    return j


def reachable(j):
    """Steps that nothing leads to are an error."""
    steps, seen, todo = j["steps"], set(), [0]
    at = {s["id"]: i for i, s in enumerate(steps)}
    while todo:
        i = todo.pop()
        if i in seen or i >= len(steps):
            continue
        seen.add(i)
        s = steps[i]
        if isinstance(s.get("hold"), dict):
            todo += [at[e["goto"]] for e in s["hold"]["events"]] + [at[s["hold"]["goto"]]]
            continue
        if "split" in s:
            todo += [at[b["goto"]] for b in s["split"]]
            if "if" not in s["split"][-1]:
                continue
        if "if" in s:
            todo.append(at[s["goto"]])
        if "end" not in s:
            todo.append(at[s["then"]] if "then" in s else i + 1)
    return len(seen) == len(steps)


def project(r):
    out, rivals, n = {}, r.random() < .5, r.randint(1, 3)
    while len(out) < n:
        key = "j%d" % len(out)
        j = journey(r, key, rivals and n > 1)
        if reachable(j):
            out[key] = j
    return out


def edit(r, js):
    """Another version of some of them: other times, steps that go or come."""
    out = json.loads(json.dumps(js))
    for j in out.values():
        if r.random() < .3:
            continue
        was = json.dumps(j)
        for s in j["steps"]:
            for k in ("delay", "until", "hold"):
                if isinstance(s.get(k), str) and "up_to" not in s.get("restart_on", {}):
                    s[k] = times(r)
            if r.random() < .2 and not s["id"].startswith("n"):
                old = s["id"]
                s["id"] = "n" + old
                for t in j["steps"]:
                    for b in [t] + t.get("split", []) + (t["hold"]["events"] + [t["hold"]]
                                                         if isinstance(t.get("hold"), dict) else []):
                        for k in ("goto", "then"):
                            if b.get(k) == old:
                                b[k] = s["id"]
        if json.dumps(j) != was and r.random() < .6:
            j["migrate"] = {s["id"][1:]: s["id"] for s in j["steps"]
                            if s["id"].startswith("n") and r.random() < .5}
    return out


def stream(r, late):
    out, t, n = [], 0, {}
    for i in range(r.randint(8, 40)):
        t += r.choice([0, 1, 1, 2, 3, 5, 8, 20])
        if r.random() < .12:
            out.append({"type": "clock", "now": stamp(t)})
            continue
        who = r.choice("pq")
        if r.random() < .2:
            n[who] = r.randint(0, 4)
        at = max(0, t - r.randint(1, 30)) if late and r.random() < .2 else t
        e = {"type": "track", "event": r.choice("AAABBCD"), "timestamp": stamp(at), "messageId": "m%04d" % i,
             "properties": {"v": r.randint(0, 5), "c": r.choice("pq")},
             "profile": {"id": "p_" + who, "traits": {"n": n[who]} if who in n else {}}}
        if r.random() < .15:
            del e["properties"]["c"]
        out.append(e)
    out.append({"type": "clock", "now": stamp(t + 2000)})
    return out


# ---- as the manual says ----


def path(v, p):
    for k in p.split("."):
        v = v.get(k) if isinstance(v, dict) else None
    return v


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


class Instance:
    def __init__(self, key, j, t, per, event, n):
        self.key, self.j, self.n = key, j, n
        self.entered = self.ref = t
        self.per, self.event, self.kept = per, event, {}
        self.step, self.due, self.ended, self.undo = 0, None, False, []
        self.arrived = self.here = self.since = 0
        self.visits, self.lines = {}, []


class Person:
    def __init__(self, who, out):
        self.who, self.out, self.all, self.traits, self.told = who, out, [], {}, []
        self.entries, self.ends, self.gone, self.now = {}, {}, {}, float("-inf")
        self.gone_by, self.over = {}, False

    def tell(self, i, step, action, t):
        self.out.append([t, self.who, i.key, step, action])
        self.did(i, t, action + " out", step)

    def did(self, i, t, what, step=None):
        """For the timeline, which has so many of a kind if one epoch has more."""
        if what == "waited anew" and (t, i.key, what, step) in i.lines:
            return
        i.lines.append((t, i.key, what, step))
        self.told.append((t, i.key, what, step))
        self.over |= sum(l[2] == "went on" for l in i.lines) > 12 or \
            sum(l[2] == "waited anew" for l in i.lines) > 4 or \
            sum(l[1] == i.key and l[2].startswith("ended") for l in self.told) > 4

    def when(self, i):
        return min([d for d in [i.due] + [u[2] for u in i.undo] if d is not None], default=None)

    def matches(self, i, w, e):
        """An event with a value of per concerns its instance, one without all of them."""
        if "if" in w and not self.holds(i, w["if"]):
            return False
        if "event" not in w:
            return self.holds(i, w)
        if e["event"] != w["event"]:
            return False
        for p, op in w.get("where", {}).items():
            v = path(e, p)
            if not is_number(v) or not v > op["gt"]:
                return False
        if i is None or "per" not in i.j["enter"]:
            return True
        v = path(e, i.j["enter"]["per"])
        return v is None or v == i.per

    def holds(self, i, c):
        if "not" in c:
            return not self.holds(i, c["not"])
        v = i.kept.get(c["kept"]) if "kept" in c else self.traits.get(c["trait"])
        return v == c["eq"] if "eq" in c else is_number(v) and v >= c["gte"]

    def index(self, i, name):
        return next(k for k, s in enumerate(i.j["steps"]) if s["id"] == name)

    def end(self, i, t, outcome):
        for step, action, _ in i.undo:
            self.tell(i, step, action, t)
        self.did(i, t, "ended as " + outcome)
        self.all.remove(i)
        self.later(self.ends, (i.key, i.per), t)

    def later(self, times, key, t):
        times[key] = max(t, times.get(key, t))

    def blank(self):
        """Of whom no journey knows anything the clock alone says what time it is."""
        return not (self.all or self.ends or self.gone)

    def finish(self, i, t, outcome):
        i.due, i.ended = None, outcome
        if all(u[2] is None for u in i.undo):
            self.end(i, t, outcome)

    def after(self, i, s):
        return self.index(i, s["then"]) if "then" in s else i.step + 1

    def walk(self, i, t):
        while i.step < len(i.j["steps"]):
            s = i.j["steps"][i.step]
            i.visits[s["id"]] = i.visits.get(s["id"], 0) + 1
            if i.visits[s["id"]] > s.get("max_visits", 100):
                return self.finish(i, t, "max_visits")
            if "end" in s:
                return self.finish(i, t, s["end"])
            wait, so = None, None
            if "hold" in s:
                wait = t + length(s["hold"]["timeout"] if isinstance(s["hold"], dict) else s["hold"])
                # A condition that holds already need not be waited for.
                so = next((b["goto"] for b in s["hold"]["events"] if "event" not in b and self.holds(i, b)), None) \
                    if isinstance(s["hold"], dict) else None
            elif "delay" in s:
                wait = t + length(s["delay"])
            elif "until" in s:
                wait = i.ref + length(s["until"])
            if so is not None:
                self.did(i, t, "went on", s["id"])
                i.step = self.index(i, so)
                continue
            if wait is not None and wait > t:
                i.due, i.arrived, i.since, i.here = wait, t, t, 0
                return
            if wait is not None:
                i.step = self.onward(i, s)
            elif "set" in s:
                i.kept = self.set(i, s["set"])
                i.step = self.after(i, s)
            elif "split" in s:
                self.did(i, t, "went on", s["id"])
                b = next((b for b in s["split"] if "if" not in b or self.holds(i, b["if"])), None)
                i.step = self.index(i, b["goto"]) if b else i.step + 1
            elif "if" in s:
                self.did(i, t, "went on", s["id"])
                i.step = self.index(i, s["goto"]) if self.holds(i, s["if"]) else i.step + 1
            else:
                self.tell(i, s["id"], s["action"], t)
                if "undo" in s:
                    # What is added again is undone once.
                    i.undo = [u for u in i.undo if u[0] != s["id"]]
                    i.undo.append([s["id"], s["undo"], t + length(s["for"]) if "for" in s else None])
                i.step = self.after(i, s)
        self.finish(i, t, "completed")

    def onward(self, i, s):
        """Where a wait that is over leads."""
        if isinstance(s.get("hold"), dict):
            return self.index(i, s["hold"]["goto"])
        return self.after(i, s)

    def set(self, i, names):
        said = {"event": i.event, "kept": i.kept, "profile": {"traits": self.traits}}
        new = {k: path(said, v) if isinstance(v, str) else v for k, v in names.items()}
        kept = {k: v for k, v in i.kept.items() if k not in new}
        kept.update({k: v for k, v in new.items() if v is not None})
        return kept

    def keep(self, i, names, e):
        new = {k: path(e, v) for k, v in (names or {}).items()}
        i.kept = {k: v for k, v in i.kept.items() if k not in new}
        i.kept.update({k: v for k, v in new.items() if v is not None})

    def move(self, today):
        """Those that wait go on under the version of today, if it says so."""
        for i in self.all:
            j = today[i.key]
            if "migrate" not in j or i.j is j or i.due is None:
                continue
            name = i.j["steps"][i.step]["id"]
            name = j["migrate"].get(name, name)
            k = next((k for k, s in enumerate(j["steps"]) if s["id"] == name), None)
            if k is not None:
                i.visits = {s["id"]: i.visits.get(s["id"], 0) for s in j["steps"]}
                i.j, i.step = j, k

    def live(self, until, today):
        """What is due by then."""
        while True:
            self.move(today)
            due = [i for i in self.all if self.when(i) is not None and self.when(i) <= until]
            if not due:
                return
            i = min(due, key=self.when)
            t = self.when(i)
            over = next((u for u in i.undo if u[2] is not None and u[2] <= t), None)
            if over:
                self.tell(i, over[0], over[1], t)
                i.undo.remove(over)
                if i.ended and all(u[2] is None for u in i.undo):
                    self.end(i, t, i.ended)
                continue
            i.due = None
            s = i.j["steps"][i.step]
            if "hold" in s or "delay" in s or "until" in s:
                self.did(i, t, "went on", s["id"])
                i.step = self.onward(i, s)
            self.walk(i, t)

    def event(self, e, t, today):
        self.traits = e["profile"]["traits"]
        left = []
        for i in list(self.all):
            x = next((x for x in i.j.get("exit", []) if self.matches(i, x, e) and
                      ("event" not in x or t >= i.entered)), None)
            if x is None:
                left.append(i)
                continue
            if "send" in x:
                self.tell(i, x["id"], x["action"], t)
            self.end(i, t, x["id"])
        for i in left:
            if i.due is not None and t >= i.since:
                self.waiting(i, e, t)
        for key, j in today.items():
            x = next((x for x in j.get("exit", []) if "event" in x and self.matches(None, x, e)), None)
            k = (key, path(e, j["enter"]["per"]) if "per" in j["enter"] else None)
            if x and t > self.gone.get(k, float("-inf")):
                self.gone[k], self.gone_by[k] = t, x["id"]
        by_rank = sorted(today, key=lambda k: -today[k].get("priority", 0))
        for key in by_rank:
            self.enter(key, today[key], e, t)

    def waiting(self, i, e, t):
        s = i.j["steps"][i.step]
        on = s.get("restart_on")
        if on and ("max" not in on or i.here < on["max"]) and self.matches(i, on, e):
            self.did(i, t, "waited anew")
            i.here, i.ref, i.since, i.event = i.here + 1, t, t, e
            i.due = t + length(s["hold"])
            if "up_to" in on:
                i.due = min(i.due, i.arrived + length(on["up_to"]))
            self.keep(i, s.get("keep"), e)
        elif isinstance(s.get("hold"), dict):
            b = next((b for b in s["hold"]["events"] if self.matches(i, b, e)), None)
            if b:
                self.did(i, t, "went on", s["id"])
                i.due, i.step = None, self.index(i, b["goto"])
                self.walk(i, t)

    def enter(self, key, j, e, t):
        w = j["enter"]
        if not self.matches(None, w, e):
            return
        per = path(e, w["per"]) if "per" in w else None
        if "per" in w and per is None:
            return
        again = w["again"].split()
        if again[0] != "each" and any(i.key == key and i.per == per for i in self.all):
            return
        if again[0] == "once" and (key, per) in self.entries:
            return
        if len(again) > 1:
            last = (self.entries if again[0] == "after" else self.ends).get((key, per))
            if last is not None and t < last + length(again[1]):
                return
        if "exclusive" in j:
            others = [i for i in self.all if i.key != key and "exclusive" in i.j]
            if any(i.j.get("priority", 0) >= j.get("priority", 0) for i in others):
                return
            for i in others:
                self.end(i, t, "displaced")
        i = Instance(key, j, t, per, e, len(self.all))
        self.keep(i, w.get("keep"), e)
        self.later(self.entries, (key, per), t)
        self.all.append(i)
        self.did(i, t, "entered")
        # An exit by a condition is asked before anything is sent, and one of a later time was seen.
        late = max([(key, per), (key, None)], key=lambda k: self.gone.get(k, t))
        x = next((x for x in j.get("exit", []) if "event" not in x and self.holds(i, x)), None)
        if self.gone.get(late, t) > t:
            self.end(i, t, self.gone_by[late])
        elif x:
            self.end(i, t, x["id"])
        else:
            self.walk(i, t)


def wanted(versions, lines, cut, people=None):
    out, people, clock = [], {} if people is None else people, float("-inf")
    for n, l in enumerate(lines):
        today = versions[1 if n >= cut else 0]
        if l["type"] == "clock":
            clock = max(clock, seconds(l["now"]))
            for p in people.values():
                p.live(seconds(l["now"]), today)
            continue
        p = people.setdefault(l["profile"]["id"], Person(l["profile"]["id"], out))
        t = seconds(l["timestamp"])
        now = max(t, clock, float("-inf") if p.blank() else p.now)
        p.move(today)
        p.live(t, today)
        p.event(l, t, today)
        if not p.blank():
            p.now = now
        p.live(now, today)
    return sorted(out)


# ---- the trial ----


def timeline(p):
    """What --explain tells with times is so, and, if it can hold all, all of it."""
    run = subprocess.run(["cdp-journey", "-q", "-s", "s", "--explain", p.who], stdout=subprocess.PIPE)
    said = [l for l in json.loads(run.stdout)["timeline"] if l["did"] != "did not enter"]
    got = Counter((seconds(l["at"]), l["journey"], l["did"], l.get("step")) for l in said if "at" in l)
    want = Counter(p.told)
    if (got - want) or (not p.over and (want - got or any("by" in l for l in said))):
        return "timeline of %s: too much %s, missing %s" % (p.who, list(got - want), list(want - got))


def play(versions, lines, cut):
    shutil.rmtree("s", ignore_errors=True)
    got = []
    for n, part in enumerate([lines[:cut], lines[cut:]]):
        if not part:
            continue
        with open("cdp.yaml", "w") as f:
            json.dump({"version": 1, "destinations": {"out": {"preset": "file", "settings": {"dir": "o"}}},
                       "journeys": versions[n]}, f)
        first = n * cut
        feed = [dict(l, cdp={"o": "main.merge", "n": first + i + 1}) for i, l in enumerate(part)]
        feed.append({"type": "end", "cdp": {"o": "main.merge", "lines": len(feed)}})
        run = subprocess.run(["cdp-journey", "-q", "-s", "s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             input="".join(json.dumps(l) + "\n" for l in feed).encode())
        if run.returncode:
            return "status %d: %s" % (run.returncode, run.stderr.decode()[:900])
        got += [json.loads(l) for l in run.stdout.splitlines()]
    got = sorted([seconds(l["timestamp"]), l["profile"]["id"], l["journey"], l["step"], l["action"]]
                 for l in got if l["type"] == "activation")
    people = {}
    want = wanted(versions, lines, cut, people)
    if got == want:
        return next((f for f in map(timeline, people.values()) if f), None)
    return "want %s\n got %s" % ([w for w in want if w not in got] or want, [g for g in got if g not in want] or got)


def shrink(versions, lines, cut):
    size = len(lines) // 2
    while size:
        i = 0
        while i < len(lines):
            less, c = lines[:i] + lines[i + size:], cut - max(0, min(size, cut - i))
            if play(versions, less, c):
                lines, cut = less, c
            else:
                i += size
        size //= 2
    for key in list(versions[0]):
        less = [{k: j for k, j in v.items() if k != key} for v in versions]
        if less[0] and play(less, lines, cut):
            versions = less
    return versions, lines, cut


def main():
    seed, runs, sent, told = int(sys.argv[1]), int(sys.argv[2]), 0, 0
    for s in range(seed, seed + runs):
        r = random.Random(s)
        first = project(r)
        lines = stream(r, r.random() < .5)
        cut = r.randint(1, len(lines) - 1) if r.random() < .5 else len(lines)
        versions = [first, edit(r, first)]
        people = {}
        sent += len(wanted(versions, lines, cut, people))
        told += sum(len(p.told) for p in people.values() if not p.over)
        if play(versions, lines, cut):
            if not os.environ.get("RAW"):
                versions, lines, cut = shrink(versions, lines, cut)
            print("seed %d: %s" % (s, play(versions, lines, cut)))
            for v in versions[:1 if cut == len(lines) else 2]:
                print(json.dumps(v))
            for n, l in enumerate(lines):
                print("-- the other version" if n == cut else "", json.dumps(l))
            sys.exit(1)
    print("journey: %d projects, %d activations, each as the manual says, and %d lines of timelines" % (runs, sent, told))


main()
