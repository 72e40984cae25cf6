# Every promise of the example is kept, and a broken one says where and why.
loja=$top/share/examples/loja
cdp-journey -C "$loja" --test
cp -R "$loja"/. .
sed -i 's/hold: 30m/hold: 40m/' journeys/cart.yaml
cat >own.yaml <<'END'
tests:
  - name: too late
    profile: {traits: {email: a@example.com}, consent: {Marketing: true}}
    given: [{at: 0m, event: Product Added, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect: [{at: 30m, send: email}]
  - name: something <else>
    profile: {userId: a, traits: {email: a@example.com}, consent: {Marketing: true}}
    given: [{at: 0m, event: Product Added, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect:
      - {at: 40m, send: email, where: {template: other}}
      - {at: 1h, end: converted}
      - {at: 1m, profile: {traits.cart.0.price: 3}}
      - {enter: cart_abandonment, user: b}
  - name: more than was promised
    profile: {traits: {email: a@example.com}, consent: {Marketing: true}}
    given: [{at: 0m, event: Product Added, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect: []
  - name: held
    profile: {userId: a, traits: {email: a@example.com}}
    given: [{at: 0m, event: Product Added, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect: [{at: 40m, send: email}]
  - name: held for another reason
    profile: {userId: a, traits: {email: a@example.com}}
    given: [{at: 0m, event: Product Added, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect: [{at: 40m, held: email, reason: no_address}]
  - name: kept, the profile being hers who adds
    profile: {traits: {email: a@example.com}, consent: {Marketing: true}}
    given: [{at: 0m, event: Product Added, userId: ana, properties: {cart_id: c, product_id: t, name: x, price: 2}}]
    until: 1h
    expect: [{at: 40m, send: email, user: ana}]
END
for form in text json github junit; do
	cdp-journey --test --report=$form own.yaml
	echo "$form: $?"
done
sed -i 's/until: 1h/untill: 1h/; s/send: email/send: emial/; s/cart_abandonment/cart/; s/, end: converted//' own.yaml
cdp-journey --test own.yaml
echo "unreadable: $?"
printf 'version: 1\nproject: {name: none}\n' >cdp.yaml
cdp-journey --test
