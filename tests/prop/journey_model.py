# Journeys as cdp-journey(1) says they go, with nothing in mind but where each
# instance stands and every event there was.
import hashlib
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from journey_gen import PROGRAMS, stamp

NEVER = float("-inf")
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def seconds(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def length(text):
    return int(text[:-1])


def path(v, p):
    for k in p.split("."):
        v = v.get(k) if isinstance(v, dict) else None
    return v


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def digest(parts):
    return hashlib.sha256(b"".join(len(p.encode()).to_bytes(8, "little") + p.encode() for p in parts))


def bucket(*parts):
    return int.from_bytes(digest(parts).digest()[:8], "big") % 10000


def counted(c):
    return any(k in c for k in ("count", "within", "between"))


# ---- clocks ----


def offset(zone, t):
    return datetime.fromtimestamp(t, zone).utcoffset()


def shown(zone, local):
    """When clocks show that: the first time; or the instant at which they jump over it."""
    t = int(local.replace(tzinfo=zone, fold=0).timestamp())
    if datetime.fromtimestamp(t, zone).replace(tzinfo=None) == local:
        return t
    low, high = t - 86400, t + 86400
    before = offset(zone, low)
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (mid, high) if offset(zone, mid) == before else (low, mid)
    return high


def next_clock(zone, t, text):
    *days, hhmm = text.split()
    days = days[0].split(",") if days else DAYS
    if "-" in days[0]:
        first, last = days[0].split("-")
        days = DAYS[DAYS.index(first):DAYS.index(last) + 1]
    day = datetime.fromtimestamp(t, zone).replace(tzinfo=None, hour=int(hhmm[:2]), minute=int(hhmm[3:]), second=0)
    for d in range(-1, 9):
        at = day + timedelta(days=d)
        if DAYS[at.weekday()] in days and shown(zone, at) >= t:
            return shown(zone, at)


def zone_of(names, project):
    for name in names + [project]:
        try:
            return ZoneInfo(name)
        except Exception:
            pass


def said_time(zone, v):
    """A time that a program gives, or None."""
    if is_number(v):
        return v / 1000 if abs(v) >= 1e11 else v
    try:
        at = datetime.fromisoformat(v.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return at.timestamp() if at.tzinfo else shown(zone, at)


# ---- people ----


class Instance:
    def __init__(self, key, j, t, per, event):
        self.key, self.j, self.per, self.event, self.kept = key, j, per, event, {}
        self.entered = self.ref = t
        self.id, self.control, self.set = "", False, frozenset()
        self.step, self.due, self.ending, self.undo = 0, None, None, []
        self.arrived = self.here = self.since = 0
        self.visits, self.reached, self.lines = {}, False, []


class World:
    def __init__(self, frame):
        self.zone, self.out, self.people, self.clock = frame["project"]["timezone"], [], {}, NEVER
        self.counts = {}

    def person(self, who):
        if who not in self.people:
            self.people[who] = Person(who, self)
        return self.people[who]

    def count(self, key, what, name, n=1):
        c = self.counts.setdefault(key, {}).setdefault(what, {})
        c[name] = c.get(name, 0) + n


class Person:
    def __init__(self, who, world):
        self.who, self.world, self.profile = who, world, {"id": who}
        self.told, self.over = [], False
        self.clear()

    def clear(self):
        self.all, self.ended, self.held, self.history, self.tails = [], False, set(), [], []
        self.entries, self.ends, self.gone = {}, {}, {}  # by (journey, per, set): of the latest
        self.now = self.seen = NEVER

    def blank(self):
        """Of whom no journey knows anything the clock alone says what time it is."""
        return not (self.all or self.ended or self.held or self.history or self.tails or
                    self.entries or self.ends or self.gone)

    def tell(self, i, step, action, t, owner=None):
        self.world.out.append([t, (owner or self).who, i.key, step, action, i.id, i.control])
        self.did(i, t, ("would " if i.control else "") + action + " out", step)

    def did(self, i, t, what, step=None, e=None):
        """For the timeline, which has so many of a kind if one epoch has more; e: because of that line."""
        if what == "waited anew" and (t, i.key, what, step) in i.lines:
            return
        i.lines.append((t, i.key, what, step))
        self.told.append((t, i.key, what, step, e.get("messageId") if e and e["type"] != "profile" else None))
        self.over |= sum(l[2] == "went on" for l in i.lines) > 12 or \
            sum(l[2] == "waited anew" for l in i.lines) > 4 or \
            sum(l[1] == i.key and l[2].startswith("ended") for l in self.told) > 4

    def when(self, i):
        return min([d for d in [i.due] + [u[2] for u in i.undo] if d is not None], default=None)

    # -- conditions --

    def matches(self, i, w, e):
        """An event with a value of per concerns its instance, one without all of them."""
        if "if" in w and not self.holds(i, w["if"], e):
            return False
        if "audience" in w:
            return e is not None and path(e, "properties.audience_key") == w["audience"] and \
                e.get("event") == ("Audience Exited" if w.get("exited") else "Audience Entered")
        if "event" not in w or "count" in w:
            return self.holds(i, {k: v for k, v in w.items() if k not in ("if", "goto", "id", "send", "action")}, e)
        if not self.is_such(w, e):
            return False
        if i is None or "per" not in i.j["enter"]:
            return True
        v = path(e, i.j["enter"]["per"])
        return v is None or v == i.per

    def is_such(self, w, e):
        return e is not None and e.get("event") == w["event"] and all(
            is_number(path(e, p)) and path(e, p) > op["gt"] for p, op in w.get("where", {}).items())

    def triggers(self, w):
        return "audience" in w or ("event" in w and "count" not in w)

    def holds(self, i, c, e=None):
        kept = i.kept if i else {}
        if "all" in c or "any" in c:
            return (all if "all" in c else any)([self.holds(i, x, e) for x in c.get("all", c.get("any"))])
        if "not" in c:
            return not self.holds(i, c["not"], e)
        if "consent" in c:
            return self.profile.get("consent", {}).get(c["consent"]) is True
        if "audience" in c:
            return self.profile.get("audiences", {}).get(c["audience"]) is True
        if "jq" in c:
            return PROGRAMS[c["jq"]](kept, self.profile.get("traits", {}), e, self.profile.get("audiences", {}))
        if "event" in c:
            n = sum(self.is_such(c, h) and a <= self.instant - t < b for t, h, _ in self.history
                    for a, b in [self.window(c)])
            op, v = next(iter(c["count"].items()))
            return {"gte": n >= v, "lt": n < v, "eq": n == v}[op]
        v = kept.get(c["kept"]) if "kept" in c else self.profile.get("traits", {}).get(c["trait"])
        return v == c["eq"] if "eq" in c else is_number(v) and v >= c["gte"]

    def window(self, c):
        if "between" in c:
            return [length(x) for x in c["between"]]
        return [0, length(c["within"]) if "within" in c else float("inf")]

    # -- the end --

    def end(self, i, t, outcome, owner=None, e=None):
        for step, action, _ in i.undo:
            self.tell(i, step, action, t, owner)
        self.did(i, t, "ended as " + outcome, None, e)
        if i in self.all:
            self.all.remove(i)
        self.world.count(i.key, "outcomes", outcome)
        self.ended = True
        if len(i.j["enter"]["again"].split()) > 1 and i.j["enter"]["again"].startswith("after_exit"):
            self.later(self.ends, (i.key, i.per, i.set), t)
        within = i.j.get("goal", {}).get("within")
        if within and not i.reached and i.entered + length(within) > self.instant:
            self.tails.append(i)

    def later(self, times, key, t, what=None):
        if key not in times or times[key][0] < t:
            times[key] = (t, what)

    def last(self, times, key, per):
        return max((v for k, v in times.items() if k[:2] == (key, per)), key=lambda v: v[0], default=None)

    def finish(self, i, t, outcome):
        i.due, i.ending = None, outcome
        if all(u[2] is None for u in i.undo):
            self.end(i, t, outcome)

    # -- steps --

    def index(self, i, name):
        return next(k for k, s in enumerate(i.j["steps"]) if s["id"] == name)

    def after(self, i, s):
        return self.index(i, s["then"]) if "then" in s else i.step + 1

    def until(self, i, s, t):
        where = [self.profile.get("traits", {}).get("timezone"), path(i.event, "context.timezone") if i.event else None]
        zone = zone_of(where, self.world.zone)
        u = s["until"]
        if u.endswith("s"):
            return i.ref + length(u)
        if u[0] != ".":
            return next_clock(zone, t, u)
        if u.startswith(".kept.k"):
            k = i.kept.get("k")
            return None if not is_number(k) else k * int(u.split()[2]) + int(u.split()[4])
        return said_time(zone, self.profile.get("traits", {}).get("at"))

    def branch(self, i, s, e):
        n = bucket(i.key, s["id"], self.who, *([] if s.get("sticky") else [i.id]))
        low = 0
        for b in s["split"]:
            high = low + round(b.get("percent", 0) * 100)
            if ("percent" not in b or low <= n < high) and ("if" not in b or self.holds(i, b["if"], e)):
                return b
            low = high

    def walk(self, i, t, e=None):
        while i.step < len(i.j["steps"]):
            s = i.j["steps"][i.step]
            i.visits[s["id"]] = i.visits.get(s["id"], 0) + 1
            if i.visits[s["id"]] > s.get("max_visits", 100):
                return self.finish(i, t, "max_visits")
            if i.visits[s["id"]] == 1:
                self.world.count(i.key, "steps", s["id"])
            if "end" in s:
                return self.finish(i, t, s["end"])
            wait, so = None, None
            if "hold" in s:
                wait = t + length(s["hold"]["timeout"] if isinstance(s["hold"], dict) else s["hold"])
                # A condition that holds already need not be waited for.
                so = next((b["goto"] for b in s["hold"]["events"] if not self.triggers(b) and self.matches(i, b, e)),
                          None) if isinstance(s["hold"], dict) else None
            elif "delay" in s:
                wait = t + length(s["delay"])
            elif "until" in s:
                wait = self.until(i, s, t)
                if wait is None:
                    # That there was none is told of.
                    self.did(i, t, "went on", s["id"])
                    wait = t
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
                b = self.branch(i, s, e)
                i.step = self.index(i, b["goto"]) if b else i.step + 1
            elif "if" in s:
                self.did(i, t, "went on", s["id"])
                i.step = self.index(i, s["goto"]) if self.holds(i, s["if"], e) else i.step + 1
            else:
                self.tell(i, s["id"], s["action"], t)
                if "undo" in s and not i.control:
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
        said = {"event": i.event, "kept": i.kept, "profile": self.profile}
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

    # -- time --

    def look(self, until, today):
        """The next instant at which a condition may change, or one that waited may enter."""
        marks, waits = set(), []
        for c in conditions(list(today.values()) + [i.j for i in self.all]):
            marks |= {t + d for t, _, _ in self.history for d in self.window(c)}
        for key, j in today.items():
            again = j["enter"]["again"].split()
            if not self.triggers(j["enter"]) and len(again) > 1:
                last = self.last(self.entries if again[0] == "after" else self.ends, key, None)
                waits.append(last[0] + length(again[1]) if last else NEVER)
        return min([m for m in marks if self.looked < m <= until] + [m for m in waits if self.seen < m <= until],
                   default=None)

    def live(self, until, today):
        """What is due by then."""
        self.looked = self.now if self.now > NEVER else until
        while True:
            self.move(today)
            i = min([i for i in self.all if self.when(i) is not None], key=lambda i: (self.when(i), i.id), default=None)
            due = self.when(i) if i else float("inf")
            look = self.look(min(due, until), today)
            if look is not None:
                # What has changed by itself is seen before anything is sent.
                self.seen = look
                self.now = self.looked = self.instant = max(self.now, look)
                self.react(None, look, today)
                continue
            if due > until:
                return
            self.seen = due
            self.now = self.instant = max(self.now, due)
            n = len(self.all)
            self.fire(i, due)
            if len(self.all) < n:
                # It may have stood in the way of another.
                self.react(None, due, today)

    def fire(self, i, t):
        over = next((u for u in i.undo if u[2] is not None and u[2] <= t), None)
        if over:
            self.tell(i, over[0], over[1], t)
            i.undo.remove(over)
            if i.ending and all(u[2] is None for u in i.undo):
                self.end(i, t, i.ending)
            return
        i.due = None
        s = i.j["steps"][i.step]
        if "hold" in s or "delay" in s or "until" in s:
            self.did(i, t, "went on", s["id"])
            i.step = self.onward(i, s)
        self.walk(i, t)

    # -- lines --

    def line(self, e, t, today):
        clock = self.world.clock
        self.move(today)
        self.live(t, today)
        self.profile = e["profile"]
        now = max(t, clock, NEVER if self.blank() else self.now)
        self.instant, self.looked, self.seen = now, now, t
        if e["type"] != "profile":
            self.history.append((t, e, signs(e)))
        self.history = [h for h in self.history if any(
            self.is_such(c, h[1]) and now - h[0] < self.window(c)[1]
            for c in conditions(list(today.values()) + [i.j for i in self.all]))]
        self.react(e, t, today)
        if not self.blank():
            self.now = now
        self.live(now, today)

    def react(self, e, t, today):
        self.goals(e, t)
        left = []
        for i in list(self.all):
            x = next((x for x in i.j.get("exit", []) if self.concerns(i, x, e, t)), None)
            if x is None:
                left.append(i)
                continue
            if "send" in x:
                self.tell(i, x["id"], x["action"], t)
            self.end(i, t, x["id"], None, e)
        for i in left:
            if i.due is not None and (e is None or t >= i.since):
                self.waiting(i, e, t)
        for key, j in today.items():
            self.note_exit(key, j, e, t)
        for key in sorted(today, key=lambda k: -today[k].get("priority", 0)):
            self.enter(key, today[key], e, t)

    def concerns(self, i, w, e, t):
        """A late line is about what ran at its own time."""
        return (not self.triggers(w) or t >= i.entered) and self.matches(i, w, e)

    def goals(self, e, t):
        for i in self.all + self.tails:
            self.goal(i, e, t)

    def goal(self, i, e, t):
        w = {k: v for k, v in i.j.get("goal", {}).items() if k != "within"}
        until = i.entered + length(i.j["goal"]["within"]) if "within" in i.j.get("goal", {}) else float("inf")
        if i in self.tails and until <= self.instant:
            self.tails.remove(i)
        elif w and not i.reached and t < until and (i not in self.tails or t >= i.entered) and self.concerns(i, w, e, t):
            i.reached = True
            self.world.count(i.key, "goals", "control" if i.control else "treated")
            self.did(i, t, "reached the goal")
            if i in self.tails:
                self.tails.remove(i)

    def note_exit(self, key, j, e, t):
        for x in j.get("exit", []):
            if self.triggers(x) and self.matches(None, x, e):
                per = path(e, j["enter"]["per"]) if "per" in j["enter"] and "event" in x else None
                self.later(self.gone, (key, per, signs(e)), t, x["id"])
                return

    def waiting(self, i, e, t):
        s = i.j["steps"][i.step]
        on = s.get("restart_on")
        if on and ("max" not in on or i.here < on["max"]) and self.concerns(i, on, e, t):
            self.did(i, t, "waited anew")
            i.here, i.ref, i.since, i.event = i.here + 1, t, t, e
            i.due = t + length(s["hold"])
            if "up_to" in on:
                i.due = min(i.due, i.arrived + length(on["up_to"]))
            self.keep(i, s.get("keep"), e)
        elif isinstance(s.get("hold"), dict):
            b = next((b for b in s["hold"]["events"] if self.concerns(i, b, e, t)), None)
            if b:
                self.did(i, t, "went on", s["id"], e)
                i.due, i.step = None, self.index(i, b["goto"])
                self.walk(i, t, e)

    def enter(self, key, j, e, t):
        w, per, held = j["enter"], None, False
        again = w["again"].split()
        if self.triggers(w):
            if not self.matches(None, w, e):
                return
            per = path(e, w["per"]) if "per" in w else None
            if "per" in w and per is None:
                return self.world.count(key, "skipped", "no_per")
        else:
            c = {k: v for k, v in w.items() if k not in ("again", "keep")}
            held, holds = key in self.held, self.holds(None, c, e)
            (self.held.add if holds else self.held.discard)(key)
            if not holds or (held and again[0] != "once" and len(again) == 1):
                return
        if again[0] != "each" and any(i.key == key and i.per == per for i in self.all):
            return
        last = self.last(self.ends if again[0] == "after_exit" else self.entries, key, per)
        if last and again[0] == "once" or last and len(again) > 1 and t < last[0] + length(again[1]):
            return
        if "exclusive" in j:
            others = [i for i in self.all if i.key != key and "exclusive" in i.j]
            if any(i.j.get("priority", 0) >= j.get("priority", 0) for i in others):
                return held or self.world.count(key, "skipped", "exclusive")
            for i in others:
                self.end(i, t, "displaced", None, e)
        self.begin(key, j, e, t, per)

    def begin(self, key, j, e, t, per):
        w = j["enter"]
        i = Instance(key, j, t, per, e if e and e["type"] != "profile" else None)
        share = j.get("holdout", 0)
        share = float(share[:-1]) if isinstance(share, str) else share
        i.control = bucket(key, self.who) < round(share * 100)
        by = e["messageId"] if e and "messageId" in e else json.dumps(
            {k: v for k, v in w.items() if k not in ("again", "keep")})
        name = json.dumps(per) if "per" in w else ""
        i.id = "ins_" + digest([key, self.who, name, by, stamp(t)]).hexdigest()[:24]
        i.set = signs(e)
        if e:
            self.keep(i, w.get("keep"), e)
        self.world.count(key, "entered", "control" if i.control else "treated")
        if w["again"] == "once" or w["again"].startswith("after "):
            self.later(self.entries, (key, per, i.set), t)
        self.all.append(i)
        self.did(i, t, "entered", None, e)
        if "goal" in j and not self.triggers(j["goal"]):
            self.goal(i, e, t)
        # An exit by a condition is asked before anything is sent, and one of a later time was seen.
        gone = max((g for g in [self.last(self.gone, key, per), self.last(self.gone, key, None)] if g),
                   key=lambda g: g[0], default=None)
        x = next((x for x in j.get("exit", []) if not self.triggers(x) and self.matches(i, x, e)), None)
        if gone and gone[0] > t:
            self.end(i, t, gone[1])
        elif x:
            self.end(i, t, x["id"], None, e)
        else:
            self.walk(i, t, e)

    # -- who is who --

    def join(self, other, t):
        """Two profiles are one: of what cannot run side by side one goes on."""
        self.now = self.instant = max(t, self.now)
        if other.blank():
            return
        theirs, other.all = other.all, []
        for i in theirs:
            bars = [m for m in self.all if
                    i.key != m.key and "exclusive" in i.j and "exclusive" in m.j or
                    i.key == m.key and i.j["enter"]["again"] != "each" and i.per == m.per]
            rank = lambda x: (-x.j.get("priority", 0), x.entered, x.id)
            if any(rank(m) < rank(i) for m in bars):
                self.end(i, t, "merged", other)
                continue
            for m in bars:
                self.end(m, t, "merged")
            self.all.append(i)
        for mine, others in ((self.entries, other.entries), (self.ends, other.ends), (self.gone, other.gone)):
            for k, (at, what) in others.items():
                self.later(mine, k, at, what)
        self.ended |= other.ended
        self.held |= other.held
        self.tails += other.tails
        self.history = sorted(self.history + other.history, key=lambda h: h[0])
        self.now = max(self.now, other.now)
        other.clear()

    def part(self, whose, t):
        """Each of what events began or counted is whose those of its identifiers are; None: nobody's."""
        self.now = self.instant = max(t, self.now)
        for i in list(self.all):
            if whose(i.set)[0] is None:
                self.end(i, t, "unmerged")
        was = Person(self.who, self.world)
        was.__dict__.update(self.__dict__)
        self.clear()
        self.ended, self.now = was.ended, was.now
        for i in was.all + was.tails:
            to, i.set = whose(i.set)
            if to:
                (to.all if i in was.all else to.tails).append(i)
        for name in ("entries", "ends", "gone"):
            for (key, per, s), (at, what) in getattr(was, name).items():
                to, s = whose(s)
                if to:
                    to.later(getattr(to, name), (key, per, s), at, what)
        for at, e, s in was.history:
            to, s = whose(s)
            if to:
                to.history.append((at, e, s))
        for p in whose(None):
            p.held |= was.held
            p.now = p.seen = max(p.now, was.now)


def conditions(v):
    """All that count events; of a goal "within" is its own."""
    if isinstance(v, dict):
        v = dict(v, goal={k: x for k, x in v["goal"].items() if k != "within"}) if "goal" in v else v
        return ([v] if "event" in v and "count" in v else []) + [c for x in v.values() for c in conditions(x)]
    return [c for x in v for c in conditions(x)] if isinstance(v, list) else []


def signs(e):
    """The identifiers of an event that were believed."""
    e = e or {}
    ids = path(e, "profile.identifiers") or {}
    return frozenset((t, e[k]) for t, k in (("user_id", "userId"), ("anonymous_id", "anonymousId"))
                     if e.get(k) in ids.get(t, []))


def shares(l, n, lines):
    """Of a set of identifiers that line n takes apart: whose it is now, or None, and what it is."""
    lost, owners = set(), {}
    for m in reversed(lines[:n]):
        if m["type"] == "unmerge" and "sets" not in m:
            lost = {("anonymous_id", m["anonymous_id"])}
            break
    for m in lines[n + 1:]:
        if m["type"] != "profile" and "sets" not in m and "audience_key" not in m.get("properties", {}):
            break
        if m["type"] == "profile":
            for kind, values in m["profile"]["identifiers"].items():
                owners.update({(kind, v): m["profile"]["id"] for v in values})

    def whose(s):
        if not s:
            return l["from"], s
        s = frozenset(s - lost)
        return owners.get(next(iter(s)), l["from"]) if s else None, s
    return whose, set(owners.values()) | {l["from"]}


def unmerge(world, l, n, lines, t, today):
    p = world.person(l["from"])
    p.live(t, today)
    if p.blank():
        return
    of, all_of_them = shares(l, n, lines)

    def whose(s):
        if s is None:
            return [world.person(w) for w in all_of_them]
        to, s = of(s)
        return to and world.person(to), s
    p.part(whose, t)


def play(frame, versions, lines, cut):
    """What is sent, what was counted, and the people."""
    world = World(frame)
    for n, l in enumerate(lines):
        today = versions[1 if n >= cut else 0]
        if l["type"] == "clock":
            world.clock = max(world.clock, seconds(l["now"]))
            for p in list(world.people.values()):
                p.live(seconds(l["now"]), today)
            continue
        t = seconds(l["timestamp"])
        if l["type"] == "merge":
            a, b = world.person(l["from"]), world.person(l["into"])
            a.live(t, today)
            b.live(t, today)
            if b.profile == {"id": b.who}:
                b.profile = dict(a.profile, id=b.who)
            b.join(a, t)
        elif l["type"] == "unmerge" and "sets" in l:
            unmerge(world, l, n, lines, t, today)
        elif "profile" in l:
            world.person(l["profile"]["id"]).line(l, t, today)
    return sorted(world.out), world.counts, world.people
