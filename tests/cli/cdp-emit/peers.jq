# From a case of Segment's destinations: what a preset of ours is to be given so
# that it sends the same, as {case, preset, settings, acts, want}; or why there
# is nothing to compare, as {case, why}.
def path($e): ltrimstr("$.") | split(".") | reduce .[] as $k ($e;
	if type == "object" then .[$k] elif type == "array" and ($k | test("^[0-9]+$")) then .[$k | tonumber] else null end);
def resolve($e):
	if type == "object" then
		if has("@path") then .["@path"] | path($e)
		elif has("@if") then .["@if"] as $i
			| if ($i.exists | resolve($e)) != null then $i.then | resolve($e) else $i.else | resolve($e) end
		elif has("@template") then .["@template"]
			| if test("^{{[^}]*}}$") then .[2:-2] | path($e) else . end
		elif has("@arrayPath") then .["@arrayPath"] as [$p, $o]
			| ($p | path($e)) as $v
			| if $v == null then null elif $o == null then $v
			  else [$v | if type == "array" then .[] else . end | . as $one | $o | resolve($one)] end
		elif keys | any(startswith("@")) then error("a mapping of arrays")
		else with_entries(.value |= resolve($e) | select(.value != null)) end
	elif type == "array" then map(resolve($e))
	else . end;
