#!/bin/sh
# What a plan was inferred from has no violation of it, and the plan does not
# depend on the order of the events: on the example, and on real events where
# they are beside the checkout.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# shellcheck disable=SC2154
cp "$top/share/examples/loja/events.ndjson" loja
for name in rees46 ga360_sample snowplow_ecommerce; do
	f=$top/../shared/data/$name.ndjson.zst
	[ ! -e "$f" ] || zstd -dcq "$f" 2>/dev/null | head -n 4000 >$name
done
for f in *; do
	mkdir "$f.d"
	cdp-ingest --infer "$f" >plan || exit 1
	sort -r "$f" | cdp-ingest --infer | cmp - plan || exit 1
	{ echo 'version: 1'; sed 's/violation: allow/violation: block/' plan; } \
		>"$f.d/cdp.yaml"
	cdp-ingest -C "$f.d" --check "$f" 2>said || { cat said; exit 1; }
	grep -q ' 0 errors, 0 warnings$' said || { cat said; exit 1; }
	n=$((n + $(wc -l <"$f"))) m=$((m + 1))
done
echo "infer: $n events of $m files, each file fits its plan"
