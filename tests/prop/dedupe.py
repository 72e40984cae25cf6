# Duplicates by brute force: runs of two sources with few ids, some of them with
# other content, in any order and from any run before, the log compacted or its
# KNOWN gone in between, against a dictionary.   dedupe.py SEED RUNS
import json, os, random, shutil, subprocess, sys
from datetime import datetime, timedelta, timezone

BASE = datetime(2026, 1, 1, tzinfo=timezone.utc)


def events(r, at):
    for _ in range(r.randint(1, 40)):
        name = r.choice("AAAAAAAB")
        e = {"type": "track", "event": name, "userId": "u", "messageId": "m%d" % r.randint(0, 25),
             "timestamp": (BASE + timedelta(seconds=at + r.randint(0, 60))).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
        if r.random() < .3:
            e["context"] = {"x": r.randint(0, 9)}  # may differ
        if r.random() < .2:
            e["event"], e["properties"] = "A", {"p": r.choice([1, 2]) if name == "B" else 1}
        yield e


def content(e):
    return e["event"], json.dumps(e.get("properties"))


def judge(source, sent, kept):
    """Ids that are printed, and how many are duplicates and conflicts."""
    here, printed, same, other = set(), [], 0, 0
    for e in sorted(sent, key=lambda e: (e["timestamp"], e["messageId"])):
        key = (source, e["messageId"])
        if kept.setdefault(key, content(e)) != content(e):
            other += 1
        elif key in here:
            same += 1
        else:
            here.add(key)
            printed.append(e["messageId"])
    return sorted(printed), same, other


def run(source, sent, number):
    p = subprocess.run(["cdp-ingest", "-s", "s", "-q", "--stats=json", "--source", source],
                       input="".join(json.dumps(e) + "\n" for e in sent).encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = [l for l in map(json.loads, p.stdout.splitlines()) if l["type"] == "track"]
    for l in out:
        key = (source, l["messageId"])
        if number.setdefault(key, l["cdp"]["n"]) != l["cdp"]["n"]:
            return "%s has two numbers" % (key,)
    stats = json.loads(p.stderr.splitlines()[-1])
    return sorted(l["messageId"] for l in out), stats["duplicates"], stats.get("by_code", {}).get("id_conflict", 0)


seed, runs, total = int(sys.argv[1]), int(sys.argv[2]), 0
with open("cdp.yaml", "w") as f:
    f.write("version: 1\n")
for s in range(seed, seed + runs):
    shutil.rmtree("s", ignore_errors=True)
    r, kept, number, at = random.Random(s), {}, {}, 0
    for i in range(8):
        at += r.choice([0, 100, 100000])
        source, sent = r.choice(["default", "b"]), list(events(r, at))
        total += len(sent)
        want, got = judge(source, sent, kept), run(source, sent, number)
        if got != want:
            print("seed %d, run %d, source %s: want %s\ngot %s" % (s, i, source, want, got))
            print("\n".join(map(json.dumps, sent)))
            sys.exit(1)
        if r.random() < .3:
            subprocess.run(["cdp-store", "-s", "s", "compact"], stdout=subprocess.DEVNULL)
        if r.random() < .3 and os.path.exists("s/ingest/KNOWN"):
            os.remove("s/ingest/KNOWN")
print("duplicates: %d events of %d stores, each once or told of" % (total, runs))