def some: with_entries(select(.value != null and .value != "" and .value != {}));
def ids($user; $anonymous): {user_id: [$user | values], anonymous_id: [$anonymous | values]} | with_entries(select(.value != []));
def track($name; $time): {type: "track", event: $name, timestamp: $time};
def dated: if (.timestamp // "") | test("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$") then . else error("no timestamp") end;
def e164: if . == null or test("^\\+[0-9]{7,15}$") then . else error("no E.164") end;
def sync: {existing_only: (._update_existing_only // (.__segment_internal_sync_mode == "update"))};
def make:
	.action as $action | .preset as $preset | .m as $m | .e as $e
	| if $preset == "braze" and ($action | test("^trackEvent2?$")) then
		$m | {action: "track", settings: sync, event: (track(.name; .time) + {properties}), profile: {identifiers: ids(.external_id; null), traits: ({email} | some)}}
	elif $preset == "braze" and ($action | test("^trackPurchase2?$")) then
		$m | {action: "track", settings: sync, event: (track("Order Completed"; .time) + {properties: ((.properties // {}) + {products: (.products // [])})}),
			profile: {identifiers: ids(.external_id; null), traits: ({email} | some)}}
	elif $preset == "braze" and ($action | test("^updateUserProfile2?$")) then
		$m | some | {action: "identify", settings: sync, profile: {identifiers: ids(.external_id; null),
			traits: ((.custom_attributes // {} | if type == "object" then . else {} end)
				+ ({email, firstName: .first_name, lastName: .last_name, phone, home_city, country, gender, birthday: .dob, avatar: .image_url, language, time_zone} | some))}}
	elif $preset == "braze" and ($action | IN("triggerCampaign", "triggerCanvas")) then
		if $m.broadcast then error("to all") else $m.recipients[] end
		| {action: "send", settings: {campaign: $m.campaign_id, canvas: $m.canvas_id}, kept: (.trigger_properties // .canvas_entry_properties // {}),
		   profile: {identifiers: ids(.external_user_id; null)}}
	elif $preset == "iterable" and $action == "trackEvent" then
		$m | {action: "track", event: (track(.eventName; .createdAt) + {messageId: .id, properties: ((.dataFields // {}) + ({campaignId, templateId} | some))}),
		   profile: {identifiers: ids(.userId; null), traits: {email}}}
	elif $preset == "iterable" and ($action | IN("trackPurchase", "updateCart")) then
		$m | {action: "track", settings: {merge_nested: .user.mergeNestedObjects},
			event: (track({trackPurchase: "Order Completed", updateCart: "Product Added"}[$action]; .createdAt) + {context: {traits: .user.dataFields},
				properties: ((.dataFields // {}) + {order_id: .id, total, campaignId, templateId,
					products: [.items[] | with_entries(.key |= ({id: "product_id", imageUrl: "image_url", categories: "category"}[.] // .))]} | some)}),
		   profile: {identifiers: ids(.user.userId; null), traits: {email: .user.email}}}
	elif $preset == "iterable" and $action == "updateUser" then
		$m | {action: "identify", settings: {merge_nested: (.mergeNestedObjects // false)}, profile: {identifiers: ids(.userId; null),
			traits: ((.dataFields // {}) + ({phone: .phoneNumber, email} | some))}}
	elif $preset == "iterable" and $action == "syncAudience" then
		$e | {action: (if [.traits, .properties | values | .[]] | any(. == false) then "remove" else "add" end),
			profile: {identifiers: ids(.userId; null), traits: ({email: (.context.traits.email // .traits.email)} | some)}}
	elif $preset == "customerio" and ($action | test("^track(Event|PageView|ScreenView)$")) then
		$m | dated | {action: "track", event: ({type: ({trackEvent: "track", trackPageView: "page", trackScreenView: "screen"}[$action]), messageId: .event_id,
			event: .name, name, timestamp, properties: (.data // {} | if $action == "trackPageView" then . + {url: $m.url} else . end)}),
		   profile: {identifiers: ids(.person_id // .id // .userId; .anonymous_id), traits: ({email} | some)}}
	elif $preset == "customerio" and ($action | IN("createUpdateDevice", "deleteDevice")) then
		($m | {timestamp: (.last_used // "2026-01-01T00:00:00Z")} | dated) as $at
		| $m | {action: "track", event: (track({createUpdateDevice: "Application Installed", deleteDevice: "Application Uninstalled"}[$action]; $at.timestamp)
			+ {context: {device: {token: .device_id, type: .platform}}, properties: .attributes}),
		   profile: {identifiers: ids(.person_id; .anonymous_id), traits: ({email} | some)}}
	elif $preset == "customerio" and $action == "createUpdatePerson" then
		$m | dated | {action: "identify", timestamp, profile: {identifiers: ids((if .id | . != null and contains("@") | not then .id else null end); .anonymous_id),
			traits: ((.custom_attributes // {}) + ({email: (.email // (if .id | . != null and contains("@") then .id else null end)), created_at} | some))}}
	elif $preset == "klaviyo" and ($action | IN("trackEvent", "orderCompleted")) then
		$m | {action: "track", event: (track(.metric_name; .time // $e.timestamp) + {messageId: .unique_id, properties: ((.properties // {}) + ({value} | some))}),
		   profile: (.profile | {identifiers: ids(.external_id; .anonymous_id), traits: ({email, phone: (.phone_number | e164)} | some)})}
	elif $preset == "klaviyo" and $action == "upsertProfile" then
		$m | {action: "identify", profile: {identifiers: ids(.external_id; null),
			traits: (({email, phone: (.phone_number | e164), firstName: .first_name, lastName: .last_name, company: .organization, title, avatar: .image,
				address: (.location // {} | {street: .address1, city, state: .region, postalCode: .zip, country} | some)} | some)
				+ (.properties // {}))}}
	elif $preset == "klaviyo" and ($action | test("^(un)?subscribeProfile$")) then
		$m | {action: ($action | rtrimstr("Profile")), settings: {list: (.list_id // "")}, profile: {traits: ({email, phone: (.phone_number | e164)} | some)}}
	elif $preset == "twilio" and $action == "sendMessage" then
		$m | if .channel | IN("SMS", "Whatsapp") | not then error("channel \(.channel)") else . end
		| {action: "send", preset: (if .channel == "SMS" then "twilio" else "twilio-whatsapp" end), kept: ((.contentVariables // {}) + (if .contentSid then {} else {text: .inlineBody} end) | some),
		   settings: ({from: (.fromPhoneNumber // (.messagingServiceSid // "" | capture("\\[(?<a>.*)\\]$").a)), content: (.contentSid // "" | [match("HX[0-9a-f]+").string][0])} | some),
		   profile: {traits: {phone: .toPhoneNumber}}}
	elif $preset == "slack" and $action == "postToChannel" then
		$m | {action: "send", kept: {text}, settings: {channel, username, icon_url}, profile: {}}
	elif $preset == "intercom" and $action == "trackEvent" then
		$m | {action: "track", event: (track(.event_name; .created_at) + {properties: .metadata}),
		   profile: {identifiers: ids(.user_id; null), traits: ({email} | some)}}
	elif $preset == "hubspot" and $action == "sendCustomBehavioralEvent" then
		$m | {action: "track", settings: {event: .eventName}, event: (track(.eventName; .occurredAt) + {properties}), profile: {traits: {email}}}
	elif $preset == "sendgrid" and $action == "sendEmail" then
		$m | {action: "send", settings: ({from: .from.email, from_name: .from.name, template: .template_id, categories,
				reply_to: (if .reply_to.reply_to_equals_from then .from.email else .reply_to.email end),
				group: (.group_id // "" | [match("^[0-9]+").string | tonumber][0] // 0)} | some),
			kept: (.dynamic_template_data // {}), profile: {traits: {email: .to.email}}}
	elif $preset == "meta-conversions" and ($action | test("^(addToCart|custom|initiateCheckout|pageView|purchase|search|viewContent)2?$")) then
		$m | if .event_time // "" | tostring | test("^[0-9]+$") | not then error("no timestamp") else . end
		| (.user_data // {}) as $u
		| {action: "track", settings: ({test_event_code, data_processing_options: (if .data_processing_options then ["LDU"] else null end),
				data_processing_country: .data_processing_options_country, data_processing_state: .data_processing_options_state} | some),
			event: {type: (if $action | test("^page") then "page" else "track" end), messageId: .event_id,
			event: ({addToCart: "Product Added", initiateCheckout: "Checkout Started", purchase: "Order Completed", search: "Products Searched",
				viewContent: "Product Viewed", custom: $m.event_name}[$action | rtrimstr("2")]),
			timestamp: (.event_time | tonumber | todate), context: {page: {url: .event_source_url}, ip: $u.client_ip_address, userAgent: $u.client_user_agent},
			properties: ({action_source, currency, value, query: .search_string, fbc: $u.fbc, fbp: $u.fbp, order_id, content_ids, content_name, content_type,
				content_category, num_items, net_revenue, contents} | some)},
		   profile: {identifiers: ids($u.externalId | if type == "array" then .[0] else . end; null), traits: ({email: $u.email, phone: $u.phone, firstName: $u.firstName,
			lastName: $u.lastName, address: ({city: $u.city, state: $u.state, postalCode: $u.zip, country: $u.country} | some)} | some)}}
	elif $preset == "meta-audience" and $action == "sync" then
		$m | {action: "add", settings: {audience: (.retlOnMappingSave.outputs.audienceId // .external_audience_id)},
			profile: {identifiers: (ids(.externalId; null) + {"ios.idfa": [.mobileAdId]}), traits: ({email, phone, firstName: .name.first, lastName: .name.last,
				address: ({city, state, postalCode: .zip, country} | some)} | some)}}
	elif $preset == "tiktok-audience" and $action == "syncAudience" then
		$e.context.personas as $p | $m
		| {action: (if ($e.properties // {})[$p.computation_key] == false then "remove" else "add" end),
		   settings: {advertiser: $p.audience_settings.advertiserId, audience: .external_audience_id,
			ids: [(select(.send_email) | "email"), (select(.send_phone) | "phone"), (select(.send_advertising_id) | "idfa")]},
		   profile: {identifiers: {"ios.idfa": [.advertising_id | values]}, traits: ({email, phone} | some)}}
	else error("no \($action)") end;
# Files of which nothing can be compared.
def other: ["braze-cohorts", "google-enhanced-conversions", "iterable-audiences", "salesforce", "segment-profiles", "segment", "sendgrid-audiences",
	"tiktok-conversions", "tiktok-conversions-sandbox", "twilio", "twilio-studio", "webhook", "webhook-audiences", "webhook-extensible"];
def settings($preset; $want): .input.destination.settings // {}
	| {braze: {endpoint: (.endpoint // "" | sub("^https?://"; "")), app_id: (.app_id // "")},
	   customerio: {site_id: .siteId, endpoint: (if .accountRegion // "" | startswith("EU") then "track-eu.customer.io" else "track.customer.io" end)},
	   iterable: {endpoint: (if .dataCenterLocation == "europe" then "api.eu.iterable.com" else "api.iterable.com" end), list: 12345},
	   intercom: {endpoint: (if .endpoint == "eu" then "api.eu.intercom.io" elif .endpoint == "au" then "api.au.intercom.io" else "api.intercom.io" end)},
	   sendgrid: ({endpoint: ($want.url // "" | [match("^https?://[^/]*sendgrid.com").string][0] // "" | sub("^https?://"; ""))} | some),
	   "meta-conversions": ({pixel: .pixelId, test_event_code: .testEventCode} | some),
	   twilio: {account: .accountSID, api_key: .apiKeySID}}[$preset] // {};
(input_filename | sub(".*/"; "") | rtrimstr(".ndjson")) as $file
| ({"iterable-lists": "iterable", "twilio-messaging": "twilio", "tiktok-audiences": "tiktok-audience",
	"facebook-conversions-api": "meta-conversions", "facebook-custom-audiences": "meta-audience"}[$file] // $file) as $preset
| . as $c
| {case, file: $file, type: .action} + (
	if .expected == [] then {aside: "Segment sends nothing"}
	elif .expected | length > 1 then {differs: ["several requests"]}
	elif $file | IN(other[]) then {differs: ["all"]}
	else try (
		[(.input.events // [.input.event])[] as $e
		 | {action: $c.action, preset: $preset, e: $e, m: ($c.input.destination.mapping | resolve($e))} | make] as $acts
		| if $acts == [] then error("nobody") else . end
		| if ($preset | IN("iterable", "klaviyo")) and ($acts | length) > 1 then error("many at once") else . end
		| {preset: ($acts[0].preset // $preset), acts: $acts, settings: (($c | settings($preset; .expected[0])) + ($acts[0].settings // {})),
		   want: [.expected[0] | {method, url: (.url | sub("^https?://"; "")), body}
			| if .url | test("^track[^/]*/api/v2/entity$") then .url |= sub("entity$"; "batch") | .body |= {batch: [.]} | .as = "one entity in the words of a batch"
			  elif .url == "a.klaviyo.com/api/profiles/" then .url = "a.klaviyo.com/api/profile-import/"
				| .body.data.attributes |= with_entries(select(.value != {})) | .as = "a new profile in the words of profile-import, which makes or updates"
			  elif .url == "api.hubapi.com/events/v3/send" then .url += "/batch" | .body |= {inputs: [.]} | .as = "one event in the words of send/batch"
			  elif $preset == "slack" then .url = "slack.com/api/chat.postMessage" | .as = "an incoming webhook in the words of chat.postMessage"
			  else . end
			| if .body | type == "object" then del(.body.enable_batching, .body.batch_size) else . end
			| if (.body | type == "object" and (.data | type == "array")) then .body.data |= map(if .event_time then
				.event_time |= (tostring | if test("^[0-9]+$") then tonumber else . end) else . end) else . end]}
		| .as = .want[0].as | del(.want[].as))
	catch {differs: [if type == "string" then . else tostring end]} end)
