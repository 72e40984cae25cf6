# What audience.py tries: random audiences and random streams.
from audience_model import stamp

BASE = 1740787200
JQ = ["(.traits.n // 0) >= 2", ".audiences.a0 == true", ".consent.M == true", "(.groups.g.id // \"\") == \"x\""]


def depends(c, plain):
    """Whether it asks about members of a group."""
    if isinstance(c, list):
        return any(depends(x, plain) for x in c)
    return isinstance(c, dict) and ("in_group" in c or "audience" in c and c["audience"] not in plain or
                                    ".audiences.a0" in str(c.get("jq")) and "a0" not in plain or
                                    any(depends(x, plain) for x in c.values()))


class Maker:
    """One random project and stream; what it is about is drawn first."""

    def __init__(self, r):
        self.r = r
        self.groups = r.random() < .35
        self.late = r.random() < .5
        self.unknown = r.choice(["deny", "allow"])
        self.n = r.randint(1, 5)
        # Which of two events of one instant was first is not kept for each set of identifiers.
        self.apart = r.random() < .5

    def span(self):
        return "%ds" % self.r.choice([1, 3, 5, 8, 12, 20])

    def event(self, window=True):
        r = self.r
        c = {"event": r.choice("AABC") if r.random() < .9 else ["A", "B"]}
        if r.random() < .3:
            c["where"] = {"properties.v": {"gt": r.randint(0, 2)}}
        if window and r.random() < .25:
            c["between"] = ["%ds" % r.choice([1, 3]), "%ds" % r.choice([4, 9, 15])]
        elif window and r.random() < .75:
            c["within"] = self.span()
        if window and r.random() < .6:
            c["count"] = {r.choice(["gte", "gte", "lt", "eq", "ne"]): r.randint(1, 3)}
        return c

    def value(self):
        """What is made of events."""
        r = self.r
        c = self.event()
        c.pop("count", None)
        kind = r.choice("sum avg min max first last most_frequent unique_count".split())
        c[kind] = "properties.v"
        if kind == "most_frequent" and r.random() < .5:
            c["min"] = 1
        c[r.choice(["gte", "lt", "eq"])] = r.randint(0, 3)
        return c

    def sequence(self):
        r = self.r
        steps = [self.event(False)]
        for _ in range(r.randint(1, 2)):
            s = self.event(False)
            if r.random() < .4 and "not" not in steps[-1]:
                s = {"not": s}
            if r.random() < .6:
                s["within"] = self.span()
            steps.append(s)
        if "not" in steps[-1] and "within" not in steps[-1]:
            steps[-1]["within"] = self.span()
        c = {"sequence": steps}
        if r.random() < .4:
            c["match"] = "properties.c"
        if r.random() < .5:
            c["within"] = self.span()
        return c

    def condition(self, i, depth=0, inner=False):
        """Of audience i; inner: of the members of a group."""
        r, p = self.r, self.r.random()
        if depth < 3 and p < .3:
            return {r.choice(["all", "any"]): [self.condition(i, depth + 1, inner) for _ in range(r.randint(1, 3))]}
        if depth < 3 and p < .42:
            return {"not": self.condition(i, depth + 1, inner)}
        known = self.plain if inner else ["a%d" % k for k in range(i)]
        if p < .55 and known:
            return {"audience": r.choice(known)}
        if p < .65 and self.groups and not inner:
            return {"in_group": "g", r.choice(["any", "all", "none"]): self.condition(i, depth + 1, True)}
        if p < .71:
            return {"consent": r.choice("MN")}
        if p < .77:
            return {"trait": "n", r.choice(["gte", "eq"]): r.randint(1, 3)} if r.random() < .5 else \
                {"trait": "at", r.choice(["within_next", "within_last"]): self.span()}
        if p < .81 and not inner:
            return {"jq": r.choice(JQ if i else JQ[2:])}
        return self.sequence() if p < .86 else self.value() if p < .91 else self.event()

    def project(self):
        r, out, self.plain = self.r, {}, []
        for i in range(self.n):
            a = {"when": self.condition(i)}
            if not depends(a["when"], self.plain):
                self.plain.append("a%d" % i)
            if r.random() < .2:
                a["min_stay"] = self.span()
            if r.random() < .2:
                a["leave_after"] = "%ds" % (int(a.get("min_stay", "0s")[:-1]) + r.choice([1, 4, 10]))
            out["a%d" % i] = a
        # Who is in this one is not forgotten.
        out["z"] = {"when": {"not": {"event": "never"}}}
        limits = {"from": "userId", "limit": 100}
        p = {"version": 1, "project": {"name": "t"}, "clock": {"lateness": "0s", "tick": "%ds" % r.choice([1, 10, 60])},
             "identity": {"identifiers": {"user_id": limits, "anonymous_id": dict(limits, **{"from": "anonymousId"})}},
             "consent": {"categories": {"M": {"destinations": []}, "N": {"destinations": []}}, "unknown": self.unknown},
             "audiences": out}
        if self.groups:
            p["groups"] = {"g": {"leave": {"event": "D"}}}
        return p

    def cuts(self):
        """Where runs end, in hundredths; 1: and nobody is held in memory."""
        r = self.r
        return [] if r.random() < .5 else [r.randint(1, 99) for _ in range(r.randint(1, 3))] + [1] * (r.random() < .3)

    def stream(self):
        r, out, t, used = self.r, [], BASE, set()
        for i in range(r.randint(6, 40)):
            t += r.choice([0, 0, 1, 1, 2, 3, 6]) or self.apart
            at = max(BASE, t - r.randint(1, 20)) if self.late and r.random() < .2 else t
            at = t if self.apart and at in used else at
            used.add(at)
            e = self.signed({"messageId": "m%04d" % i, "timestamp": stamp(at)})
            out.append(dict(e, timestamp=stamp(t)) if e["type"] == "unmerge" else e)
        return out

    def signed(self, e):
        r, p = self.r, self.r.random()
        if p < .05 and self.apart:
            return dict(e, type="unmerge", anonymous_id="k%d" % r.randint(0, 1))
        if p < .5 or p > .75:
            e["userId"] = r.choice("uvw")
        if p > .5:
            e["anonymousId"] = "k%d" % r.randint(0, 2)
        q = r.random()
        if self.groups and q < .15:
            return dict(e, type="group", groupId=r.choice("xy"))
        if q < .3:
            e.update(type="identify", traits={})
            if r.random() < .6:
                e["traits"]["n"] = r.choice([0, 1, 2, 3, "x", None])
            if r.random() < .4:
                e["traits"]["at"] = stamp(BASE + r.randint(-5, 80))
            if r.random() < .5:
                e["context"] = {"consent": {"categoryPreferences": {r.choice("MN"): r.random() < .6}}}
            return e
        e.update(type="track", event=r.choice("AAABBCD"), properties={"v": r.randint(0, 3), "c": r.choice("pq")})
        if r.random() < .15:
            del e["properties"]["c"]
        if self.groups and r.random() < .2:
            e["context"] = {"groupId": r.choice("xy")}
        return e
