#ifndef CDP_INGEST_SNOWPLOW_FIELDS_H
#define CDP_INGEST_SNOWPLOW_FIELDS_H

/*
 * The fields of an enriched event in their order, and what each holds: TEXT, a
 * number, 1 or 0, a time, or JSON that describes itSELF.
 */
#define FIELDS(X)                                                              \
	X(app_id, TEXT)                                                        \
	X(platform, TEXT)                                                      \
	X(etl_tstamp, TIME) X(collector_tstamp, TIME) X(dvce_created_tstamp,   \
	    TIME) X(event, TEXT) X(event_id, TEXT) X(txn_id,                   \
	    NUM) X(name_tracker, TEXT) X(v_tracker, TEXT) X(v_collector,       \
	    TEXT) X(v_etl, TEXT) X(user_id, TEXT) X(user_ipaddress,            \
	    TEXT) X(user_fingerprint, TEXT) X(domain_userid,                   \
	    TEXT) X(domain_sessionidx, NUM) X(network_userid,                  \
	    TEXT) X(geo_country, TEXT) X(geo_region, TEXT) X(geo_city,         \
	    TEXT) X(geo_zipcode, TEXT) X(geo_latitude, NUM) X(geo_longitude,   \
	    NUM) X(geo_region_name, TEXT) X(ip_isp, TEXT) X(ip_organization,   \
	    TEXT) X(ip_domain, TEXT) X(ip_netspeed, TEXT) X(page_url,          \
	    TEXT) X(page_title, TEXT) X(page_referrer, TEXT) X(page_urlscheme, \
	    TEXT) X(page_urlhost, TEXT) X(page_urlport, NUM) X(page_urlpath,   \
	    TEXT) X(page_urlquery, TEXT) X(page_urlfragment,                   \
	    TEXT) X(refr_urlscheme, TEXT) X(refr_urlhost,                      \
	    TEXT) X(refr_urlport, NUM) X(refr_urlpath, TEXT) X(refr_urlquery,  \
	    TEXT) X(refr_urlfragment, TEXT) X(refr_medium,                     \
	    TEXT) X(refr_source, TEXT) X(refr_term, TEXT) X(mkt_medium,        \
	    TEXT) X(mkt_source, TEXT) X(mkt_term, TEXT) X(mkt_content,         \
	    TEXT) X(mkt_campaign, TEXT) X(contexts, SELF) X(se_category,       \
	    TEXT) X(se_action, TEXT) X(se_label, TEXT) X(se_property,          \
	    TEXT) X(se_value, NUM) X(unstruct_event, SELF) X(tr_orderid,       \
	    TEXT) X(tr_affiliation, TEXT) X(tr_total, NUM) X(tr_tax,           \
	    NUM) X(tr_shipping, NUM) X(tr_city, TEXT) X(tr_state,              \
	    TEXT) X(tr_country, TEXT) X(ti_orderid, TEXT) X(ti_sku,            \
	    TEXT) X(ti_name, TEXT) X(ti_category, TEXT) X(ti_price,            \
	    NUM) X(ti_quantity, NUM) X(pp_xoffset_min, NUM) X(pp_xoffset_max,  \
	    NUM) X(pp_yoffset_min, NUM) X(pp_yoffset_max, NUM) X(useragent,    \
	    TEXT) X(br_name, TEXT) X(br_family, TEXT) X(br_version,            \
	    TEXT) X(br_type, TEXT) X(br_renderengine, TEXT) X(br_lang, TEXT)   \
	    X(br_features_pdf, BOOL) X(br_features_flash, BOOL) X(             \
		br_features_java, BOOL) X(br_features_director, BOOL)          \
		X(br_features_quicktime, BOOL) X(br_features_realplayer, BOOL) \
		    X(br_features_windowsmedia, BOOL) X(br_features_gears,     \
			BOOL) X(br_features_silverlight, BOOL) X(br_cookies,   \
			BOOL) X(br_colordepth, TEXT) X(br_viewwidth,           \
			NUM) X(br_viewheight, NUM) X(os_name, TEXT)            \
			X(os_family, TEXT) X(os_manufacturer, TEXT) X(         \
			    os_timezone, TEXT) X(dvce_type,                    \
			    TEXT) X(dvce_ismobile,                             \
			    BOOL) X(dvce_screenwidth,                          \
			    NUM) X(dvce_screenheight, NUM) X(doc_charset,      \
			    TEXT) X(doc_width,                                 \
			    NUM) X(doc_height, NUM) X(tr_currency,             \
			    TEXT) X(tr_total_base,                             \
			    NUM) X(tr_tax_base,                                \
			    NUM) X(tr_shipping_base, NUM) X(ti_currency,       \
			    TEXT) X(ti_price_base,                             \
			    NUM) X(base_currency, TEXT) X(geo_timezone, TEXT)  \
			    X(mkt_clickid, TEXT) X(mkt_network, TEXT) X(       \
				etl_tags, TEXT) X(dvce_sent_tstamp,            \
				TIME) X(refr_domain_userid, TEXT)              \
				X(refr_dvce_tstamp, TIME) X(derived_contexts,  \
				    SELF) X(domain_sessionid,                  \
				    TEXT) X(derived_tstamp, TIME)              \
				    X(event_vendor, TEXT) X(event_name, TEXT)  \
					X(event_format, TEXT)                  \
					    X(event_version, TEXT)             \
						X(event_fingerprint, TEXT)     \
						    X(true_tstamp, TIME)

#endif
