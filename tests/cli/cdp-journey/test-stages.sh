# Tests run the stages themselves: what comes late, who is merged, journeys that
# exclude each other, times of day and of a program, what is remembered, quiet
# hours, what the plan forbids and what a transform changes.
cat >cdp.yaml <<'END'
version: 1
project: {name: stages, timezone: America/Sao_Paulo}
clock: {lateness: 10m, tick: 1m}
plan: {mode: {violation: block}, events: {buy: {required: [total]}}}
transforms: [{event: purchase, jq: '.event = "buy"'}]
identity:
  identifiers:
    user_id: {from: userId}
    anonymous_id: {from: anonymousId}
destinations:
  mail: {preset: file, settings: {dir: out}, to: .profile.traits.email}
  push: {preset: file, settings: {dir: out}, to: .profile.id, channel: push}
limits: {quiet: {channels: [push], from: "21:00", to: "08:00", then: defer}}
consent: {unknown: allow}
journeys:
  browse:
    enter: {event: view}
    exclusive: one
    steps: [{id: w, hold: 1h}, {id: m, send: mail}]
  cart:
    enter: {event: add, keep: {n: properties.n}}
    exclusive: one
    priority: 5
    exit: [{id: bought, event: buy}]
    steps:
      - {id: w, hold: 30m}
      - {id: more, set: {n: .kept.n + 1, who: profile.traits.email}}
      - {id: m, send: mail}
      - {id: morning, until: "09:00"}
      - {id: p, send: push}
      - {id: date, until: .event.properties.at}
      - {id: last, send: mail}
  night:
    enter: {event: late}
    steps: [{id: p, send: push}]
tests:
  - name: the more urgent displaces, and remembers
    profile: &a {userId: a, traits: {email: a@example.com}}
    start: 2026-01-05T12:00:00Z
    given:
      - {at: 0m, event: view}
      - {at: 10m, event: add, properties: {n: 1, at: "2026-01-07T00:00:00Z"}}
    expect:
      - {at: 10m, end: displaced}
      - {at: 40m, send: mail, step: m, where: {kept.n: 2, kept.who: a@example.com}}
      - {at: 1d, send: push, step: p}
      - {at: 36h, send: mail, step: last}
      - {end: completed}
  - name: a transform makes it a purchase, in time
    profile: *a
    given:
      - {at: 0m, event: add, properties: {n: 1}}
      - {at: 29m, arrives: 39m, event: purchase, properties: {total: 3}}
    expect: [{at: 29m, end: bought}]
  - name: too late to stop the first
    profile: *a
    given:
      - {at: 0m, event: add, properties: {n: 1}}
      - {at: 29m, arrives: 41m, event: purchase, properties: {total: 3}}
    expect: [{at: 30m, send: mail}, {at: 29m, end: bought}]
  - name: what is said at night waits for the morning
    profile: *a
    start: 2026-01-05T23:30:00-03:00
    given: [{at: 0m, event: late}]
    expect:
      - {at: 0m, held: push, reason: quiet_hours}
      - {at: 8h30m, send: push}
  - name: two become one, and the older goes on
    given:
      - {at: 0m, event: add, userId: a, properties: {n: 1}}
      - {at: 5m, event: add, anonymousId: x, properties: {n: 7}}
      - {at: 10m, type: identify, userId: a, anonymousId: x, traits: {email: a@example.com}}
    until: 1h
    expect:
      - {at: 10m, end: merged}
      - {at: 30m, send: mail, where: {kept.n: 2}}
  - name: what the plan forbids is a failure
    profile: *a
    given: [{at: 0m, event: buy}]
    expect: []
END
cdp-journey --test
echo "status $?"
cat >own.yaml <<'END'
tests:
  - {name: before, given: [{at: 5m, arrives: 4m, event: add}], expect: []}
END
cdp-journey --test own.yaml
echo "status $?"
