# From a case of RudderStack's transformer: the activation for a preset of ours
# that is about the same, as {file, type, case, preset, settings, act, want}; or
# why there is nothing to compare, as {file, type, case, why}.
def some: with_entries(select(.value != null and .value != "" and .value != {} and .value != []));
def instant: if type == "string" and test("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+(Z|[+-]\\d\\d:\\d\\d)$") then . else null end;
def host: if .url then .url | capture("^https?://(?<h>[^/]+)").h else "none" end;
def presets: {braze: "braze", customerio: "customerio", fb_custom_audience: "meta-audience",
	google_adwords_remarketing_lists: "google-ads", hs: "hubspot", intercom: "intercom", iterable: "iterable", klaviyo: "klaviyo",
	mailchimp: "mailchimp", salesforce: "salesforce", segment: "segment", sendgrid: "sendgrid", slack: "slack", webhook: "webhook"};
# What takes the place of what the mapping of a source has made of people.
def person($e): (($e.context.traits // {}) + ($e.traits // {} | if type == "object" then . else {} end)) as $t
	| {identifiers: ({user_id: [$e.userId // $t.userId | strings | select(. != "")], anonymous_id: [$e.anonymousId | strings]} | with_entries(select(.value != []))),
	   traits: ($t | del(.userId, .anonymousId) | with_entries(select(.value != null)))};
def settings($preset; $cfg; $want):
	{braze: {endpoint: ($want | host), app_id: ($want.body.events[0]?.app_id // "")}, customerio: {site_id: $cfg.siteID, endpoint: ($want | host)},
	 iterable: {endpoint: ($want | host)}, mailchimp: {server: ($cfg.datacenterId // ""), list: ($cfg.audienceId // "")},
	 klaviyo: {list: ($cfg.listId // "")}, intercom: {endpoint: ($want | host)}, hubspot: {event: "e"},
	 salesforce: {instance: ($want | host), by: "Id__c"}, segment: {}, slack: {channel: "c"},
	 sendgrid: ({from: ($cfg.fromEmail // "x"), from_name: $cfg.fromName, template: $cfg.templateId} | some),
	 "meta-audience": {audience: ($cfg.audienceId // "")}, "google-ads": {account: ($cfg.customerId // ""), list: ($cfg.listId // "")},
	 webhook: {url: "u"}}[$preset];
def judge:
	.input.event as $e | (presets[$file]) as $preset | (.expected | if type == "array" then .[0] else null end) as $want
	| (.input.event.type? // "none" | ascii_downcase) as $type
	| if $preset == null then {why: "we have no preset of it"}
	  elif .feature == "source" then {why: "it is about what comes in"}
	  elif .feature == "userDeletion" then {why: "it is about erasing people there"}
	  elif .feature == "proxy" then {why: "it is about what came back from a request"}
	  elif .feature != "processor" then {why: "it is about batches of RudderStack's own queue (\(.feature))"}
	  elif .expected_error or (.expected | length) == 0 then {why: "RudderStack sends nothing"}
	  elif $preset == "webhook" then {why: "the url, headers and body are the project's own there"}
	  elif $preset == "slack" then {why: "RudderStack posts to an incoming webhook, the preset by chat.postMessage"}
	  elif $preset == "google-ads" then {why: "RudderStack uses offlineUserDataJobs of the Google Ads API, the preset the Data Manager API"}
	  elif $preset == "meta-audience" then {why: "RudderStack puts token and data into the url, the preset a body"}
	  elif (.expected | length) > 1 then {why: "RudderStack sends \(.expected | length) requests"}
	  elif ($e.context.externalId // []) != [] then {why: "the person is named by ids of RudderStack's own (externalId)"}
	  elif $type | IN("track", "identify", "page", "screen") | not then {why: "the preset has no \($type)"}
	  elif $preset == "sendgrid" and $type == "identify" then {why: "RudderStack uses PUT /v3/marketing/contacts, the preset sends mail"}
	  elif ($e.timestamp // $e.originalTimestamp | instant) == null and $type != "identify" then {why: "a timestamp that no event of ours can have"}
	  else
		{preset: $preset, settings: settings($preset; (.input.destination.config // {}); $want),
		 act: {action: (if $preset == "sendgrid" then "send" elif $type == "identify" then "identify" else "track" end),
			timestamp: ($e.timestamp // $e.originalTimestamp | instant // "2026-01-01T00:00:00.000Z"),
			event: (if $type == "identify" then null else $e | .timestamp |= (. // $e.originalTimestamp) end), profile: person($e)},
		 want: ($want | {method, url: (.url // "" | sub("^https?://"; "")), body})}
	  end + {$file, $type, case: .case};
(try judge catch {$file, type: "-", case: .case?, why: "its input is no event"})
