# Conditions are held to the plan of the events that they name.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  events:
    Order Completed:
      properties:
        total: {type: number}
        address: {type: object, properties: {city: {}}, additionalProperties: false}
    Cart Viewed: {properties: {cart_id: {}}, additionalProperties: false}
    Cart Shared: {allOf: [{properties: {share_via: {}}}]}
  page: {properties: {title: {}}}
traits:
  spent: {sum: properties.total, event: Order Completed, where: {properties.totl: {gt: 0}}}
audiences:
  a: {when: {event: Order Completed, where: {properties.total: {gt: 0}, properties.address.city: X}}}
  b: {when: {event: Order Completed, where: {properties.address.cty: X}}}
  c: {when: {event: Cart Viewed, where: {properties.cart: c1}}}
  d: {when: {event: [Cart Viewed, Order Completed], where: {properties.total: {gt: 0}}}}
  e: {when: {event: Cart Shared, where: {properties.via: x, context.ip: {exists: true}}}}
  f: {when: {event: Page Viewed, where: {properties.titel: x}}}
END
cdp-ingest --check
echo "exit $?"
sed -i 's/^plan:/&\n  mode: {unplanned_property: omit}/' cdp.yaml
cdp-ingest --check 2>&1 | grep -A1 totl
