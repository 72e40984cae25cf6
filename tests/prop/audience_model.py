# Audiences as cdp-audience(1) and cdp.yaml(5) say they are, with nothing in
# mind but all events: everybody is asked everything at every second.
import json
from datetime import datetime, timezone

from journey_model import length, path, seconds, shares, signs

NEVER = float("-inf")
KINDS = "most_frequent unique_count sum avg min max first last".split()
moved = 0


def stamp(s):
    return datetime.fromtimestamp(s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


class Event:
    def __init__(self, t, line, group):
        self.t, self.line, self.set = t, line, signs(line)
        named = line.get("groupId") if line["type"] == "group" else path(line, "context.groupId")
        self.group = group if named in (None, group) else None


class Person:
    def __init__(self, who, now):
        self.who, self.now, self.group, self.events = who, now, None, []
        self.profile, self.since, self.spent, self.parted = {"id": who}, {}, set(), False


def ordered(p):
    """Of one instant in the order in which they came; of who was merged into another behind his."""
    return sorted(p.events, key=lambda e: e.t)


def made(kind, c, events):
    """A value of events, or None."""
    events = sorted((e for e in events if path(e.line, c[kind]) is not None),
                    key=lambda e: (e.t, e.line["messageId"]))
    vals = [path(e.line, c[kind]) for e in events]
    if kind == "unique_count":
        return len(set(vals))
    if kind == "most_frequent":
        n = max(map(vals.count, vals), default=0)
        return min(v for v in vals if vals.count(v) == n) if n >= c.get("min", 2) else None
    return {"sum": sum, "avg": lambda v: sum(v) / len(v), "min": min, "max": max, "first": lambda v: v[0],
            "last": lambda v: v[-1]}[kind](vals) if vals else None


class World:
    def __init__(self, project):
        self.project, self.audiences = project, project["audiences"]
        self.people, self.clock, self.out = {}, NEVER, []
        self.grouped, self.left = {}, set()
        for k, a in self.audiences.items():
            self.grouped[k] = self.asks(a["when"])

    def asks(self, c):
        """Whether it depends on other members of a group."""
        if isinstance(c, list):
            return any(map(self.asks, c))
        if not isinstance(c, dict):
            return False
        of = c.get("audience", "a0" if ".audiences.a0" in str(c.get("jq")) else None)
        return "in_group" in c or self.grouped.get(of, False) or any(map(self.asks, c.values()))

    # -- conditions --

    def is_such(self, c, e):
        names = c["event"] if isinstance(c["event"], list) else [c["event"]]
        return e.line.get("event") in names and all(
            is_number(path(e.line, p)) and path(e.line, p) > op["gt"] for p, op in c.get("where", {}).items())

    def holds(self, p, c, at, events):
        """events: of p's those that count, in their order."""
        if "all" in c and "in_group" not in c:
            return all([self.holds(p, x, at, events) for x in c["all"]])
        if "any" in c and "in_group" not in c:
            return any([self.holds(p, x, at, events) for x in c["any"]])
        if "not" in c:
            return not self.holds(p, c["not"], at, events)
        if "in_group" in c:
            return self.of_members(p, c, at)
        if "audience" in c:
            return c["audience"] in p.since
        if "consent" in c:
            v = p.profile.get("consent", {}).get(c["consent"])
            return self.project["consent"]["unknown"] == "allow" if v is None else v is True
        if "jq" in c:
            return self.program(p, c["jq"])
        if "sequence" in c:
            return self.sequence(c, at, events)
        if "event" in c:
            low, high = [length(x) for x in c["between"]] if "between" in c else \
                (NEVER, length(c["within"]) if "within" in c else float("inf"))
            events = [e for e in events if self.is_such(c, e) and low <= at - e.t < high]
            kind = next((k for k in KINDS if k in c), None)
            op, v = next(iter(c.get("count", {"gte": 1}).items())) if kind is None else \
                next((k, c[k]) for k in ("gte", "lt", "eq") if k in c)
            n = len(events) if kind is None else made(kind, c, events)
            return n is not None and {"gte": n >= v, "lt": n < v, "eq": n == v, "ne": n != v}[op]
        v = p.profile.get("traits", {}).get(c["trait"])
        if "gte" in c or "eq" in c:
            return is_number(v) and (v >= c["gte"] if "gte" in c else v == c["eq"])
        try:
            v = seconds(v)
        except (AttributeError, ValueError):
            return False
        return v - length(c["within_next"]) <= at < v if "within_next" in c else v <= at < v + length(c["within_last"])

    def program(self, p, text):
        if "traits.n" in text:
            n = p.profile.get("traits", {}).get("n")
            # In jq texts are more than numbers.
            return isinstance(n, str) or (n or 0) >= 2
        if "audiences" in text:
            return "a0" in p.since
        if "consent" in text:
            return p.profile.get("consent", {}).get("M") is True
        return path(p.profile, "groups.g.id") == "x"

    def of_members(self, p, c, at):
        if p.group is None:
            return False
        how = next(k for k in ("any", "all", "none") if k in c)
        each = [self.holds(q, c[how], at, [e for e in ordered(q) if e.group == q.group])
                for q in self.people.values() if q.group == p.group]
        return {"any": any(each), "all": all(each), "none": not any(each)}[how]

    def sequence(self, c, at, events):
        """Whether some way through the steps is over by now."""
        if "match" in c:
            values = {json.dumps(path(e.line, c["match"])) for e in events} - {"null"}
            rest = {k: v for k, v in c.items() if k != "match"}
            return any(self.sequence(rest, at, [e for e in events if json.dumps(path(e.line, c["match"])) == v])
                       for v in values)
        steps = c["sequence"]
        high = length(c["within"]) if "within" in c else float("inf")
        return any(self.is_such(steps[0], e) and at - e.t < high and self.goes(steps, 1, e.t, i + 1, at, events)
                   for i, e in enumerate(events))

    def goes(self, steps, k, t, i, at, events):
        """From step k on, the one before it done at t, before event i."""
        if k == len(steps):
            return True
        s = steps[k]
        wait = length(s["within"]) if "within" in s else float("inf")
        if "not" not in s:
            return any(self.is_such(s, e) and e.t - t < wait and self.goes(steps, k + 1, e.t, j + 1, at, events)
                       for j, e in enumerate(events) if j >= i)
        if wait < float("inf"):
            if at < t + wait or any(self.is_such(s["not"], e) and e.t < t + wait for e in events[i:]):
                return False
            j = next((j for j in range(i, len(events)) if events[j].t >= t + wait), len(events))
            return self.goes(steps, k + 1, t + wait, j, at, events)
        # None until the event of the next step.
        n = steps[k + 1]
        wait = length(n["within"]) if "within" in n else float("inf")
        for j in range(i, len(events)):
            if self.is_such(n, events[j]) and events[j].t - t < wait and \
                    self.goes(steps, k + 2, events[j].t, j + 1, at, events):
                return True
            if self.is_such(s["not"], events[j]):
                return False
        return False

    # -- who is in what --

    def judge(self, p, at, t, part=None):
        """part: only what depends on groups, or only what does not."""
        global moved
        events = ordered(p)
        for k, a in self.audiences.items():
            if part is not None and self.grouped[k] != part:
                continue
            was, holds = k in p.since, self.holds(p, a["when"], at, events)
            stay, leave = length(a.get("min_stay", "0s")), length(a["leave_after"]) if "leave_after" in a else None
            is_in = holds and k not in p.spent
            if not holds:
                p.spent.discard(k)
            if was and not holds and at < p.since[k] + stay:
                is_in = True
            if was and leave is not None and at >= p.since[k] + leave:
                is_in = False
                if holds:
                    p.spent.add(k)
            if is_in == was:
                continue
            moved += 1
            self.out.append([p.who, k, is_in, t])
            if is_in:
                p.since[k] = at
            else:
                del p.since[k]

    def joined(self, *groups):
        return [q for q in self.people.values() if q.group is not None and q.group in groups]

    def live(self, people, until):
        """What time changes by then, in all of them second by second."""
        people = {q.who: q for q in people}.values()
        if not people:
            return
        for s in range(int(min(q.now for q in people)) + 1, int(until) + 1):
            these = [q for q in people if q.now < s]
            for q in these:
                q.now = s
            for part in (False, True):
                for q in these:
                    self.judge(q, s, s, part)

    # -- lines --

    def line(self, l, t):
        who, groups = l["profile"]["id"], []
        now = max(t, self.clock)
        p = self.people.get(who) or Person(who, now)
        group = path(l, "profile.groups.g.id")
        self.live(self.joined(p.group, group) + [p], t)
        self.people[who] = p
        p.profile, p.now = l["profile"], max(p.now, now)
        around, self.left = {p.group, group} | self.left, set()
        if group != p.group:
            for e in p.events:
                e.group = group if p.parted and e.group == group else None
            p.group, p.parted = group, False
        if l["type"] != "profile":
            p.events.append(Event(t, l, group))
        self.judge(p, p.now, t)
        for q in sorted(self.joined(*around), key=lambda q: q.who):
            if q is not p:
                self.judge(q, q.now, p.now, True)

    def merge(self, l, t):
        a, b = self.people.get(l["from"]), self.people.get(l["into"])
        self.live([q for q in (a, b) if q] + self.joined(*{q.group for q in (a, b) if q}), t)
        if a is None:
            return
        b = self.people.setdefault(l["into"], Person(l["into"], a.now))
        for e in a.events:
            e.group = e.group if b.group in (None, a.group) else None
        b.group = b.group or a.group
        self.left.add(a.group)
        b.events += a.events
        b.now = max(a.now, b.now)
        for k, since in a.since.items():
            b.since[k] = min(since, b.since.get(k, since))
        b.spent = (a.spent | b.spent) - set(b.since)
        del self.people[l["from"]]

    def unmerge(self, n, lines, t):
        p = self.people.get(lines[n]["from"])
        if p is None:
            return
        self.live(self.joined(p.group) + [p], t)
        whose, _ = shares(lines[n], n, lines)
        events, p.events = p.events, []
        for e in events:
            to, e.set = whose(e.set)
            if to is not None:
                q = self.people.setdefault(to, Person(to, p.now))
                q.events.append(e)
                q.spent |= p.spent
                q.parted = q is not p


def play(project, lines):
    """Who enters and leaves what, and who is where at the end, since when."""
    global moved
    moved = 0
    w = World(project)
    for n, l in enumerate(lines):
        if l["type"] == "clock":
            w.clock = max(w.clock, seconds(l["now"]))
            w.live(w.people.values(), w.clock)
            continue
        t = seconds(l["timestamp"])
        if l["type"] == "merge":
            w.merge(l, t)
        elif l["type"] == "unmerge" and "sets" in l:
            w.unmerge(n, lines, t)
        elif "profile" in l:
            w.line(l, t)
    members = {k: sorted([p.who, p.since[k]] for p in w.people.values() if k in p.since) for k in w.audiences}
    return sorted(w.out, key=lambda o: (o[0], o[1])), members
