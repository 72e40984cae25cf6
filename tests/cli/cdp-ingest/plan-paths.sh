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

# So are the types and values that they ask for.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  mode: {violation: block}
  events:
    Paid:
      properties:
        total: {type: [number, "null"]}
        currency: {enum: [BRL, EUR, USD]}
        at: {type: string, format: date-time}
        skus: {type: array}
        any: {}
traits:
  t: {count: true, event: Paid, where: {properties.total: "5"}}
  u: {count: true, event: Paid, where: {properties.currency: [BRL, EURO]}}
  v: {count: true, event: Paid, where: {properties.total: {within_last: 7d}, properties.at: {gt: 5}}}
  w: {count: true, event: Paid, where: {properties.skus: {starts_with: a}, properties.total: {gt: 5, exists: true}}}
  x: {count: true, event: Paid, where: {properties.skus: {contains: a}, properties.any: 7, properties.at: {before: 7d, ne: x}}}
END
cdp-ingest --check
sed -i '/mode:/d' cdp.yaml
cdp-ingest --check 2>&1 | grep -c warning
