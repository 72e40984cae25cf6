# Traits by brute force: random projects and streams (windows, sessions, keyed
# lists, case, default, custom traits, merges, late events), each trait computed
# anew from all events at every instant, against each line of cdp-merge.  What
# differs is shrunk and printed.   traits.py SEED RUNS
import json, os, random, subprocess, sys
from datetime import datetime, timedelta, timezone

BASE = datetime(2025, 3, 1, tzinfo=timezone.utc)
GONE = object()


def stamp(s):
    return (BASE + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(text):
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (at.replace(tzinfo=timezone.utc) - BASE).total_seconds()


# ---- what is generated ----


def project(r):
    traits = {}
    for i in range(r.randint(3, 8)):
        kind = r.choice("count sum avg min max first last most_frequent unique "
                        "unique_count list last count sum".split())
        t = {"count": {"count": True}, "list": {"list": "properties.i"}}.get(
            kind, {kind: "properties." + ("v" if kind in "sum avg min max" else r.choice("iv"))})
        if kind in ("unique", "unique_count", "most_frequent"):
            t[kind] = "properties.i"
        t["event"] = r.sample("ABC", r.randint(1, 2))
        if kind == "most_frequent" and r.random() < .4:
            t["min"] = 1
        if kind == "list":
            t["key"] = "properties.i"
            if r.random() < .7:
                t["remove"] = {"event": r.choice("CD")}
            if r.random() < .5:
                t["reset"] = {"event": "E"}
        if r.random() < .3:
            t["where"] = {"properties.w": {"gt": 1}}
        if r.random() < .6:
            t["within"] = "%ds" % r.choice([20, 45, 90, 200])
        elif kind != "list" and r.random() < .4:
            t["session"] = "%ds" % r.choice([8, 15, 30])
        if r.random() < .4:
            t["default"] = r.choice([0, "none", "x"])
        traits["t%d" % i] = t
    traits["k"] = {"case": [{"if": {"trait": "t0", "gte": 3}, "then": "much"},
                            {"if": {"trait": "t1", "exists": True}, "then": "some"}]}
    if r.random() < .5:
        traits["k"]["default"] = "none"
    ident = {"limit": "none"}
    return {"version": 1, "project": {"name": "t"},
            "identity": {"identifiers": {"user_id": dict(ident, **{"from": "userId"}),
                                         "anonymous_id": dict(ident, **{"from": "anonymousId"})}},
            "traits": traits}


def stream(r):
    out, t, late = [], 0, r.random() < .6
    for i in range(r.randint(20, 90)):
        t += r.choice([0, 1, 1, 2, 3, 7, 20])
        if r.random() < .12:
            out.append({"type": "clock", "now": stamp(t)})
            continue
        at = t - r.randint(1, 60) if late and r.random() < .2 else t
        e = {"messageId": "m%04d" % r.randint(0, 9999), "timestamp": stamp(at)}
        e["messageId"] += "-%d" % i
        u = r.randint(0, 2)
        if r.random() < .6:
            e["userId"] = "u%d" % u
        if r.random() < .5 or "userId" not in e:
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


def live(t, data, now):
    """Of (event, value, now at its coming): those that count now."""
    if "within" in t:
        return [d for d in data if seconds(d[0]["timestamp"]) + span(t, "within") > now]
    if "session" not in t:
        return data
    gap, on, first, end = span(t, "session"), [], 0, 0
    for d in data:
        at, then = seconds(d[0]["timestamp"]), d[2]
        if on and end + gap <= then:
            on = []
        if not on and at + gap > then:
            on, first, end = [d], at, at
        elif on and first - at < gap:
            on.append(d)
            first, end = min(first, at), max(end, at)
    return on if on and end + gap > now else []


def computed(t, events, now):
    kind = next(k for k in t if k in KINDS)
    if kind == "list":
        return keyed(t, events, now)
    data = []
    for e, then in events:
        v = True if kind == "count" else get(e, t[kind])
        ok = v is not GONE and (v is not None or kind == "last")
        if kind in ("sum", "avg", "min", "max"):
            ok = number(v)
        if named(t, e) and ok:
            data.append((e, v, then))
    data = live(t, data, now)
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
        key = get(e, t["key"])
        has = key is not GONE and key is not None
        if "reset" in t and e.get("event") == t["reset"]["event"]:
            acts.append((order(e), "reset", None, None))
        if "remove" in t and e.get("event") == t["remove"]["event"] and has:
            acts.append((order(e), "remove", key, None))
        elif named(t, e) and has:
            acts.append((order(e), "add", key, key))
    items = {}
    for at, what, key, v in sorted(acts, key=lambda a: a[0]):
        if what == "reset":
            items = {}
        else:
            items.pop(key, None)
            if what == "add":
                items[key] = (at, v)
    out = [v for at, v in items.values() if "within" not in t or at[0] + span(t, "within") > now]
    return out if out else GONE


def everything(pr, events, now):
    out, custom = {}, {}
    for e, _ in sorted(events, key=lambda x: order(x[0])):
        custom.update(e.get("traits", {}))
    for name, t in pr["traits"].items():
        if "case" in t:
            continue
        v = computed(t, events, now)
        v = t.get("default", GONE) if v is GONE else v
        if v is not GONE:
            out[name] = v
    if "k" in pr["traits"]:
        if number(out.get("t0")) and out["t0"] >= 3:
            out["k"] = "much"
        elif "t1" in out:
            out["k"] = "some"
        elif "default" in pr["traits"]["k"]:
            out["k"] = pr["traits"]["k"]["default"]
    for name, v in custom.items():
        if v is not None and name not in out:
            out[name] = v
    return out


def same(a, b):
    if number(a) and number(b):
        return abs(a - b) < 1e-9
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b and type(a) == type(b)


# ---- one against the other ----


class Person:
    def __init__(self):
        self.events, self.now, self.shown, self.joined = [], float("-inf"), None, False


def visible(pr, p, traits):
    # Sessions of people who were joined depend on what each had forgotten.
    return {k: v for k, v in traits.items()
            if not (p.joined and (k == "k" or "session" in pr["traits"].get(k, {})))}


def judge(pr, lines):
    """None, or what is wrong."""
    who, clock, told = {}, float("-inf"), 0

    def expect(p, now, shown, what):
        want, got = (visible(pr, p, t) for t in (everything(pr, p.events, now), shown))
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
            if not p.joined and same(p.shown, l["profile"]["traits"]):
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
                p.events, p.joined = p.events + q.events, True
                for i in [i for i in who if who[i] is q]:
                    who[i] = p
            for i in ids:
                who[i] = p
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
        pr, events = project(r), stream(r)
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
