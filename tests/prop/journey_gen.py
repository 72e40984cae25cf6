# What journey.py tries: random journeys, edits of them, and random streams.
import json
from datetime import datetime, timezone

# Clocks change in most of these: the first of them is in seconds, the others
# are in half hours around a change.
BASES = [("2025-03-01T00:00", 1), ("2025-03-08T12:00", 1800), ("2025-03-29T20:00", 1800),
         ("2025-10-25T12:00", 1800), ("2025-11-01T12:00", 1800), ("2025-04-05T06:00", 1800)]
ZONES = ["America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
# Programs, each with what it says: of an instance's kept values, the traits, the event or nothing, the audiences.
PROGRAMS = {
    "(.kept.k // 0) >= 2": lambda k, n, e, a: (k.get("k") or 0) >= 2,
    "(.traits.n // 0) + (.kept.k // 0) >= 4": lambda k, n, e, a: (n.get("n") or 0) + (k.get("k") or 0) >= 4,
    '.event.event == "C"': lambda k, n, e, a: e is not None and e.get("event") == "C",
    ".audiences.vip == true and .traits.n != 1": lambda k, n, e, a: a.get("vip") is True and n.get("n") != 1}
STATES = ["(.traits.n // 0) >= 3", ".audiences.vip == true and .traits.n != 1"]
PROGRAMS["(.traits.n // 0) >= 3"] = lambda k, n, e, a: (n.get("n") or 0) >= 3


def stamp(s):
    return datetime.fromtimestamp(s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Maker:
    """One random project and stream; what it is about is drawn first."""

    def __init__(self, r):
        self.r = r
        text, self.unit = BASES[0] if r.random() < .6 else r.choice(BASES[1:])
        self.base = int(datetime.fromisoformat(text + "+00:00").timestamp())
        self.people = r.random() < .4  # identified, merged and taken apart by cdp-merge
        self.history = r.random() < .5  # conditions that count
        self.late = r.random() < .5
        self.zone = r.choice(ZONES)

    def span(self, n):
        return "%ds" % (n * self.unit)

    def times(self):
        return self.span(self.r.choice([3, 5, 10, 10, 25]))

    def trigger(self, names="ABC"):
        r = self.r
        if r.random() < .08:
            return {"audience": "vip", "exited": True} if r.random() < .4 else {"audience": "vip"}
        t = {"event": r.choice(names)}
        if r.random() < .4:
            t["where"] = {"properties.v": {"gt": r.randint(0, 3)}}
        if r.random() < .1:
            t["if"] = self.condition(False)
        return t

    def counted(self):
        r = self.r
        c = {"event": r.choice("ABC"), "count": {r.choice(["gte", "gte", "lt", "eq"]): r.randint(1, 3)}}
        if r.random() < .3:
            c["where"] = {"properties.v": {"gt": r.randint(0, 3)}}
        if r.random() < .3:
            c["between"] = [self.span(r.choice([2, 5])), self.span(r.choice([8, 20]))]
        elif r.random() < .8:
            c["within"] = self.times()
        return c

    def state(self, t):
        """Sometimes a condition instead of an event."""
        r = self.r
        if r.random() > .2:
            return t
        if self.history and r.random() < .6:
            return self.counted()
        return {"jq": r.choice(STATES)} if r.random() < .3 else {"trait": "n", "gte": r.randint(2, 4)}

    def condition(self, kept=True):
        r, p = self.r, self.r.random()
        if p < .12:
            return {r.choice(["all", "any"]): [self.condition(kept) for _ in range(r.randint(1, 2))]}
        if p < .2:
            return {"not": self.condition(kept)}
        if p < .3:
            return {"consent": r.choice("MN")}
        if p < .4:
            return {"audience": "vip"}
        if p < .55 and self.history:
            return self.counted()
        if p < .7 and kept:
            return {"jq": r.choice(list(PROGRAMS))}
        if p < .85 and kept:
            return {"kept": "k", "gte": r.randint(1, 3)} if r.random() < .7 else {"not": {"kept": "m", "eq": "p"}}
        return {"trait": "n", "gte": r.randint(1, 3)}

    def until(self):
        r, p = self.r, self.r.random()
        if p < .4:
            return self.span(r.choice([10, 25, 40]))
        if p < .6:
            return r.choice([".profile.traits.at", ".kept.k * %d + %d" % (self.unit, self.base)])
        day = r.choice(["", "", "", "Mon-Fri ", "Sat,Sun ", "Sun "])
        return day + r.choice(["00:00", "01:30", "01:45", "02:00", "02:10", "02:30", "03:00", "09:00", "23:59"])

    def split(self, ahead):
        r, out = self.r, []
        if r.random() < .5:
            out = [{"if": self.condition(), "goto": ahead()} for _ in range(r.randint(1, 2))]
        else:
            for share in r.choice([[30, 30], [50], [12.5, 20, 67.5], [99]]):
                out.append({"percent": share, "goto": ahead()})
                if r.random() < .2:
                    out[-1]["if"] = self.condition()
        if r.random() < .5:
            out.append({"goto": ahead()})
        return out

    def step(self, s, kind, ahead):
        r = self.r
        if kind == "hold":
            s["hold"] = self.times()
            if r.random() < .7:
                s["restart_on"] = self.trigger()
                if r.random() < .4:
                    s["restart_on"]["max"] = r.randint(1, 2)
                if r.random() < .4:
                    s["restart_on"]["up_to"] = "%ds" % (int(s["hold"][:-1]) + self.unit * r.choice([0, 4, 9]))
                if r.random() < .5:
                    s["keep"] = {"k": "properties.v"}
        elif kind == "events":
            s["hold"] = {"events": [dict(self.state(self.trigger()), goto=ahead()) for _ in range(r.randint(1, 2))],
                         "timeout": self.times(), "goto": ahead()}
        elif kind in ("delay", "until"):
            s[kind] = self.times() if kind == "delay" else self.until()
        elif kind == "set":
            s["set"] = r.choice([{"k": r.randint(0, 4)}, {"m": "event.properties.c"},
                                 {"k": "event.properties.v", "m": "kept.k"}])
        elif kind == "split":
            s["split"] = self.split(ahead)
            if r.random() < .3:
                s["sticky"] = True
        elif kind == "if":
            s.update({"if": self.condition(), "goto": ahead()})
        elif kind == "end":
            s["end"] = "done"
        else:
            s.update({"send": "out", "action": "add"})
            if kind == "undo":
                s["undo"] = "remove"
                if r.random() < .5:
                    s["for"] = self.times()

    def enter(self):
        r = self.r
        again = ["once", "each", "after_exit", "after_exit", "after_exit " + self.span(12), "after " + self.span(15)]
        e = dict(self.trigger("AB"), again=r.choice(again))
        if r.random() < .12:
            e = dict(self.counted() if self.history else {"trait": "n", "gte": 3}, again=e["again"])
            if e["again"] == "each":
                e["again"] = "once"
            return e
        if r.random() < .2:
            e["if"] = self.condition(False)
        if "event" in e and r.random() < .4:
            e["per"] = "properties.c"
        if r.random() < .7:
            e["keep"] = {"k": "properties.v"}
        return e

    def journey(self, rivals):
        r = self.r
        n = r.randint(3, 8)
        ids = ["s%d" % i for i in range(n)]
        steps = []
        for i, name in enumerate(ids):
            ahead = lambda: r.choice(ids[i + 1:] or [name])
            s = {"id": name}
            kind = r.choice("hold hold events delay until set split if send send undo".split())
            if i == n - 1:
                kind = r.choice(["send", "end"])
            self.step(s, kind, ahead)
            if kind in ("delay", "until", "send", "undo", "set") and i < n - 1 and r.random() < .2:
                s["then"] = ahead()
            if kind == "delay" and i > 0 and r.random() < .3:
                s.update({"then": r.choice(ids[:i]), "max_visits": r.randint(1, 3)})
            steps.append(s)
        j = {"enter": self.enter(), "steps": steps}
        if r.random() < .7:
            j["exit"] = [dict(self.state(self.trigger("CD")), id="x%d" % i) for i in range(r.randint(1, 2))]
            if r.random() < .4:
                j["exit"][0].update({"send": "out", "action": "bye"})
        if r.random() < .4:
            j["goal"] = self.state(self.trigger("CD"))
            if r.random() < .7:
                j["goal"] = dict(j["goal"], within=self.times())
        if r.random() < .3:
            j["holdout"] = r.choice(["30%", "50%", 12.5])
        if rivals and r.random() < .8:
            j["exclusive"] = "one"
            if r.random() < .6:
                j["priority"] = r.randint(-1, 2)
        return j

    def project(self):
        out, r = {}, self.r
        rivals, n = r.random() < .5, r.randint(1, 3)
        while len(out) < n:
            j = self.journey(rivals and n > 1)
            if reachable(j):
                out["j%d" % len(out)] = j
        return out

    def frame(self):
        """What of cdp.yaml is not journeys."""
        limits = {"from": "userId", "limit": 100}
        return {"version": 1, "project": {"name": "t", "timezone": self.zone}, "clock": {"lateness": "0s"},
                "identity": {"identifiers": {"user_id": limits, "anonymous_id": dict(limits, **{"from": "anonymousId"})}},
                "consent": {"categories": {"M": {"destinations": ["out"]}, "N": {"destinations": []}}},
                "audiences": {"vip": {"when": {"event": "A", "within": self.span(9), "count": {"gte": 2}}}},
                "destinations": {"out": {"preset": "file", "settings": {"dir": "o"}}}}

    def edit(self, js):
        """Another version of some of them: other times, steps that go or come."""
        r, out = self.r, json.loads(json.dumps(js))
        for j in out.values():
            if r.random() < .3:
                continue
            was = json.dumps(j)
            for s in j["steps"]:
                for k in ("delay", "until", "hold"):
                    if isinstance(s.get(k), str) and "up_to" not in s.get("restart_on", {}):
                        s[k] = self.times()
                if r.random() < .2 and not s["id"].startswith("n"):
                    rename(j, s, "n" + s["id"])
            if json.dumps(j) != was and r.random() < .6:
                j["migrate"] = {s["id"][1:]: s["id"] for s in j["steps"] if s["id"].startswith("n") and r.random() < .5}
        return out

    def traits(self):
        r, out = self.r, {}
        if r.random() < .5:
            out["n"] = r.randint(0, 4)
        if r.random() < .2:
            out["timezone"] = r.choice(ZONES + ["Nowhere/None"])
        if r.random() < .3:
            t = self.base + r.randint(0, 60) * self.unit
            out["at"] = r.choice([t, t * 1000, stamp(t), stamp(t)[:10], stamp(t)[:16], "2025-03-09T02:30", "never"])
        return out

    def stream(self):
        r, out, t, known = self.r, [], self.base, {}
        for i in range(r.randint(8, 40)):
            t += self.unit * r.choice([0, 1, 1, 2, 3, 5, 8, 20])
            if r.random() < .12 and not self.people:
                out.append({"type": "clock", "now": stamp(t)})
                continue
            at = max(self.base, t - self.unit * r.randint(1, 30)) if self.late and r.random() < .2 else t
            e = {"type": "track", "event": r.choice("AAABBCD"), "timestamp": stamp(at), "messageId": "m%04d" % i,
                 "properties": {"v": r.randint(0, 5), "c": r.choice("pq")}}
            if r.random() < .15:
                del e["properties"]["c"]
            if r.random() < .15:
                e["context"] = {"timezone": r.choice(ZONES)}
            out.append(self.signed(e) if self.people else self.dressed(e, known))
        out.append({"type": "clock", "now": stamp(t + 3000 * self.unit)})
        return out

    def signed(self, e):
        """By whom, as sources say it."""
        r, p = self.r, self.r.random()
        if p < .06:
            return {"type": "unmerge", "anonymous_id": "k%d" % r.randint(0, 1), "timestamp": e["timestamp"],
                    "messageId": e["messageId"]}
        if p < .5 or p > .8:
            e["userId"] = r.choice("uv")
        if p > .5:
            e["anonymousId"] = "k%d" % r.randint(0, 2)
        if p > .85:
            del e["properties"], e["event"]
            e.update({"type": "identify", "traits": self.traits()})
            if r.random() < .3:
                e["context"] = {"consent": {"categoryPreferences": {"M": r.random() < .7}}}
        return e

    def dressed(self, e, known):
        """As cdp-audience passes it on."""
        r, who = self.r, self.r.choice("pq")
        me = known.setdefault(who, {"traits": {}, "audiences": {}})
        if r.random() < .2:
            me["traits"] = dict(me["traits"], **self.traits())
        if r.random() < .1:
            me["consent"] = {"M": r.choice([True, False, "conflict"])}
        if r.random() < .12:
            me["audiences"] = {} if me["audiences"] else {"vip": True}
            e["event"] = "Audience Entered" if me["audiences"] else "Audience Exited"
            e["properties"] = {"audience_key": "vip", "vip": bool(me["audiences"])}
        elif r.random() < .05:
            e = {"type": "profile", "timestamp": e["timestamp"]}
        e["profile"] = json.loads(json.dumps(dict(me, id="p_" + who)))
        return e


def rename(j, s, name):
    old, s["id"] = s["id"], name
    for t in j["steps"]:
        hold = t["hold"] if isinstance(t.get("hold"), dict) else {}
        for b in [t, hold] + t.get("split", []) + hold.get("events", []):
            for k in ("goto", "then"):
                if b.get(k) == old:
                    b[k] = name


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
            last = s["split"][-1]
            if "if" not in last and ("percent" not in last or sum(
                    b.get("percent", 0) for b in s["split"] if "if" not in b) == 100):
                continue
        if "if" in s:
            todo.append(at[s["goto"]])
        if "end" not in s:
            todo.append(at[s["then"]] if "then" in s else i + 1)
    return len(seen) == len(steps)
