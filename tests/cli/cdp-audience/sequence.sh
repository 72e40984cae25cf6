# A cart of one's own: added, and not ordered within a day, by cart; the second
# cart counts though the first was bought, and a purchase of another cart does
# not save it.  And in order: viewed, added, bought within a week, without a
# return between.
cat >cdp.yaml <<'END'
version: 1
audiences:
  left:
    when:
      sequence:
        - {event: Product Added}
        - {not: {event: Order Completed}, within: 1d}
      match: properties.cart_id
      within: 3d
  funnel:
    when:
      sequence:
        - {event: Product Viewed}
        - {event: Product Added}
        - {not: {event: Product Removed}}
        - {event: Order Completed, within: 1h}
END
line() {
	n=$((n + 1))
	printf '{"type":"track","event":"%s","timestamp":"2026-03-%s.000Z","properties":{"cart_id":"%s"},"profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":%d}}\n' "$2" "$1" "$3" $n
}
{
	line 01T09:00:00 'Product Viewed' ''
	line 01T09:10:00 'Product Added' c1
	line 01T09:20:00 'Product Removed' c1
	line 01T09:30:00 'Order Completed' c1
	line 01T09:40:00 'Product Added' c2
	line 01T10:00:00 'Order Completed' c3
	printf '{"type":"clock","now":"2026-03-10T00:00:00.000Z","cdp":{"o":"main.merge","n":%d}}\n' $((n + 1))
	echo '{"type":"end","cdp":{"o":"main.merge","lines":7}}'
} | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
echo "-- T9: added, bought, added: in at the second one and a day"
rm -rf store
cat >cdp.yaml <<'END'
version: 1
audiences:
  left:
    when:
      sequence:
        - {event: Product Added}
        - {not: {event: Order Completed}, within: 1d}
      within: 7d
END
n=0
{
	line 01T09:00:00 'Product Added' ''
	line 01T10:00:00 'Order Completed' ''
	line 01T11:00:00 'Product Added' ''
	printf '{"type":"clock","now":"2026-03-05T00:00:00.000Z","cdp":{"o":"main.merge","n":%d}}\n' $((n + 1))
	echo '{"type":"end","cdp":{"o":"main.merge","lines":4}}'
} | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
