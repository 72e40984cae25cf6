# Audiences a second time: random projects (conditions of most kinds, nested
# audiences, groups, consent, sequences, min_stay, leave_after) and random
# streams through cdp-ingest and cdp-merge (late events, people joined and
# taken apart, groups joined and left).  Each audience is asked anew of all
# events at every second, as cdp-audience(1) and cdp.yaml(5) say, against what
# cdp-audience prints, keeps after a backfill and says of members.  What differs
# is shrunk and printed.
#   audience.py SEED RUNS
import json
import os
import random
import shutil
import subprocess
import sys

import audience_model
from audience_gen import Maker
from journey_model import seconds


def run(command, feed):
    got = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         input="".join(json.dumps(l) + "\n" for l in feed).encode())
    if got.returncode not in (0, 1):
        raise RuntimeError("status %d: %s" % (got.returncode, got.stderr.decode()[:900]))
    return [json.loads(l) for l in got.stdout.splitlines()]


def prepare(project, made):
    """The lines as cdp-audience gets them."""
    for tool in ("cdp-ingest", "cdp-merge"):
        made = run([tool, "-n", "-q"], made)
    out, newest = [], None
    for l in made:
        l.pop("cdp", None)
        at = l.get("timestamp")
        # What other members live meanwhile is told by the clock.
        if "groups" in project and at and newest and at < newest:
            out.append({"type": "clock", "now": newest})
        newest = max(newest or "", at or l.get("now") or "")
        if l["type"] != "end":
            out.append(l)
    return out + [{"type": "clock", "now": audience_model.stamp(seconds(newest) + 60)}] if newest else out


def write(project):
    with open("cdp.yaml", "w") as f:
        json.dump(project, f)


def numbered(lines, first, end):
    feed = [dict(l, cdp={"o": "main.merge", "n": i + 1}) for i, l in enumerate(lines)][first:end]
    return feed + [{"type": "end", "cdp": {"o": "main.merge", "lines": len(feed)}}]


def kept(store):
    return [l for l in run(["cdp-store", "-s", store, "cat", "audience"], []) if "k" in l]


def backfilled(project, feed):
    """A store that knew one audience only, with the others put in."""
    shutil.rmtree("b", ignore_errors=True)
    write(dict(project, audiences={k: a for k, a in project["audiences"].items() if k == "z"}))
    run(["cdp-audience", "-q", "--sync=none", "-s", "b"], feed)
    write(project)
    run(["cdp-audience", "-q", "--sync=none", "-s", "b", "--backfill"], feed)
    return kept("b")


def play(trial):
    project, made, cuts = trial
    write(project)
    try:
        lines = prepare(project, made)
        shutil.rmtree("s", ignore_errors=True)
        got, first = [], 0
        for cut in sorted({len(lines) * c // 100 for c in cuts} | {len(lines)}):
            feed = numbered(lines, first, cut)
            first = cut
            got += run(["cdp-audience", "-q", "--sync=none", "-s", "s"] + (["--memory", "1K"] if 1 in cuts else []), feed)
        members = {k: [[m["id"], seconds(m["since"])] for m in run(["cdp-audience", "-s", "s", "--members", k], [])]
                   for k in project["audiences"]}
        # Who is read anew on the way is asked more, and may forget sooner what no condition needs.
        again = backfilled(project, numbered(lines, 0, len(lines))) if not cuts and len(lines) % 2 else None
        if again is not None and again != kept("s"):
            return "backfilled: want %s\n got %s" % (kept("s"), again)
    except RuntimeError as e:
        return str(e)
    got = [[l["profile"]["id"], l["properties"]["audience_key"], l["event"] == "Audience Entered",
            seconds(l["timestamp"])] for l in got if str(l.get("event")).startswith("Audience ")]
    want, are = audience_model.play(project, lines)
    got, want = ([t for t in sorted(x, key=lambda t: t[:2])] for x in (got, want))
    if got != want:
        return "want %s\n got %s" % ([w for w in want if w not in got] or want, [g for g in got if g not in want] or got)
    return None if are == members else "members: want %s\n got %s" % (are, members)


def smaller(c):
    """Conditions with something less."""
    for k in ("all", "any"):
        if isinstance(c.get(k), list):
            yield from c[k]
            for i, x in enumerate(c[k]):
                yield from ({k: c[k][:i] + [y] + c[k][i + 1:]} for y in smaller(x))
    if "not" in c:
        yield c["not"]
        yield from ({"not": y} for y in smaller(c["not"]))
    if "in_group" in c:
        how = next(k for k in ("any", "all", "none") if k in c)
        yield from (dict(c, **{how: y}) for y in smaller(c[how]))


def shrink(trial):
    project, made, cuts = trial

    def bad(p, m):
        return m and not str(wrong := play((p, m, cuts)) or "status").startswith("status") and wrong
    size = len(made) // 2
    while size:
        i = 0
        while i < len(made):
            less = made[:i] + made[i + size:]
            if bad(project, less):
                made = less
            else:
                i += size
        size //= 2
    again = True
    while again:
        again = False
        for k, a in list(project["audiences"].items()):
            rest = {n: x for n, x in project["audiences"].items() if n != k}
            less = [rest] + [dict(project["audiences"], **{k: dict(a, when=c)}) for c in smaller(a["when"])]
            less += [dict(project["audiences"], **{k: {x: y for x, y in a.items() if x != gone}})
                     for gone in ("min_stay", "leave_after") if gone in a]
            for l in less:
                if l and bad(dict(project, audiences=l), made):
                    project, again = dict(project, audiences=l), True
                    break
    return project, made, cuts


def main():
    seed, runs, moves, good = int(sys.argv[1]), int(sys.argv[2]), 0, 0
    for s in range(seed, seed + runs):
        m = Maker(random.Random(s))
        trial = m.project(), m.stream(), m.cuts()
        wrong = play(trial)
        good += wrong is None
        if wrong:
            if not os.environ.get("RAW"):
                trial = shrink(trial)
                wrong = play(trial)
            print("seed %d: %s" % (s, wrong))
            print(json.dumps(trial[0]), trial[2])
            for l in prepare(trial[0], trial[1]):
                print(json.dumps(l))
            if not os.environ.get("GOON"):
                sys.exit(1)
        moves += audience_model.moved
    print("audience: %d of %d projects, %d enterings and leavings, as the manual says" % (good, runs, moves))


main()
