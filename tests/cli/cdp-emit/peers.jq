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
# What the preset's table says it takes; anything else that is set is not ours.
def only($known): (keys - $known - ["enable_batching", "batch_size", "batch_keys", "override_list_id"]
	| if . != [] then error("the mapping has \(join(", "))") else empty end), .;
def some: with_entries(select(.value != null and .value != "" and .value != {}));
def ids($user; $anonymous): {user_id: [$user | values], anonymous_id: [$anonymous | values]} | with_entries(select(.value != []));
def track($name; $time): {type: "track", event: $name, timestamp: $time};
def dated: if (.timestamp // "") | test("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$") then . else error("a timestamp that no event of ours can have") end;
def e164: . == null or test("^\\+[0-9]{7,15}$");
def make:
	.action as $action | .preset as $preset | .m as $m | .e as $e
	| if $preset == "braze" and ($action | test("^trackEvent2?$")) then
		$m | some | only(["external_id", "name", "time", "properties", "_update_existing_only", "email"])
		| if ._update_existing_only then error("the preset makes people that are not there") else . end
		| if .external_id and .email then error("the preset names a person once, by user id") else . end
		| {action: "track", event: (track(.name; .time) + {properties}), profile: {identifiers: ids(.external_id; null), traits: ({email} | some)}}
	elif $preset == "braze" and ($action | test("^updateUserProfile2?$")) then
		$m | some | only(["external_id", "email", "first_name", "last_name", "phone", "home_city", "country", "gender", "custom_attributes", "_update_existing_only"])
		| if ._update_existing_only then error("the preset makes people that are not there") else . end
		| {action: "identify", profile: {identifiers: ids(.external_id; null),
			traits: ({email, firstName: .first_name, lastName: .last_name, phone, home_city, country, gender} | some)}}
	elif $preset == "braze" and $action == "triggerCampaign" then
		$m | only(["campaign_id", "broadcast", "recipients"])
		| if .broadcast then error("the preset sends to people, not to all") else . end | .recipients[] as $r
		| ($r | only(["external_user_id", "trigger_properties"]))
		| {action: "send", settings: {campaign: $m.campaign_id}, kept: .trigger_properties, profile: {identifiers: ids(.external_user_id; null)}}
	elif $preset == "iterable" and $action == "trackEvent" then
		$m | only(["email", "userId", "eventName", "dataFields", "id", "createdAt"])
		| {action: "track", event: (track(.eventName; .createdAt) + {messageId: .id, properties: .dataFields}),
		   profile: {identifiers: ids(.userId; null), traits: {email}}}
	elif $preset == "iterable" and $action == "updateUser" then
		$m | only(["email", "userId", "dataFields", "phoneNumber", "mergeNestedObjects"])
		| if .mergeNestedObjects then error("the preset replaces nested objects") else . end
		| if has("mergeNestedObjects") | not then error("the preset always says mergeNestedObjects") else . end
		| if .phoneNumber != (.dataFields // {}).phone then error("the phone is no trait") else . end
		| if .email != (.dataFields // {}).email then error("the email is no trait") else . end
		| {action: "identify", profile: {identifiers: ids(.userId; null), traits: (.dataFields // {})}}
	elif $preset == "iterable" and $action == "syncAudience" then
		$e | {action: (if [.traits, .properties | values | .[]] | any(. == false) then "remove" else "add" end),
			profile: {identifiers: ids(.userId; null), traits: ({email: (.context.traits.email // .traits.email)} | some)}}
	elif $preset == "customerio" and ($action | test("^track(Event|PageView|ScreenView)$")) then
		$m | only(["id", "anonymous_id", "person_id", "email", "name", "url", "event_id", "timestamp", "data", "convert_timestamp", "type", "userId"])
		| if .convert_timestamp == false then error("the preset makes all dates seconds") else . end
		| dated | {action: "track", event: ({type: ({trackEvent: "track", trackPageView: "page", trackScreenView: "screen"}[$action]), messageId: .event_id,
			event: .name, name, timestamp, properties: (.data // {} | if $action == "trackPageView" then . + {url: $m.url} else . end)}),
		   profile: {identifiers: ids(.person_id // .id // .userId; .anonymous_id), traits: ({email} | some)}}
	elif $preset == "customerio" and $action == "createUpdatePerson" then
		$m | only(["id", "anonymous_id", "email", "created_at", "custom_attributes", "timestamp", "convert_timestamp"])
		| if .convert_timestamp == false then error("the preset makes all dates seconds") else . end
		| if (.id // "" | contains("@")) and (.email // .custom_attributes.email) == null then error("an email is always a trait of ours, and sent as one") else . end
		| if .custom_attributes.date01 then error("the preset converts no dates but those in UTC") else . end
		| dated | {action: "identify", timestamp, profile: {identifiers: ids((if .id | . != null and contains("@") | not then .id else null end); .anonymous_id),
			traits: ((.custom_attributes // {}) + ({email: (.email // (if .id | . != null and contains("@") then .id else null end)), created_at} | some))}}
	elif $preset == "klaviyo" and ($action | test("^trackEvent$")) then
		$m | only(["profile", "metric_name", "properties", "time", "value", "unique_id"])
		| if .value != null and .properties.value == null then error("the value is no property") else . end
		| {action: "track", event: (track(.metric_name; .time) + {messageId: .unique_id, properties}),
		   profile: (.profile | only(["email", "phone_number", "external_id", "country_code"])
			| if .phone_number | e164 | not then error("the phone is not E.164, as our identifiers are") else . end
			| {identifiers: ids(.external_id; null), traits: ({email, phone: .phone_number} | some)})}
	elif $preset == "klaviyo" and $action == "upsertProfile" then
		$m | only(["email", "phone_number", "external_id", "first_name", "last_name", "organization", "title", "image", "location", "properties"])
		| if .phone_number | e164 | not then error("the phone is not E.164, as our identifiers are") else . end
		| {action: "identify", profile: {identifiers: ids(.external_id; null),
			traits: (({email, phone: .phone_number, firstName: .first_name, lastName: .last_name, company: .organization, title, avatar: .image,
				address: (.location // {} | {street: .address1, city, state: .region, postalCode: .zip, country} | some)} | some)
				+ (.properties // {}))}}
	elif $preset == "klaviyo" and ($action | test("^(un)?subscribeProfile$")) then
		$m | only(["email", "phone_number", "list_id"])
		| if .phone_number | e164 | not then error("the phone is not E.164, as our identifiers are") else . end
		| {action: ($action | rtrimstr("Profile")), settings: {list: (.list_id // "")}, profile: {traits: ({email, phone: .phone_number} | some)}}
	elif $preset == "twilio" and $action == "sendMessage" then
		$m | only(["channel", "senderType", "toPhoneNumber", "fromPhoneNumber", "messagingServiceSid", "contentTemplateType", "inlineBody", "contentSid", "contentVariables"])
		| if .channel | IN("SMS", "Whatsapp") | not then error("the preset has no \(.channel)") else . end
		| if .channel == "SMS" and .contentSid then error("the preset sends our own text as SMS") else . end
		| {action: "send", preset: (if .channel == "SMS" then "twilio" else "twilio-whatsapp" end), text: .inlineBody, kept: .contentVariables,
		   settings: {from: (.fromPhoneNumber // (.messagingServiceSid | capture("\\[(?<a>.*)\\]$").a))}, profile: {traits: {phone: .toPhoneNumber}}}
	elif $preset == "slack" and $action == "postToChannel" then
		$m | only(["url", "text", "channel", "username", "icon_url"])
		| {action: "send", text, settings: {channel, username, icon_url}, profile: {}}
	elif $preset == "intercom" and $action == "trackEvent" then
		$m | only(["event_name", "created_at", "user_id", "metadata"])
		| {action: "track", event: (track(.event_name; .created_at) + {properties: .metadata}),
		   profile: {identifiers: ids(.user_id; null), traits: ({email} | some)}}
	elif $preset == "tiktok-audience" and $action == "syncAudience" then
		error("the preset has no advertising ids")
	elif $preset == "meta-conversions" and ($action | test("^(addToCart|initiateCheckout|pageView|purchase|search|viewContent)2?$")) then
		$m | only(["action_source", "currency", "event_id", "event_source_url", "event_time", "user_data", "value", "contents", "app_data_field", "search_string", "__segment_internal_sync_mode"])
		| if .user_data.externalId then . else error("the preset always has an external id") end
		| if .user_data.externalId | type == "array" then error("the preset has one external id") else . end
		| if .event_time // "" | tostring | test("^[0-9]+$") | not then error("a timestamp that no event of ours can have") else . end
		| (.user_data | only(["externalId", "email", "phone", "firstName", "lastName", "city", "state", "zip", "client_ip_address", "client_user_agent", "fbc", "fbp"])) as $u
		| {action: "track", event: {type: (if $action | test("^page") then "page" else "track" end), messageId: .event_id,
			event: ({addToCart: "Product Added", initiateCheckout: "Checkout Started", purchase: "Order Completed", search: "Products Searched",
				viewContent: "Product Viewed"}[$action | rtrimstr("2")]),
			timestamp: (.event_time | tonumber | todate), context: {page: {url: .event_source_url}, ip: $u.client_ip_address, userAgent: $u.client_user_agent},
			properties: ({action_source, currency, value, query: .search_string, fbc: $u.fbc, fbp: $u.fbp,
				products: (.contents | if . == null then null else map({product_id: .id, quantity, price: .item_price}) end)} | some)},
		   profile: {identifiers: ids($u.externalId; null), traits: ({email: $u.email, phone: $u.phone, firstName: $u.firstName, lastName: $u.lastName,
			address: ({city: $u.city, state: $u.state, postalCode: $u.zip} | some)} | some)}}
	elif $preset == "meta-audience" then error("the preset sends a shorter schema, without dates of birth, gender and devices")
	elif $preset == "hubspot" and $action == "sendCustomBehavioralEvent" then error("the preset sends batches, to another endpoint")
	elif $preset == "sendgrid" and $action == "sendEmail" then
		$m | only(["from", "to", "template_id", "dynamic_template_data"]) | error("the preset adds its key")
	else error("the preset has no \($action)") end;
# Files of which nothing is compared, and why.
def other: {
	"braze-cohorts": "the preset sets an attribute, and makes no cohorts",
	"google-enhanced-conversions": "the preset is of audiences, by the Data Manager API; Segment uses the Google Ads API",
	"iterable-audiences": "the preset says which id counts (preferUserId), as iterable-lists does",
	salesforce: "the preset writes by an external id (PATCH), Segment by record ids or a search",
	"segment-profiles": "the preset sends calls in batches to the source of a workspace",
	segment: "the preset sends calls in batches",
	"sendgrid-audiences": "the preset sends mail, and keeps no lists",
	"tiktok-conversions": "the preset is of audiences", "tiktok-conversions-sandbox": "the preset is of audiences",
	twilio: "the preset sends no media", "twilio-studio": "the preset sends messages, and starts no flows",
	webhook: "the url, method and body are the project's own", "webhook-audiences": "the url, method and body are the project's own",
	"webhook-extensible": "the url, method and body are the project's own"};
def settings($preset): .input.destination.settings // {}
	| {braze: {endpoint: (.endpoint // "" | sub("^https?://"; "")), app_id: (.app_id // "")},
	   customerio: {site_id: .siteId, endpoint: (if .accountRegion // "" | startswith("EU") then "track-eu.customer.io" else "track.customer.io" end)},
	   iterable: {endpoint: (if .dataCenterLocation == "europe" then "api.eu.iterable.com" else "api.iterable.com" end), list: 12345},
	   intercom: {endpoint: (if .endpoint == "eu" then "api.eu.intercom.io" elif .endpoint == "au" then "api.au.intercom.io" else "api.intercom.io" end)},
	   "meta-conversions": {pixel: .pixelId},
	   twilio: {account: .accountSID, api_key: .apiKeySID}}[$preset] // {};
(input_filename | sub(".*/"; "") | rtrimstr(".ndjson")) as $file
| ({"iterable-lists": "iterable", "twilio-messaging": "twilio", "tiktok-audiences": "tiktok-audience",
	"facebook-conversions-api": "meta-conversions", "facebook-custom-audiences": "meta-audience"}[$file] // $file) as $preset
| . as $c
| {case, file: $file, action} + (
	if .expected == [] then {why: "Segment sends nothing"}
	elif other[$file] then {why: other[$file]}
	elif .expected | length > 1 then {why: "Segment needs several requests"}
	else try (
		[(.input.events // [.input.event])[] as $e
		 | {action: $c.action, preset: $preset, e: $e, m: ($c.input.destination.mapping | resolve($e))} | make] as $acts
		| if $acts == [] then error("nobody to send to") else . end
		| if ($preset | IN("iterable", "klaviyo")) and ($acts | length) > 1 then error("the preset sends one by one") else . end
		| {preset: ($acts[0].preset // $preset), acts: $acts, settings: (settings($preset) + ($acts[0].settings // {})),
		   want: (.expected[0] | {method, url: (.url | sub("^https?://"; "")), body}
			| if .url | test("^track[^/]*/api/v2/entity$") then .url |= sub("entity$"; "batch") | .body |= {batch: [.]} else . end
			| if .url == "a.klaviyo.com/api/profiles/" then .url = "a.klaviyo.com/api/profile-import/"
				| .body.data.attributes |= with_entries(select(.value != {})) else . end)}
		| if .want.url | test("profile-bulk-import-jobs") then error("the preset sends one by one") else . end
		| if (.want.body.test_event_code? // null) then error("the preset sends no test events") else . end
		| if (.want.body.data?[0]?.app_data? // null) then error("the preset sends no data of apps") else . end)
	catch {why: (if type == "string" then . else tostring end)} end)
