# All modes of a plan (segment.md 2.3) on all kinds of events: what is blocked,
# what is left out, and what is written into context.protocols.
import itertools, json, subprocess, sys

ALL = itertools.product(["allow", "block"], ["allow", "omit"], ["allow", "omit", "block"],
                        ["allow", "omit", "block"], ["track", "identify"])


def project(event, prop, violation, common, kind, member):
    rule = {"properties": {"a": {"type": "integer"}, "b": {}, "g": {}, "c": {}}}
    return {"version": 1, "plan": {
        "mode": {"unplanned_event": event,
                 kind: {"unplanned_property": prop, "violation": violation, "common": common}},
        "events": {"P": rule}, "identify": rule,
        "common": {"properties": {member: {"properties": {"c": {"type": "integer"}}}}}}}


def events(kind, member):
    for name, extra, wrong, common in itertools.product(["P", "p"], [0, 1], [0, 1], [0, 1]):
        e = {"type": kind, "userId": "u", "messageId": "m%s%d%d%d" % (name, extra, wrong, common),
             "timestamp": "2026-01-01T00:00:00Z",
             member: {"g": 1, "a": "x" if wrong else 1, "c": "y" if common else 2}}
        if extra:
            e[member]["z"] = 1
        if kind == "track":
            e["event"] = name
        yield e


def want(e, event, prop, violation, common, member):
    """Its code, or what it carries: (members, omitted, omitted on violation, violations)."""
    has, out, wrong, found = dict(e[member]), [], [], []
    if e.get("event") == "p":
        if event == "block":
            return "unplanned"
    else:
        if has["a"] == "x":
            found.append(member + ".a")
            if violation == "block":
                return "schema_violation"
            if violation == "omit":
                wrong.append("a")
                del has["a"]
        if "z" in has and prop == "omit":
            out.append("z")
            del has["z"]
    if has["c"] == "y":
        found.append(member + ".c")
        if common == "block":
            return "common_schema_violation"
        if common == "omit":
            wrong.append("c")
            del has["c"]
    return has, out, wrong, found


n = 0
for mode in ALL:
    member = "properties" if mode[4] == "track" else "traits"
    with open("cdp.yaml", "w") as f:
        json.dump(project(*mode, member), f)
    sent = {e["messageId"]: e for e in events(mode[4], member)}
    run = subprocess.run(["cdp-ingest", "-n", "-q", "--rejects=no"], stdout=subprocess.PIPE,
                         input="".join(json.dumps(e) + "\n" for e in sent.values()).encode())
    got = {}
    for e in map(json.loads, run.stdout.splitlines()):
        p = e.get("context", {}).get("protocols", {})
        if "messageId" in e:
            got[e["messageId"]] = (e[member], p.get("omitted", []), p.get("omitted_on_violation", []),
                                   [v["field"] for v in p.get("violations", [])])
    for line in open("no"):
        r = json.loads(line)
        got[r["record"]["messageId"]] = r["code"] if r["record"] == sent[r["record"]["messageId"]] else r
    for i, e in sent.items():
        n += 1
        must = want(e, *mode[:4], member)
        if got.get(i) != must:
            print("%s: %s\nwant %s\ngot  %s" % (mode, json.dumps(e), must, got.get(i)))
            sys.exit(1)
print("plan: %d events by the modes of segment.md 2.3" % n)
