# From a case of RudderStack's transformer: what a preset of ours is to be given
# so that it asks for the same, as {file, type, case, preset, settings, acts,
# want}; or {…, aside} if the case is not about a request, {…, differs} if ours
# cannot be asked.  `as` says in which form of the provider's API the case is
# compared, where RudderStack used an older one.
def some: with_entries(select(.value != null and .value != "" and .value != {} and .value != []));
def instant: if type == "string" and test("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+(Z|[+-]\\d\\d:\\d\\d)$") then . else null end;
def host: if .url then .url | capture("^https?://(?<h>[^/]+)").h else "none" end;
def presets: {braze: "braze", customerio: "customerio", fb_custom_audience: "meta-audience",
	google_adwords_remarketing_lists: "google-ads", hs: "hubspot", intercom: "intercom", iterable: "iterable", klaviyo: "klaviyo",
	mailchimp: "mailchimp", salesforce: "salesforce", segment: "segment", sendgrid: "sendgrid", slack: "slack", webhook: "webhook"};
# What cdp-merge would have made of the call: traits of its own go before those
# of its context, and an id from a warehouse is one of the person.
def traits: (.traits // {} | if type == "object" then . else {} end) as $t
	| if $t == {} or .type == "group" then .context.traits // {} else $t end;
def person: . as $e | traits as $t | ([$e.context.externalId[]? | select(.identifierType) | {key: .identifierType, value: .id}] | from_entries) as $x
	| {identifiers: ({user_id: [if $x == {} then $e.userId // $t.userId else $x.id // $x.userId // $x.external_id end | values | tostring | select(. != "")],
		anonymous_id: [$e.anonymousId | strings]} | with_entries(select(.value != []))),
	   traits: (($e.user_properties // {}) + ($t | if $x == {} then del(.userId, .anonymousId) else . end) + ($x | {email: (.email // .email_address)} | some)
		| with_entries(select(.value != null)))};
# The same for all; then what RudderStack's settings say that a preset has, too.
def settings($preset; $e; $cfg; $want):
	{braze: {endpoint: ($want | host), app_id: ($want.body.events[0]?.app_id // ""), alias: "rudder_id"},
	 customerio: ({site_id: $cfg.siteID, endpoint: ($want | host), device_event: $cfg.deviceTokenEventName} | some),
	 iterable: {endpoint: ($want | host), merge_nested: ($cfg.mergeNestedObjects != false), prefer_user_id: true},
	 mailchimp: {server: ($cfg.datacenterId // ""), list: ($cfg.audienceId // ""),
		merge: (if $cfg.enableMergeFields then {FNAME: "firstName", LNAME: "lastName", BIRTHDAY: "birthday", ADDRESS: "address", ANONYMOUSI: "anonymousId"} else {} end)},
	 "mailchimp-events": {server: ($cfg.datacenterId // ""), list: ($cfg.audienceId // "")},
	 "sendgrid-contacts": {list: ($want.body.contactListIds? // ""),
		fields: ($cfg.customFieldsMapping // [] | if . == [] then {} else {w1_T: .[0].from} end)},
	 klaviyo: {list: ($e.context.traits.properties.listId? // $cfg.listId // "")}, intercom: {endpoint: ($want | host)},
	 hubspot: {event: ($want.body.eventName // "e"),
		properties: ([$cfg.hubspotEvents[]? | select(.rsEventName == $e.event) | .eventProperties[]? | {key: .to, value: .from}] | from_entries)},
	 salesforce: {instance: ($want | host), by: "Id__c", version: "v50.0", object: "Lead",
		fields: {Email: "email", Phone: "phone", Rating: "rating", Title: "title", FirstName: "firstName", LastName: "lastName", Company: "company",
			PostalCode: "address.postalCode", City: "address.city", Country: "address.country", State: "address.state", Street: "address.street",
			LeadSource: "LeadSource", customKey__c: "customKey"}},
	 segment: {},
	 sendgrid: ({from: ($e.properties.from.email? // $cfg.fromEmail // "x"), from_name: $cfg.fromName, reply_to: ($e.properties.replyTo.email? // $cfg.replyToEmail),
		group: ($cfg.group // "" | if . == "" then 0 else tonumber end), groups: [$cfg.groupsToDisplay[]?.groupId | select(test("^[0-9]+$")) | tonumber]} | some)}[$preset];
def acts($preset; $type; $e; $cfg):
	($e | .timestamp |= (. // $e.originalTimestamp) | del(.integrations)) as $dated
	| [if $preset == "sendgrid" then {action: "send", kept: {s: $cfg.subject, h: $cfg.contents[0].value}}
	   elif $type == "identify" then {action: "identify"}, (select($preset == "klaviyo" and $e.context.traits.properties.subscribe?) | {action: "subscribe"})
	   else (select($preset == "braze" and $type == "track" and ($e | traits) != {}) | {action: "identify"}), {action: "track", event: $dated} end];
# What RudderStack asked for, in the words of the API that the preset speaks.
def v2($who; $e):
	(.url | capture("/api/v1/(customers/(?<id>[^/]+))?/?(?<what>[^/]*)(/(?<device>.*))?$")) as $u
	| (if $u.id == null then {anonymous_id: .body.anonymous_id} elif $u.id | contains("@") then {email: $u.id} else {id: $u.id} end) as $ids
	| .body as $b
	| {method: "POST", url: (.url | sub("/api/v1/.*"; "/api/v2/batch")), body: {batch: [{type: "person", identifiers: $ids} +
		if .method == "DELETE" then {action: "delete_device", device: {token: $u.device}}
		elif $u.what == "devices" then {action: "add_device", device: ({token: $b.device.id, platform: $b.device.platform, last_used: $b.device.last_used,
			attributes: ($b.device | del(.id, .platform, .last_used))})}
		elif $u.what == "events" then {action: $b.type, name: $b.name, timestamp: $b.timestamp, attributes: ($b.data // {})}
		else {action: "identify", timestamp: $b._timestamp, attributes: ($b | del(._timestamp))} end | with_entries(select(.value != null))]}};
def revised:
	def person: with_entries(.key |= ({"$email": "email", "$phone_number": "phone_number", "$id": "external_id"}[.] // .));
	if .url | test("/api/profiles/") then {method: "POST", url: "https://a.klaviyo.com/api/profile-import/", body: (.body | del(.data.id))}
	elif .url | test("/api/events") then .url = "https://a.klaviyo.com/api/events/" | .body.data.attributes |=
		(.metric = {data: {type: "metric", attributes: .metric}} | .profile = {data: {type: "profile", attributes: (.profile | person)}})
	else .body.data |= {type, attributes: {profiles: {data: [.attributes.subscriptions[] | {type: "profile", attributes: {email, phone_number, subscriptions:
			(.channels // {} | map_values({marketing: {consent: "SUBSCRIBED"}}))}}]}},
		relationships: {list: {data: {type: "list", id: .attributes.list_id}}}}
		| .url |= if endswith("/") then . else . + "/" end end;
def spoken($preset; $who; $e):
	if $preset == "customerio" and (.url | test("/api/v1/")) then v2($who; $e) + {as: "its v1 in the words of v2"}
	elif $preset == "klaviyo" then revised + {as: "its revision 2023-02-22 in the words of 2025-01-15"}
	elif $preset == "hubspot" and (.url | test("/contacts/v1/contact/createOrUpdate/email/|/crm/v3/objects/contacts(/\\d+)?$")) then
		(.body.properties | if type == "array" then map({key: .property, value}) | from_entries else . end) as $p
		| {method: "POST", url: "https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert", body: {inputs: [{idProperty: "email", id: $p.email, properties: $p}]},
		   as: "one contact in the words of batch/upsert"}
	elif $preset == "hubspot" and (.url | test("/events/v3/send")) then
		{method, url: "https://api.hubapi.com/events/v3/send/batch", body: {inputs: [.body]}, as: "one event in the words of send/batch"}
	elif $preset == "salesforce" and (.url | test("/sobjects/Lead$")) then
		.method = "PATCH" | .url += "/Id__c/" + $who.identifiers.user_id[0] | .as = "a new record in the words of an upsert"
	elif $preset == "sendgrid-contacts" then
		.body |= {contacts: [.contactDetails]} + (if .contactListIds == "" then {} else {list_ids: [.contactListIds]} end)
		| .as = "the request that its batch of contacts makes"
	elif $preset | startswith("mailchimp") then
		.url |= sub("/members/[0-9a-f]{32}"; "/members/" + ($who.traits.email // "" | @uri)) | .as = "the address in place of its MD5"
	elif $preset == "braze" then (.body | has("attributes") and length > 2) as $two
		| del(.body.partner) | .as = "without RudderStack's own name at Braze (partner)" + if $two then ", its one request as two" else "" end
	else . end;
def judge:
	.input.event as $e | (.input.event.type? // "none" | ascii_downcase) as $type
	| (presets[$file] | if . == "mailchimp" and $type == "track" then "mailchimp-events" elif . == "sendgrid" and $type == "identify" then "sendgrid-contacts" else . end) as $preset
	| (.expected | if type == "array" then .[0] else null end) as $first
	| (.input.destination.config // {}) as $cfg
	| if $preset == null then {aside: "we have no preset of it"}
	  elif .feature == "source" then {aside: "it is about what comes in"}
	  elif .feature == "userDeletion" then {aside: "it is about erasing people there"}
	  elif .feature == "proxy" then {aside: "it is about what came back from a request"}
	  elif .feature != "processor" then {aside: "it is about how RudderStack's own queue is cut (\(.feature))"}
	  elif .expected_error or (.expected | length) == 0 then {aside: "RudderStack sends nothing"}
	  elif $preset | IN("webhook", "slack", "google-ads", "meta-audience") then {differs: ["all"]}
	  elif $type | IN("track", "identify", "page", "screen") | not then {differs: ["no \($type)"]}
	  elif ($e.timestamp // $e.originalTimestamp | instant) == null and $type != "identify" then {differs: ["no timestamp"]}
	  else ($e | person) as $who
		| {preset: $preset, settings: settings($preset; $e; $cfg; $first), acts: acts($preset; $type; $e; $cfg),
		   profile: ($who | if $preset == "klaviyo" then del(.traits.properties) elif $preset == "hubspot" then del(.traits.lookupField)
			elif $preset == "mailchimp" and ($e | traits.anonymousId) then .traits.anonymousId = ($e | traits.anonymousId)
			elif $preset == "sendgrid" then .traits.email = $e.properties.personalizations[0].to[0].email else . end),
		   timestamp: ($e.timestamp // $e.originalTimestamp | instant // "2026-01-01T00:00:00.000Z"),
		   want: (.expected | map({method, url: (.url // ""), body} | spoken($preset; $who; $e)))}
		| .as = .want[0].as | .want |= map(del(.as) | .url |= sub("^https?://"; ""))
	  end + {$file, $type, case: .case};
(try judge catch {$file, type: "-", case: .case?, aside: "its input is no event"})
