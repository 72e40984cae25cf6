# Journeys a second time: random projects of a few journeys (journey_gen.py:
# entered by events, audiences and conditions, with exits, goals, holdouts,
# holds, clock times, splits by percent, conditions of most kinds, undo, loops,
# ranks) and random streams, with late events, or with people that cdp-merge
# joins and takes apart; in half of them an edit on the way, with or without
# migrate.  Each is played as the manual says (journey_model.py), against what
# cdp-journey sends, when and to whom, what it counts, and, where nobody is
# joined, what --explain then tells.  What differs is shrunk and printed.
# journey.py SEED RUNS
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter

import journey_model
from journey_gen import Maker
from journey_model import seconds


def run(command, feed):
    got = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         input="".join(json.dumps(l) + "\n" for l in feed).encode())
    if got.returncode not in (0, 1):
        raise RuntimeError("status %d: %s" % (got.returncode, got.stderr.decode()[:900]))
    return [json.loads(l) for l in got.stdout.splitlines()], got.stderr.decode()


def write(frame, journeys):
    with open("cdp.yaml", "w") as f:
        json.dump(dict(frame, journeys=journeys), f)


def prepare(trial):
    """The lines as cdp-journey gets them, and where the edit comes."""
    frame, versions, lines, cut, people = trial
    if not people:
        return lines, cut
    write(frame, versions[0])
    made = [l for l in lines if l["type"] != "clock"]
    for tool in ("cdp-ingest", "cdp-merge", "cdp-audience"):
        made, _ = run([tool, "-n", "-q"] + (["--until", lines[-1]["now"]] if tool == "cdp-ingest" and
                                            lines and lines[-1]["type"] == "clock" else []), made)
    for l in made:
        l.pop("cdp", None)
    made = [l for l in made if l["type"] != "end"]
    at = lines[cut]["messageId"] if cut < len(lines) and "messageId" in lines[cut] else None
    return made, next((n for n, l in enumerate(made) if l.get("messageId") == at and at), len(made))


def told(stats):
    """What is counted, as the model counts it."""
    out = {}
    for key, s in json.loads(stats)["journeys"].items():
        got = {what: s[what] for what in ("outcomes", "skipped", "steps") if what in s}
        got["entered"] = {"treated": s["entered"] - s["control"], "control": s["control"]}
        got["goals"] = {arm: g["n"] for arm, g in s.get("goals", {}).items()}
        out[key] = {what: {k: v for k, v in c.items() if v} for what, c in got.items()}
    return {key: {what: c for what, c in s.items() if c} for key, s in out.items() if any(s.values())}


def timeline(p):
    """What is told with times is so, and, if it can hold all, all of it."""
    said = run(["cdp-journey", "-q", "-s", "s", "--explain", p.who], [])[0][0]["timeline"]
    said = [l for l in said if l["did"] != "did not enter"]
    got = Counter((seconds(l["at"]), l["journey"], l["did"], l.get("step"), l.get("event")) for l in said if "at" in l)
    want = Counter(p.told)
    if p.over:
        # Of what is forgotten nobody may know the event.
        want += Counter(w[:4] + (None,) for w in p.told)
    if (got - want) or (not p.over and (want - got or any("by" in l for l in said))):
        return "timeline of %s: too much %s, missing %s" % (p.who, list(got - want), list(want - got))


def play(trial):
    frame, versions = trial[:2]
    try:
        lines, cut = prepare(trial)
        shutil.rmtree("s", ignore_errors=True)
        got, stats, first = [], None, 0
        for n, part in enumerate([lines[:cut], lines[cut:]]):
            if not part:
                continue
            write(frame, versions[n])
            feed = [dict(l, cdp={"o": "main.merge", "n": first + i + 1}) for i, l in enumerate(part)]
            feed.append({"type": "end", "cdp": {"o": "main.merge", "lines": len(feed)}})
            first += len(part)
            out, stats = run(["cdp-journey", "-q", "--sync=none", "--stats=json", "-s", "s"], feed)
            got += out
    except RuntimeError as e:
        return str(e)
    want, counts, people = journey_model.play(frame, versions, lines, cut)
    got = sorted([seconds(l["timestamp"]), l["profile"]["id"], l["journey"], l["step"], l["action"], l["instance"],
                  "holdout" in l] for l in got if l["type"] == "activation")
    if got != want:
        return "want %s\n got %s" % ([w for w in want if w not in got] or want, [g for g in got if g not in want] or got)
    got = told(stats.splitlines()[-1]) if stats else {}
    if got != counts:
        return "counts: want %s\n got %s" % (counts, got)
    return None if trial[4] else next((f for f in map(timeline, people.values()) if f), None)


def shrink(trial):
    frame, versions, lines, cut, people = trial
    size = len(lines) // 2
    while size:
        i = 0
        while i < len(lines):
            less = (frame, versions, lines[:i] + lines[i + size:], cut - max(0, min(size, cut - i)), people)
            if less[2] and play(less):
                lines, cut = less[2:4]
            else:
                i += size
        size //= 2
    for key in list(versions[0]):
        less = [{k: j for k, j in v.items() if k != key} for v in versions]
        if less[0] and play((frame, less, lines, cut, people)):
            versions = less
    return frame, versions, lines, cut, people


def main():
    seed, runs, sent = int(sys.argv[1]), int(sys.argv[2]), 0
    for s in range(seed, seed + runs):
        r = random.Random(s)
        m = Maker(r)
        first = m.project()
        lines = m.stream()
        cut = r.randint(1, len(lines) - 1) if r.random() < .5 else len(lines)
        trial = m.frame(), [first, m.edit(first)], lines, cut, m.people
        wrong = play(trial)
        sent += wrong is None
        if wrong:
            if not os.environ.get("RAW"):
                trial = shrink(trial)
            print("seed %d: %s" % (s, play(trial)))
            for v in trial[1][:1 if trial[3] == len(trial[2]) else 2]:
                print(json.dumps(v))
            for n, l in enumerate(trial[2]):
                print("-- the other version" if n == trial[3] else "", json.dumps(l))
            if not os.environ.get("GOON"):
                sys.exit(1)
    print("journey: %d of %d projects go as the manual says" % (sent, runs))


main()
