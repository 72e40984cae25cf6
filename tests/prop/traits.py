# Traits by brute force: random projects and streams (windows, sessions, lists
# with key, remove, reset and keep, case, jq, prefer, default, custom traits,
# merges, late events), each trait computed anew from all events at every
# instant, against each line of cdp-merge.  What differs is shrunk and printed.
#   traits.py SEED RUNS
import json, os, random, subprocess, sys
from datetime import datetime, timedelta, timezone

BASE = datetime(2025, 3, 1, tzinfo=timezone.utc)
GONE, TAKES = object(), object()


def stamp(s):
    return (BASE + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(text):
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (at.replace(tzinfo=timezone.utc) - BASE).total_seconds()


# ---- what is generated ----


# Programs over the profile, and what they say: t0 to t2 there always are, a j
# only if it was drawn before, "c" are custom traits.
JQ = {
    ".traits.t0": lambda v: v["traits"].get("t0"),
    "if (.traits.t0 | type) == \"number\" then .traits.t0 + 1 else empty end":
        lambda v: v["traits"]["t0"] + 1 if number(v["traits"].get("t0")) else None,
    "[.traits.t1, .traits.t2, .traits.c1] | map(select(. != null))":
        lambda v: [v["traits"][k] for k in ("t1", "t2", "c1") if k in v["traits"]],
    "if .traits.t1 == null then error(\"none\") else \"some\" end":
        lambda v: "some" if "t1" in v["traits"] else None,
    ".identifiers | keys | join(\"+\")": lambda v: "+".join(sorted(v["identifiers"])),
    ".identifiers.anonymous_id | length": lambda v: len(v["identifiers"].get("anonymous_id", [])),
    ".traits.j0 | type": lambda v: kind_of(v["traits"].get("j0")),
    "{a: .traits.j1, b: .traits.c2}": lambda v: {"a": v["traits"].get("j1"), "b": v["traits"].get("c2")},
}
# The same of an event, in the place of a path.
OF_EVENT = {
    ".properties.v | numbers": lambda e: v if number(v := get(e, "properties.v")) else GONE,
    ".properties.i | strings | . + \"!\"": lambda e: v + "!" if isinstance(v := get(e, "properties.i"), str) else GONE,
    ".properties | {i, w}": lambda e: {k: e.get("properties", {}).get(k) for k in "iw"},
}


def kind_of(v):
    return "null" if v is None else "number" if number(v) else {str: "string", list: "array", dict: "object"}[type(v)]


def project(r, calm):
    traits = {}
    for i in range(r.randint(3, 8)):
        kind = r.choice("count sum avg min max first last most_frequent unique "
                        "unique_count list list list last count".split())
        t = {"count": {"count": True}, "list": {"list": "properties.i"}}.get(
            kind, {kind: "properties." + ("v" if kind in "sum avg min max" else r.choice("iv"))})
        if kind in ("unique", "unique_count", "most_frequent"):
            t[kind] = "properties.i"
        if r.random() < .2 and kind in ("sum", "avg", "min", "max"):
            t[kind] = ".properties.v | numbers"
        elif r.random() < .2 and kind in ("unique", "unique_count", "most_frequent", "first", "last"):
            t[kind] = ".properties.i | strings | . + \"!\""
        t["event"] = r.sample("ABC", r.randint(1, 2))
        if kind == "most_frequent" and r.random() < .4:
            t["min"] = 1
        if kind == "list":
            if r.random() < .3:
                t["list"] = ".properties | {i, w}"
            if r.random() < .8:
                t["key"] = "properties.i"
            if "key" in t and r.random() < .7:
                t["remove"] = {"event": r.choice("CD")}
            if r.random() < .5:
                t["reset"] = {"event": "E"}
            # What was let go does not come back: that depends on the order in
            # which things came, if it is not that of their times.
            if r.random() < .7 and (calm or "remove" not in t):
                t["keep"] = r.randint(1, 3)
        if r.random() < .3:
            t["where"] = {"properties.w": {"gt": 1}}
        if r.random() < .6:
            t["within"] = "%ds" % r.choice([20, 45, 90, 200])
        elif r.random() < .4:
            t["session"] = "%ds" % r.choice([8, 15, 30])
        if r.random() < .4:
            t["default"] = r.choice([0, "none", "x"])
        traits["t%d" % i] = t
    for name in r.sample(["c0", "p0", "p1"], r.randint(0, 3)):
        t = {"last": "traits.c0" if name == "c0" else r.choice(["traits.c1", "properties.v", "properties.i"])}
        t["prefer"] = r.sample(["s1", "s2", "s3"], r.randint(1, 3))
        if name == "p1":
            t["event"] = r.sample("ABC", 2)
            t["last"] = r.choice(["properties.v", "properties.i"])
        if r.random() < .3:
            t["default"] = "x"
        traits[name] = t
    for i, text in enumerate(r.sample(sorted(JQ), r.randint(0, 4))):
        if any(("j%d" % k) in text for k in range(i, 4)):
            continue
        traits["j%d" % i] = {"jq": text}
        if r.random() < .3:
            traits["j%d" % i]["default"] = "x"
    traits["k"] = {"case": [{"if": {"trait": "t0", "gte": 3}, "then": "much"},
                            {"if": {"trait": "t1", "exists": True}, "then": "some"}]}
    if "j0" in traits and r.random() < .5:
        traits["k"]["case"].insert(0, {"if": {"trait": "j0", "in": ["some", 2, "user_id"]}, "then": "derived"})
    if r.random() < .5:
        traits["k"]["default"] = "none"
    names = list(traits)
    r.shuffle(names)
    traits = {k: traits[k] for k in names}
    ident = {"limit": "none"}
    return {"version": 1, "project": {"name": "t"},
            "identity": {"identifiers": {"user_id": dict(ident, **{"from": "userId"}),
                                         "anonymous_id": dict(ident, **{"from": "anonymousId"})}},
            "traits": traits}


def stream(r, calm):
    out, t, late = [], 0, not calm and r.random() < .75
    for i in range(r.randint(20, 90)):
        t += r.choice([0, 1, 1, 2, 3, 7, 20])
        if r.random() < .12:
            out.append({"type": "clock", "now": stamp(t)})
            continue
        at = t - r.randint(1, 60) if late and r.random() < .2 else t
        e = {"messageId": "m%04d" % r.randint(0, 9999), "timestamp": stamp(at)}
        e["messageId"] = "m%04d" % i if calm else e["messageId"] + "-%d" % i
        if r.random() < .8:
            e["sourceId"] = r.choice(["s1", "s2", "s3", "s4", 3])
        u = r.randint(0, 2)
        if calm or r.random() < .6:
            e["userId"] = "u%d" % u
        if not calm and (r.random() < .5 or "userId" not in e):
            e["anonymousId"] = "a%d" % (r.randint(0, 3) if r.random() < .1 else u)
        if r.random() < .15:
            e["type"] = "identify"
            e["traits"] = {"c%d" % r.randint(0, 2): r.choice([None, 1, "x", "y"])}
        else:
            e["type"], e["event"] = "track", r.choice("AAABBCDE")
            e["properties"] = {"w": r.randint(0, 3)}
            for k, some in (("i", ["p", "q", "r", "s", None]), ("v", [1, 2, 3.5, -4, "x", None])):
                if r.random() < .85:
                    e["properties"][k] = r.choice(some)
        out.append(e)
    return out


# ---- what it must be ----


def get(e, path):
    at = e
    for k in path.split("."):
        if not isinstance(at, dict) or k not in at:
            return GONE
        at = at[k]
    return at


def span(t, key):
    return int(t[key][:-1]) if key in t else None


def named(t, e):
    return e.get("event") in t["event"] and (
        "where" not in t or isinstance(get(e, "properties.w"), int) and e["properties"]["w"] > 1)


def order(e):
    return (seconds(e["timestamp"]), e["messageId"])


def number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def session(t, data, base):
    """What a session has, its first and its last instant: of (event, value, now
    at its coming), in the order in which they came, after what base had."""
    gap, (on, first, end) = span(t, "session"), base
    for d in data:
        at, then = seconds(d[0]["timestamp"]), d[2]
        if on and end + gap <= then:
            on = []
        if d[1] is TAKES:
            on = on + [d] if on else on
            continue
        if not on and at + gap > then:
            on, first, end = [d], at, at
        elif on and first - at < gap:
            on = on + [d]
            first, end = min(first, at), max(end, at)
    return on, first, end


def live(name, t, data, p, now):
    """Of (event, value, now at its coming): those that count now."""
    if "within" in t:
        return [d for d in data if seconds(d[0]["timestamp"]) + span(t, "within") > now]
    if "session" not in t:
        return data
    since = {id(e) for e, _ in p.events[p.since:]}
    on, _, end = session(t, [d for d in data if id(d[0]) in since], p.base.get(name, NONE))
    return on if on and end + span(t, "session") > now else []


def value(e, what):
    return OF_EVENT[what](e) if what in OF_EVENT else get(e, what)


def takes(t, e):
    """Whether it takes out of a list, which neither begins a session nor stretches it."""
    return any(k in t and e.get("event") == t[k]["event"] for k in ("remove", "reset"))


def counted(t, kind, events):
    data = []
    for e, then in events:
        if kind == "list" and takes(t, e):
            data.append((e, TAKES, then))
            continue
        if kind == "list" and "key" in t and get(e, t["key"]) in (GONE, None):
            continue
        v = True if kind == "count" else value(e, t[kind])
        ok = v is not GONE and (v is not None or kind == "last")
        if kind in ("sum", "avg", "min", "max"):
            ok = number(v)
        if ("event" not in t or named(t, e)) and ok:
            data.append((e, v, then))
    return data


def rank(t, e):
    return t["prefer"].index(e.get("sourceId")) if e.get("sourceId") in t["prefer"] else len(t["prefer"])


def computed(name, t, p, now):
    kind = next(k for k in t if k in KINDS)
    if kind == "list" and "session" not in t:
        return keyed(t, p.events, now)
    data = live(name, t, counted(t, kind, p.events), p, now)
    if kind == "list":
        return keyed(t, [(d[0], d[2]) for d in data], now)
    if not data:
        return GONE
    vals = [d[1] for d in data]
    byhow = sorted(data, key=lambda d: order(d[0]))
    if kind == "count":
        return len(vals)
    if kind == "sum":
        return sum(vals)
    if kind == "avg":
        return sum(vals) / len(vals)
    if kind == "min":
        return min(vals)
    if kind == "max":
        return max(vals)
    if kind == "first":
        return byhow[0][1]
    if "prefer" in t:
        byhow = [d for d in byhow if rank(t, d[0]) == min(rank(t, d[0]) for d in byhow)]
    if kind == "last":
        return GONE if byhow[-1][1] is None else byhow[-1][1]
    if kind == "unique":
        return sorted(set(vals))
    if kind == "unique_count":
        return len(set(vals))
    most = max(vals.count(v) for v in vals)
    return GONE if most < t.get("min", 2) else min(v for v in vals if vals.count(v) == most)


KINDS = "count sum avg min max first last most_frequent unique unique_count list".split()


def keyed(t, events, now):
    acts = []
    for e, then in events:
        key = get(e, t["key"]) if "key" in t else e["messageId"]
        has = key is not GONE and key is not None
        v = value(e, t["list"])
        if "reset" in t and e.get("event") == t["reset"]["event"]:
            acts.append((order(e), "reset", None, None))
        if "remove" in t and e.get("event") == t["remove"]["event"] and has:
            acts.append((order(e), "remove", key, None))
        elif named(t, e) and has and v is not GONE and v is not None:
            acts.append((order(e), "add", key, v))
    items = {}
    for at, what, key, v in sorted(acts, key=lambda a: a[0]):
        if what == "reset":
            items = {}
        else:
            items.pop(key, None)
            if what == "add":
                items[key] = (at, v)
                if len(items) > t.get("keep", 100):
                    del items[next(iter(items))]
    out = [v for at, v in items.values() if "within" not in t or at[0] + span(t, "within") > now]
    return out if out else GONE


def case(t, traits):
    for c in t["case"]:
        v, cond = traits.get(c["if"]["trait"]), c["if"]
        if "exists" in cond and v is not None or "gte" in cond and number(v) and v >= cond["gte"] or \
                "in" in cond and any(same(v, w) for w in cond["in"]):
            return c["then"]
    return GONE


def everything(pr, p, now):
    out, custom = {}, {}
    for e, _ in sorted(p.events, key=lambda x: order(x[0])):
        custom.update(e.get("traits", {}))
    out = {k: v for k, v in custom.items() if v is not None and k not in pr["traits"]}
    derived = sorted((k for k, t in pr["traits"].items() if "jq" in t or "case" in t), key=lambda k: (k == "k", k))
    for name in [k for k in pr["traits"] if k not in derived] + derived:
        t = pr["traits"][name]
        if "jq" in t:
            v = JQ[t["jq"]]({"traits": out, "identifiers": p.identifiers()})
            v = GONE if v is None else v
        else:
            v = case(t, out) if "case" in t else computed(name, t, p, now)
        v = t.get("default", GONE) if v is GONE else v
        if v is not GONE:
            out[name] = v
    return out


def same(a, b):
    if number(a) and number(b):
        return abs(a - b) < 1e-9
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b and type(a) == type(b)


# ---- one against the other ----


NONE = ([], 0, 0)


class Person:
    def __init__(self):
        self.events, self.now, self.shown, self.ids = [], float("-inf"), {}, []
        self.since, self.base = 0, {}  # sessions: as they were when people were joined

    def identifiers(self):
        ret = {}
        for i in self.ids:
            ret.setdefault("user_id" if i[0] == "u" else "anonymous_id", []).append(i)
        return ret

    def sessions(self, pr, now):
        ret = {}
        for name, t in pr["traits"].items():
            if "session" in t:
                kind = next(k for k in t if k in KINDS)
                s = session(t, counted(t, kind, self.events[self.since:]), self.base.get(name, NONE))
                ret[name] = s if s[0] and s[2] + span(t, "session") > now else NONE
        return ret

    def join(self, pr, other, now):
        """A session that was over is forgotten; two that are on are one."""
        mine, its = self.sessions(pr, now), other.sessions(pr, now)
        for name in mine:
            (a, b, c), (x, y, z) = mine[name], its[name]
            self.base[name] = (a + x, min(b, y), max(c, z)) if a and x else mine[name] if a else its[name]
        self.events = self.events + other.events
        self.since = len(self.events)
        self.ids += other.ids


def judge(pr, lines):
    """None, or what is wrong."""
    who, clock, told = {}, float("-inf"), 0

    def expect(p, now, shown, what):
        want, got = everything(pr, p, now), shown
        return None if same(want, got) else "%s: want %s, got %s" % (
            what, json.dumps(want, sort_keys=True), json.dumps(got, sort_keys=True))

    for l in lines:
        bad = None
        if l["type"] == "clock":
            clock = max(clock, seconds(l["now"]))
            for p in set(who.values()):
                bad = bad or expect(p, max(clock, p.now), p.shown, "clock %s" % l["now"])
        elif l["type"] == "profile":
            p = who[next(iter(l["profile"]["identifiers"].values()))[0]]
            bad = expect(p, seconds(l["timestamp"]), l["profile"]["traits"], "profile %s" % l["timestamp"])
            if same(p.shown, l["profile"]["traits"]):
                bad = bad or "profile %s: nothing new" % l["timestamp"]
            p.shown, told = l["profile"]["traits"], told + 1
        elif "profile" in l:
            ids = [l[k] for k in ("userId", "anonymousId") if k in l]
            old = list({id(who[i]): who[i] for i in ids if i in who}.values())
            now = max([clock, seconds(l["timestamp"])] + [p.now for p in old])
            for p in old:
                bad = bad or expect(p, now, p.shown, "before %s" % l["messageId"])
            p = old[0] if old else Person()
            for q in old[1:]:
                p.join(pr, q, now)
                for i in [i for i in who if who[i] is q]:
                    who[i] = p
            for i in ids:
                who[i] = p
                p.ids += [i] if i not in p.ids else []
            p.now = now
            p.events.append(({k: v for k, v in l.items() if k != "profile"}, now))
            p.shown = l["profile"]["traits"]
            bad = bad or expect(p, now, p.shown, l["messageId"])
        if bad:
            return bad
    return None


def play(pr, events):
    with open("cdp.yaml", "w") as f:
        json.dump(pr, f)
    lines = [dict(e, cdp={"o": "main.ingest", "n": i + 1}) for i, e in enumerate(events)]
    run = subprocess.run(["cdp-merge", "-n", "-q", "--end=any"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         input="".join(json.dumps(l) + "\n" for l in lines).encode())
    if run.returncode not in (0, 1):
        return "status %d: %s" % (run.returncode, run.stderr.decode()[:300])
    return judge(pr, [json.loads(l) for l in run.stdout.splitlines()])


def shrink(pr, events):
    size = len(events) // 2
    while size:
        i = 0
        while i < len(events):
            less = events[:i] + events[i + size:]
            if play(pr, less):
                events = less
            else:
                i += size
        size //= 2
    for name in list(pr["traits"]):
        less = dict(pr, traits={k: t for k, t in pr["traits"].items() if k != name})
        if less["traits"] and play(less, events):
            pr = less
    return pr, events


def main():
    seed, runs = int(sys.argv[1]), int(sys.argv[2])
    total = 0
    for s in range(seed, seed + runs):
        r = random.Random(s)
        calm = r.random() < .3
        pr, events = project(r, calm), stream(r, calm)
        total += len(events)
        if play(pr, events):
            pr, events = shrink(pr, events)
            print("seed %d: %s" % (s, play(pr, events)))
            print(json.dumps(pr["traits"]))
            for e in events:
                print(json.dumps(e))
            sys.exit(1)
    print("traits: %d projects, %d lines, each trait at every instant as computed anew" % (runs, total))


main()
