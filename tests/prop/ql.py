# Segment's query language by brute force: random queries of the whole grammar
# and random streams (several people, late events, traits that change, values
# that are missing or of another type, lists, an audience that is asked for,
# rows of entities), each answer found anew from all events
# at every instant at which it could change, against what cdp-audience says.
# What differs is shrunk and printed.   ql.py SEED RUNS
import json, os, random, shutil, subprocess, sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal, ROUND_HALF_EVEN

BASE = datetime(2025, 3, 1, tzinfo=timezone.utc)
YES, NO, UNSURE = "yes", "no", "unsure"


def stamp(s):
    return (BASE + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def instant(v):
    try:
        at = datetime.strptime(v, "%Y-%m-%dT%H:%M:%S.%fZ")
    except (TypeError, ValueError):
        return None
    return int((at.replace(tzinfo=timezone.utc) - BASE).total_seconds())


# ---- queries: ["and"|"or", x...], ["not", x], ["value", extractor, cmp],
#      ["event", {...}] ----


def literal(v):
    return {True: "true", False: "false"}[v] if isinstance(v, bool) else \
        "'%s'" % v if isinstance(v, str) else str(v)


def say_value(v):
    if not isinstance(v, list):
        return literal(v)
    return {"trait": "trait('%s')", "prop": "property('%s')", "parent": "property(parent: '%s')"}[v[0]] % v[1]


SIGNS = {"equals": "=", "differs": "!=", "greater_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}


def say_cmp(c):
    op, v, sign = c
    if op in ("exists", "absent"):
        return ".%s()" % op
    if op in ("within_last", "within_next", "before_last", "after_next"):
        return ".%s(%d seconds)" % (op, v)
    if op in ("contains", "omits", "one_of", "none_of"):
        return ".%s(%s)" % (op, ", ".join(map(literal, v)))
    if sign and op in SIGNS:
        return " %s %s" % (SIGNS[op], say_value(v))
    return ".%s(%s)" % (op, say_value(v))


def say_event(e):
    s = "event('%s')" % e["name"]
    if e["exclude"]:
        s += ".sources({exclude: ['%s']})" % e["exclude"]
    if e["where"]:
        s += ".where(%s)" % say(e["where"])
    w = e["window"]
    if w and w[0] == "parent" and len(w) == 3:
        s += ".between(parent: %d seconds, %d seconds)" % (w[2], w[1])
    elif w:
        s += {"within": ".within(%d seconds)", "parent": ".within(parent: %d seconds)",
              "between": ".between(%d seconds, %d seconds)",
              "session": ".expires_after(%d seconds)"}[w[0]] % tuple(w[1:])
    return s + say_reduce(e)


def say_reduce(e):
    r, s = e["reduce"], ""
    arg = "property('%s')" % r[1] if r[1] else ""
    if r[0] in ("minstr", "maxstr"):
        return s + ".%s(%s as string)" % (r[0][:3], arg) + say_cmp(e["cmp"])
    if r[0] in ("mode", "modearr"):
        arg += "%s, %d" % (" as array" if r[0] == "modearr" else "", r[2])
        return s + ".mode(%s)" % arg + say_cmp(e["cmp"])
    return s + ".%s(%s)%s" % (r[0], arg, ".count()" if r[0] == "unique" else "") + say_cmp(e["cmp"])


def say_entity(e):
    s = "entity('%s')" % e["name"] + (".where(%s)" % say(e["where"]) if e["where"] else "")
    return s + say_reduce(e)


def say(q):
    if q[0] == "entity":
        return say_entity(q[1])
    if q[0] in ("and", "or"):
        return "(" + (" %s " % q[0].upper()).join(map(say, q[1:])) + ")"
    if q[0] == "not":
        return "NOT %s" % say(q[1])
    if q[0] == "event":
        return say_event(q[1])
    return say_value(q[1]) + say_cmp(q[2])


def number(r):
    return r.choice([0, 1, 2, 2, 3, 1.5])


def text(r):
    return r.choice(["a", "b", "ab"])


def refs(r, scope):
    kinds = [["trait", r.choice(["n", "s", "n", "s", "l.$", "vip"])]]
    if scope > 0:
        kinds.append(["prop", r.choice(["n", "m", "s", "i.$.v"])])
    if scope > 1:
        kinds.append(["parent", r.choice(["n", "s", "i.$.v"])])
    return r.choice(kinds)


def cmp_number(r, scope, low=0):
    op = r.choice(list(SIGNS) + ["at_least", "greater_than"])
    v = r.randint(low, 4) if low else number(r)
    return [op, refs(r, scope) if r.random() < .2 else v, r.random() < .7]


def compare(r, scope):
    p = r.random()
    if p < .45:
        return cmp_number(r, scope)
    if p < .6:
        return [r.choice(["equals", "differs"]), r.choice([text(r), True, False]), r.random() < .5]
    if p < .75:
        return [r.choice(["contains", "omits", "one_of", "none_of"]), [text(r) for _ in range(r.randint(1, 2))], 0]
    if p < .85:
        return [r.choice(["starts_with", "ends_with"]), text(r), 0]
    return [r.choice(["exists", "absent"]), None, 0]


def date(r):
    op = r.choice(["within_last", "within_next", "before_last", "after_next", "before_date", "after_date"])
    return [op, stamp(r.randint(0, 200)) if op.endswith("date") else r.choice([10, 30, 60]), 0]


def event(r, scope):
    e = {"name": r.choice("ABC"), "exclude": "s1" if r.random() < .1 else None, "where": None, "window": None}
    if scope == 0:
        p = r.random()
        e["window"] = ["within", r.choice([10, 25, 60])] if p < .5 else \
            ["between", r.choice([0, 5, 10]), r.choice([20, 40])] if p < .7 else \
            ["session", r.choice([5, 12])] if p < .8 else None
    elif r.random() < .75:
        e["window"] = ["parent", r.choice([5, 12, 30])] + ([r.choice([1, 3])] if r.random() < .3 else [])
    if r.random() < (.6 if scope == 0 else .35) and scope < 3:
        e["where"] = expr(r, scope + 1, 2)
    kind = r.choice("count count count sum avg min max minstr maxstr mode first last unique".split())
    e["reduce"] = [kind, None if kind == "count" else
                   r.choice(["s", "i.$.v"]) if kind.endswith("str") else
                   r.choice(["n", "m", "i.$.v"]) if kind in ("sum", "avg", "min", "max") else
                   r.choice(["n", "m", "s", "i.$.v", "i.$.w.$"]), r.randint(1, 3)]
    if kind == "mode" and "$" in e["reduce"][1] and r.random() < .5:
        e["reduce"][0] = "modearr"
    e["cmp"] = cmp_number(r, scope, 1) if kind in ("count", "unique") else \
        compare(r, scope) if r.random() < .6 else cmp_number(r, scope)
    if kind == "count" and r.random() < .3:
        e["cmp"] = [r.choice(["equals", "less_than", "at_most"]), r.choice([0, 1, 2]), 1]
    return ["event", e]


def reduced(r, scope):
    kind = r.choice("count count count sum avg min max minstr maxstr mode first last unique".split())
    return [kind, None if kind == "count" else r.choice(["s", "i.$.v"]) if kind.endswith("str") else
            r.choice(["n", "m", "i.$.v"]) if kind in ("sum", "avg", "min", "max") else
            r.choice(["n", "m", "s", "i.$.v"]), r.randint(1, 3)]


def entity(r, scope):
    """Rows of a person, or of a row."""
    e = {"name": r.choice(["deep", "same"] if scope else ["rows", "rows", "own"]), "where": None,
         "reduce": reduced(r, scope)}
    if r.random() < .7 and scope < 3:
        e["where"] = expr_row(r, scope + 1, 2)
    e["cmp"] = cmp_number(r, scope) if e["reduce"][0] in ("count", "unique") else compare(r, scope)
    return ["entity", e]


def expr_row(r, scope, depth):
    p = r.random()
    if depth and p < .35:
        return [r.choice(["and", "or"])] + [expr_row(r, scope, depth - 1) for _ in range(2)]
    if depth and p < .5:
        return ["not", expr_row(r, scope, depth - 1)]
    if scope < 3 and p > .8:
        return entity(r, scope)
    if r.random() < .2:
        return ["value", ["prop", "d"], date(r)]
    return plain_value(r, scope)


def expr(r, scope, depth):
    p = r.random()
    if depth and p < .35:
        return [r.choice(["and", "or"])] + [expr(r, scope, depth - 1) for _ in range(r.randint(2, 3))]
    if depth and p < .5:
        return ["not", expr(r, scope, depth - 1)]
    if scope == 0 and p > .88:
        return entity(r, 0)
    if scope == 0 or (scope < 3 and p > .72):
        if r.random() < (.75 if scope == 0 else 1):
            return event(r, scope)
    return plain_value(r, scope)


def plain_value(r, scope):
    if r.random() < (.3 if scope else 1):
        if r.random() < .25:
            yes = r.random() < .5
            return ["value", ["trait", "vip"], [r.choice(["equals", "differs"]), r.choice([yes, str(yes).lower()]), 1]]
        return ["value", ["trait", r.choice(["d", "e.$.d"])], date(r)] if r.random() < .3 else \
            ["value", ["trait", r.choice(["n", "s", "b", "l.$"])], compare(r, scope)]
    return ["value", ["prop", r.choice(["n", "n", "m", "s", "b", "i.$.v", "i.$.v", "i.$.w.$"])], compare(r, scope)]


def lengths(q):
    if isinstance(q, dict):
        q = list(q.values())
    if not isinstance(q, list):
        return set()
    if q and q[0] in ("within", "parent", "between", "session"):
        return {d for d in q[1:] if isinstance(d, int)}
    if len(q) == 3 and q[0] in ("within_last", "within_next", "before_last", "after_next"):
        return {q[1], -q[1]}
    return set().union(*map(lengths, q)) if q else set()


def uses(q, word):
    return word in json.dumps(q)


# ---- streams ----


def value(r):
    p = r.random()
    return None if p < .06 else number(r) if p < .55 else text(r) if p < .95 else r.random() < .5


ROWS = ["r0", "r1", "r2", "r3", "4", 4]


def keys(r):
    return [r.choice(ROWS + [None, True, "r9"]) for _ in range(r.randint(0, 3))]


def properties(r):
    props = {"n": number(r), "m": number(r), "s": text(r), "b": r.random() < .5}
    if r.random() < .7:
        props["i"] = [{k: v for k, v in (("v", value(r)), ("w", [value(r) for _ in range(r.randint(0, 2))]))
                       if r.random() < .8} for _ in range(r.randint(0, 3))]
    for k in list(props):
        if r.random() < .15:
            props[k] = value(r)
        elif r.random() < .1:
            del props[k]
    return props


def rows(r):
    """All of them before everything else; some of them more than once, older or newer, some deleted."""
    for i in range(r.randint(0, 12)):
        more = {"d": stamp(r.randint(0, 200)), "k": keys(r)}
        row = {"type": "object", "collection": "rows", "id": r.choice(ROWS[:-1]), "messageId": "o%04d" % i,
               "timestamp": stamp(-r.randint(10, 20)), "properties": dict(properties(r), **more)}
        yield dict(row, deleted=True) if r.random() < .1 else row


def stream(r, late):
    out, t, traits = list(rows(r)), 0, {}
    for i in range(r.randint(10, 45)):
        t += r.choice([0, 1, 1, 2, 3, 5, 7, 10])
        if r.random() < .1:
            out.append({"type": "clock", "now": stamp(t)})
            continue
        who = r.choice("pq")
        mine = traits.setdefault(who, {})
        if r.random() < .3:
            k = r.choice("nnsbdlekk")
            v = {"n": number(r), "s": text(r), "b": r.random() < .5, "d": stamp(t + r.randint(-60, 60)),
                 "k": r.choice([keys(r), keys(r), r.choice(ROWS)]),
                 "l": [value(r) for _ in range(r.randint(0, 3))],
                 "e": [{"d": stamp(t + r.randint(-60, 60))} for _ in range(r.randint(0, 2))]}[k]
            mine[k] = value(r) if r.random() < .1 else v
        at = t - r.randint(1, 30) if late and r.random() < .2 else t
        props = properties(r)
        e = {"type": "track", "event": r.choice("AABBC"), "timestamp": stamp(at), "messageId": "m%04d" % i,
             "properties": props, "profile": {"id": "p_" + who, "traits": dict(mine)}}
        if r.random() < .3:
            e["sourceId"] = r.choice(["s1", "s2"])
        out.append(e)
    out.append({"type": "clock", "now": stamp(t + 1000)})
    return out


# ---- the answer ----


def found(v, path):
    """What is at the path: one value, or all of those that are there, of a path over $."""
    out = [v]
    for seg in path.split("."):
        nxt = []
        for x in out:
            if seg == "$" and isinstance(x, list):
                nxt += x
            elif isinstance(x, dict) and seg in x:
                nxt.append(x[seg])
        out = nxt
    return out


def typ(v):
    return "b" if isinstance(v, bool) else "n" if isinstance(v, (int, float, Decimal)) else "s"


def equal(a, b):
    if typ(a) != typ(b):
        return False
    return Decimal(str(a)) == Decimal(str(b)) if typ(a) == "n" else a == b


def holds(op, v, c, now):
    """v is compared with c: the null rule is that nothing is equal to null, and nothing differs from it."""
    if isinstance(v, set_of):
        if op in ("absent", "omits"):
            return not holds("exists" if op == "absent" else "contains", v, c, now)
        return any(holds(op, x, c, now) for x in v)
    if isinstance(c, set_of):
        return any(holds(op, v, x, now) for x in c)
    if op == "exists":
        return v is not None
    if op == "absent":
        return v is None
    if op == "omits":
        return not holds("contains", v, c, now)
    if v is None or c is None:
        return False
    if isinstance(v, list):
        return op == "contains" and any(a is not None and equal(a, x) for a in v for x in c)
    if op == "equals":
        return equal(v, c)
    if op == "differs":
        return typ(v) == typ(c) and not equal(v, c)
    if op == "one_of":
        return any(equal(v, x) for x in c)
    if op == "none_of":
        return any(typ(v) == typ(x) for x in c) and not any(equal(v, x) for x in c)
    if op == "contains":
        return typ(v) == "s" and any(x in v for x in c)
    if op in ("starts_with", "ends_with"):
        return typ(v) == "s" and getattr(v, op.replace("_", ""))(c)
    if op in ("before_date", "after_date", "within_last", "within_next", "before_last", "after_next"):
        t, d = instant(v), instant(c)
        if t is None:
            return False
        return {"before_date": lambda: t <= d, "after_date": lambda: t >= d,
                "within_last": lambda: t <= now < t + c, "within_next": lambda: t - c <= now < t,
                "before_last": lambda: t + c <= now, "after_next": lambda: now < t - c}[op]()
    if typ(v) != typ(c) or typ(v) == "b":
        return False
    a, b = (Decimal(str(v)), Decimal(str(c))) if typ(v) == "n" else (v, c)
    return {"greater_than": a > b, "at_least": a >= b, "less_than": a < b, "at_most": a <= b}[op]


def spelled(v):
    return json.dumps(v)[:-1] if isinstance(v, str) else json.dumps(v)


def reduce(how, events):
    """What is made of events, in their order."""
    kind, path, least = how
    if kind == "count":
        return len(events)
    vals = [v for e in events for v in found(e["properties"], path)]
    if kind == "modearr":
        vals = [v for v in (found(e["properties"], path) for e in events) if v]
        kind = "mode"
    vals = [v for v in vals if v is not None]
    if kind in ("sum", "avg", "min", "max"):
        vals = [Decimal(str(v)) for v in vals if typ(v) == "n"]
    if kind in ("minstr", "maxstr"):
        vals = [v for v in vals if typ(v) == "s"]
    if kind == "unique":
        return len({spelled(v) for v in vals})
    if not vals:
        return None
    if kind == "sum":
        return sum(vals)
    if kind == "avg":
        return (sum(vals) / len(vals)).quantize(Decimal(10) ** -12, ROUND_HALF_EVEN)
    if kind[:3] in ("min", "max"):
        return (min if kind[:3] == "min" else max)(vals)
    if kind == "mode":
        names = sorted({spelled(v) for v in vals})
        n = {k: sum(spelled(v) == k for v in vals) for k in names}
        best = max(names, key=lambda k: (n[k], -names.index(k)))
        return next(v for v in vals if spelled(v) == best) if n[best] >= least else None
    return vals[0] if kind == "first" else vals[-1]


class set_of(list):
    """The values of a path over $."""


VIP = 2  # vip: {when: {trait: n, gte: VIP}}


JOINS = {"rows": ["k", None], "deep": ["k", None], "own": ["l", "s"], "same": ["n", "m"]}


class Catalog(dict):
    """Rows by key; how they got their values, one after another."""
    def __init__(self):
        self.at, self.came = {}, []

    def put(self, l):
        key, at = str(l["id"]), (l["timestamp"], l["messageId"])
        if at < self.at.get(key, ("", "")):
            return
        self.at[key] = at
        was = self.get(key) or {}
        row = None if l.get("deleted") else l["properties"]
        for on in ("s", "m"):
            a, b = self.text(was.get(on)), self.text((row or {}).get(on))
            if a != b:
                self.came.append((on, key))
        self[key] = row

    def text(self, v):
        return json.dumps(v) if v is not None and typ(v) == "n" else v if v and typ(v) == "s" else None

    def same(self, on, value):
        keys = [k for k, row in self.items() if row and self.text(value) and
                self.text(row.get(on)) == self.text(value)]
        return sorted(keys, key=lambda k: max(i for i, c in enumerate(self.came) if c == (on, k)))


class Person:
    def __init__(self, now):
        self.events, self.traits, self.rows, self.now = [], {}, {}, now


def opposite(a):
    return {YES: NO, NO: YES}.get(a, UNSURE)


def both(answers):
    return NO if NO in answers else UNSURE if UNSURE in answers else YES


def judge(q, p, now, own=None, parents=()):
    """own: the index of the event in whose where it stands; parents: of those around it."""
    def get(x):
        if x == ["trait", "vip"]:
            n = p.traits.get("n")
            return n is not None and typ(n) == "n" and n >= VIP
        i = own if x[0] == "prop" else parents[-1] if x[0] == "parent" else None
        got = found(p.traits if i is None else i if isinstance(i, dict) else p.events[i]["properties"], x[1])
        return set_of(got) if "$" in x[1] else got[0] if got else None

    def compared(c, v):
        other = get(c[1]) if isinstance(c[1], list) and c[0] in SIGNS else c[1]
        return holds(c[0], v, other, now)

    def membership(c, v):
        return holds(c[0], v, c[1] in (True, "true"), now)

    def inner(e):
        end = p.events[own]["at"] + e["window"][1] if e["window"] else float("inf")
        open, those = bool(e["window"]) and now < end, []
        begin = p.events[own]["at"] + e["window"][2] if len(e["window"] or "") == 3 else float("-inf")
        for k in range(own + 1, len(p.events)):
            if p.events[k]["at"] >= end:
                break
            if p.events[k]["at"] < begin:
                continue
            a = member(e, k, parents + (own,))
            if a == YES:
                those.append(p.events[k])
            open = open or a == UNSURE
        v = reduce(e["reduce"], those)
        yes = compared(e["cmp"], v)
        if not open:
            return YES if yes else NO
        if e["reduce"][0] not in ("count", "unique"):
            return YES if yes and v is not None else UNSURE
        # It can only grow (by halves: who asks for 1.5 waits, too).
        more = {compared(e["cmp"], v + n / 2) for n in range(16)}
        return UNSURE if len(more) > 1 else YES if yes else NO

    def member(e, k, around):
        ev = p.events[k]
        if ev["event"] != e["name"] or (e["exclude"] and ev.get("sourceId") == e["exclude"]):
            return NO
        return judge(e["where"], p, now, k, around) if e["where"] else YES

    def outer(e):
        w, those = e["window"], []
        for k, ev in enumerate(p.events):
            t = ev["at"]
            if w and w[0] == "within" and not t <= now < t + w[1]:
                continue
            if w and w[0] == "between" and not t + w[1] <= now < t + w[2]:
                continue
            if member(e, k, ()) == YES:
                those.append(ev)
        if w and w[0] == "session":
            # Of events that have something to be reduced, as of traits.
            kind, path, _ = e["reduce"]
            those = [ev for ev in those if reduce(["mode" if kind == "unique" else kind, path, 1], [ev]) is not None]
            last = len(those)
            while last and (those[last]["at"] if last < len(those) else now) - those[last - 1]["at"] < w[1]:
                last -= 1
            those = those[last:]
        return YES if compared(e["cmp"], reduce(e["reduce"], those)) else NO

    def entities(e):
        those, seen = [], set()
        by, on = JOINS[e["name"]]
        for k in found(p.traits if own is None else own, by) + [None]:
            for value in k if isinstance(k, list) else [k]:
                if value is None or typ(value) not in "ns":
                    continue
                for key in [str(value)] if on is None else p.rows.same(on, value):
                    row = p.rows.get(key) if key not in seen else None
                    seen.add(key)
                    if row is not None and (not e["where"] or judge(e["where"], p, now, row, parents + (own,)) == YES):
                        those.append({"properties": row})
        v, c = reduce(e["reduce"], those), e["cmp"]
        if c[0] == "omits":
            return opposite(YES if compared(["contains"] + c[1:], v) else NO)
        return YES if compared(c, v) else NO

    if q[0] == "entity":
        return entities(q[1])
    if q[0] == "and":
        return both([judge(x, p, now, own, parents) for x in q[1:]])
    if q[0] == "or":
        return opposite(both([opposite(judge(x, p, now, own, parents)) for x in q[1:]]))
    if q[0] == "not":
        return opposite(judge(q[1], p, now, own, parents))
    if q[0] == "event" and own is not None and q[1]["cmp"][0] == "omits":
        return opposite(inner(dict(q[1], cmp=["contains"] + q[1]["cmp"][1:])))
    if q[0] == "event":
        return outer(q[1]) if own is None else inner(q[1])
    ask = membership if q[1] == ["trait", "vip"] else compared
    return YES if ask(q[2], get(q[1])) else NO


def wanted(q, lines):
    """[who, in or out, when or None: late], of each person in order."""
    people, inside, out, clock, held = {}, {}, [], float("-inf"), Catalog()
    steps = lengths(q)

    def move(who, now, at):
        p = people[who]
        yes = judge(q, p, now) == YES
        if yes != inside.get(who, False):
            inside[who] = yes
            out.append([who, yes, at])

    def live(who, to):
        p = people[who]
        marks = {e["at"] + d for e in p.events for d in steps}
        for d in map(instant, found(p.traits, "d") + found(p.traits, "e.$.d") + [x.get("d") for x in p.rows.values() if x]):
            marks |= {d + s for s in steps} | {d} if d is not None else set()
        for at in sorted(m for m in marks if p.now < m <= to):
            p.now = at
            move(who, at, at)
        p.now = max(p.now, to)

    for l in lines:
        if l["type"] == "clock":
            clock = max(clock, instant(l["now"]))
            for who in sorted(people):
                live(who, clock)
            continue
        if l["type"] == "object":
            held.put(l)
            continue
        who, t = l["profile"]["id"], instant(l["timestamp"])
        if who not in people:
            people[who] = Person(max(clock, t))
            people[who].rows = held
        p = people[who]
        live(who, max(t, clock))
        p.events.append(dict(l, at=t))
        p.events.sort(key=lambda e: e["at"])
        p.traits = l["profile"]["traits"]
        move(who, p.now, t if t == p.now else None)
    return sorted(out, key=lambda x: x[0])


def play(q, lines):
    with open("cdp.yaml", "w") as f:
        # z remembers everybody, and so how long they have lived.
        json.dump({"version": 1, "entities": {"rows": {"by": "traits.k"},
                                              "deep": {"collection": "rows", "by": "properties.k"},
                                              "own": {"collection": "rows", "by": "traits.l", "on": "s"},
                                              "same": {"collection": "rows", "by": "properties.n", "on": "m"}},
                   "audiences": {"a": {"when": {"segment": say(q)}},
                                               "vip": {"when": {"trait": "n", "gte": VIP}},
                                               "z": {"when": {"event": ["A", "B", "C"]}}}}, f)
    # One time in three in two runs, with what is kept in a store between them.
    cuts = [len(lines) // 2, len(lines)] if len(lines) % 3 == 1 else [len(lines)]
    shutil.rmtree("s", ignore_errors=True)
    got, done = [], 0
    for cut in cuts:
        feed = [dict(l, cdp={"o": "main.merge", "n": i + 1}) for i, l in enumerate(lines)][done:cut]
        feed.append({"type": "end", "cdp": {"o": "main.merge", "lines": len(feed)}})
        done = cut
        run = subprocess.run(["cdp-audience", "-q"] + (["-n"] if len(cuts) == 1 else ["-s", "s"]),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             input="".join(json.dumps(l) + "\n" for l in feed).encode())
        if run.returncode:
            return "status %d: %s" % (run.returncode, run.stderr.decode()[:500])
        got += [json.loads(l) for l in run.stdout.splitlines()]
    got = [[l["profile"]["id"], l["properties"]["a"], instant(l["timestamp"])]
           for l in got if str(l.get("event")).startswith("Audience ") and "a" in l["properties"]]
    got, want = sorted(got, key=lambda x: x[0]), wanted(q, lines)
    if len(got) == len(want) and all(g[:2] == w[:2] and w[2] in (None, g[2]) for g, w in zip(got, want)):
        return None
    return "want %s\n got %s" % (json.dumps(want), json.dumps(got))


def shrink(q, lines):
    size = len(lines) // 2
    while size:
        i = 0
        while i < len(lines):
            less = lines[:i] + lines[i + size:]
            if play(q, less):
                lines = less
            else:
                i += size
        size //= 2
    again = True
    while again:
        again = False
        for less in smaller(q):
            if play(less, lines):
                q, again = less, True
                break
    return q, lines


def smaller(q):
    if q[0] in ("and", "or", "not"):
        for x in q[1:]:
            yield x
        for i in range(1, len(q)):
            for x in smaller(q[i]):
                yield q[:i] + [x] + q[i + 1:]
    if q[0] in ("event", "entity") and q[1]["where"]:
        yield [q[0], dict(q[1], where=None)]
        for x in smaller(q[1]["where"]):
            yield [q[0], dict(q[1], where=x)]


def main():
    seed, runs, moves = int(sys.argv[1]), int(sys.argv[2]), 0
    for s in range(seed, seed + runs):
        r = random.Random(s)
        q = expr(r, 0, 2)
        lines = stream(r, r.random() < .5 and not uses(q, '"session"'))
        moves += len(wanted(q, lines))
        if play(q, lines):
            if not os.environ.get("QL_RAW"):
                q, lines = shrink(q, lines)
            print("seed %d: %s\n%s" % (s, say(q), play(q, lines)))
            for l in lines:
                print(json.dumps(l))
            sys.exit(1)
    print("ql: %d queries, %d enterings and leavings, each as found anew" % (runs, moves))


main()
