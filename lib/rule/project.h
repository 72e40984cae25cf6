#ifndef CDP_RULE_PROJECT_H
#define CDP_RULE_PROJECT_H

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/base/regex.h"
#include "lib/json/jq.h"
#include "lib/rule/cond.h"
#include "lib/rule/diag.h"
#include "lib/rule/outreach.h"
#include "lib/rule/trait.h"
#include "lib/rule/sources.h"
#include "lib/rule/tracking.h"
#include "lib/rule/transforms.h"

/*
 * project: everything a user wrote, checked and compiled.
 *
 * All of it lives in the project's arena until cdp_project_free().  Arrays
 * are in the order of the files and lines.  What the language has and this
 * version does not is refused by name when the project loads.
 */

/* ---- ingest: what may come in ---- */

struct cdp_limits {
	int64_t event_bytes;	/* 32 KiB */
	int64_t batch_bytes;	/* 500 KiB */
	int64_t batch_events;	/* 2500 */
	int64_t properties;	/* of an event, or traits: 10000 */
	int64_t message_id;	/* its characters: 100 */
	int64_t group_id;	/* 500 */
	int64_t dedupe_ms;	/* 0: for ever */
};

extern const struct cdp_limits cdp_limits_segment; /* as above */

/* ---- identity ---- */

enum cdp_normalize {
	CDP_NORM_NONE,
	CDP_NORM_EMAIL,
	CDP_NORM_PHONE
};

struct cdp_identifier { /* order is priority */
	struct cdp_str name;
	const struct cdp_path *from;
	size_t nfrom;
	const uint32_t *at;	/* the node of each: ident.h */
	struct cdp_pred *where; /* on the line; NULL: any */
	enum cdp_normalize normalize;
	struct cdp_str region; /* of a phone, such as "BR" */
	int64_t limit;	       /* values a profile may hold; 0: any number */
	int64_t per_ms;	       /* in that sliding window; 0: ever */
};

struct cdp_ident_node { /* of the tree of all paths; 0 is the line */
	struct cdp_path step;	 /* of one segment */
	uint32_t child, sibling; /* the first, the next; 0: none */
	uint64_t alike;		 /* a bit for each child's name: ident.c */
	enum cdp_env env;	 /* of the line's members: which one it is */
};

struct cdp_identity {
	struct cdp_identifier *id;
	size_t nid;
	bool others; /* types that only context.externalIds name count, too */
	struct cdp_identifier other; /* their rule */
	struct cdp_ident_node *node;
	size_t nnode;
	bool strange; /* a child of the line's is none of its envelope */
	uint32_t externals; /* the node of context.externalIds */
	uint32_t consent;   /* that of context.consent.categoryPreferences */
	bool irreversible;  /* what each set of identifiers said is not kept */
	int64_t max_merges; /* profiles one may take in; 0: any number */
	int64_t max_ids;    /* identifiers one may have; 0: any number */
	int64_t hub;        /* others it is seen with, to be told; 0: never */
	const struct cdp_str *block; /* exact values, never identifiers */
	size_t nblock;
	struct cdp_str *listed; /* of a file, and sorted */
	size_t nlisted;
	struct cdp_regex **pattern; /* regex.h */
	size_t npattern;
};

/* ---- audiences ---- */

struct cdp_audience {
	struct cdp_str key;
	struct cdp_str name; /* for people; the key if none was given */
	struct cdp_cond *when;
	int64_t stay_ms;  /* who is in stays so long at least */
	int64_t leave_ms; /* and at most, if not 0: until "when" is false and
			     true again */
	size_t group; /* of what is asked of members: which kind */
	bool grouped; /* it asks of a group, or names one that does */
	const struct cdp_node *node;
};

#define CDP_ASKED_MAX 64 /* different conditions about members */

/* ---- journeys ---- */

/* What starts or ends something: an event of this line, an audience entered
 * (or left), or a condition that holds; and a further condition. */
struct cdp_when {
	bool has_event;
	struct cdp_trigger event;
	struct cdp_str audience; /* entered; empty: none */
	bool exited;		 /* left instead */
	struct cdp_cond *cond;	 /* without event and audience; or "if" */
	struct cdp_node *node;
};

/* keep, set: a name and what it becomes. */
struct cdp_keep {
	struct cdp_str name;
	struct cdp_path path;
	int jq;		     /* or -1 */
	struct cdp_str json; /* of a step "set": the value itself, or empty */
};

enum cdp_again {
	CDP_AGAIN_ONCE,
	CDP_AGAIN_EACH,
	CDP_AGAIN_AFTER_EXIT, /* and again_ms after it */
	CDP_AGAIN_AFTER	      /* again_ms after entry */
};

struct cdp_exit_def {
	struct cdp_str id;
	struct cdp_when when;
	struct cdp_str outcome; /* the id if none was given */
	struct cdp_str send, action, template; /* as of a step; or empty */
	struct cdp_node *node;
};

enum cdp_step_kind {
	CDP_STEP_HOLD,	/* wait ms; restart_on */
	CDP_STEP_DELAY, /* wait ms */
	CDP_STEP_UNTIL, /* see enum cdp_until */
	CDP_STEP_SPLIT,
	CDP_STEP_SEND,
	CDP_STEP_SET,
	CDP_STEP_IF,
	CDP_STEP_END
};

enum cdp_until {
	CDP_UNTIL_ENTRY, /* ms after the entry (as restarted) */
	CDP_UNTIL_CLOCK, /* ms after midnight, on days, where the profile is */
	CDP_UNTIL_JQ	 /* what a program says */
};

#define CDP_STEP_NEXT ((size_t)-1) /* "no goto": the following step */

struct cdp_branch {
	struct cdp_cond *cond; /* or NULL */
	int percent_bp;	       /* hundredths of a percent; -1: none */
	size_t go;	       /* index of a step */
};

/* A branch of a hold: what happens first. */
struct cdp_hold_event {
	struct cdp_when when;
	size_t go;
};

struct cdp_step {
	struct cdp_str id;
	enum cdp_step_kind kind;
	int64_t ms; /* hold, delay, until */
	enum cdp_until until;
	unsigned days; /* bit 0: Monday */
	int jq;	       /* until */
	bool has_restart;
	struct cdp_when restart;
	int64_t max_restarts; /* 0: no limit */
	int64_t up_to_ms;     /* the wait with all restarts; 0: no limit */
	struct cdp_hold_event *event; /* hold: {events: [...]} */
	size_t nevent;
	size_t timeout_go; /* where a hold goes when time is up */
	struct cdp_branch *branch;
	size_t nbranch;
	bool sticky; /* the same branch for each instance of a profile */
	struct cdp_cond *cond; /* if */
	size_t go;	       /* then / goto; CDP_STEP_NEXT */
	struct cdp_str send;   /* destination */
	struct cdp_str template;
	struct cdp_str action; /* "send" by default */
	struct cdp_str undo;   /* or empty */
	int64_t for_ms;	       /* of an undo; 0: until the exit */
	struct cdp_keep *keep; /* set, and what restart_on keeps anew */
	size_t nkeep;
	struct cdp_str outcome; /* end */
	int64_t max_visits;	/* 100 by default */
	struct cdp_node *node;
};

/* Where what waits at a step of an older version goes on in this one. */
struct cdp_moved {
	struct cdp_str from;
	size_t to;
};

struct cdp_journey {
	struct cdp_str key;
	char version[17]; /* 16 hex digits of a hash of text */
	struct cdp_str text; /* what it says, without "migrate": JSON */
	struct cdp_when enter;
	bool has_per;
	struct cdp_path per;
	int per_jq; /* or -1 */
	enum cdp_again again;
	int64_t again_ms;
	struct cdp_str exclusive; /* of these one runs at a time; or empty */
	int64_t priority;
	bool migrates; /* those of older versions are moved to it */
	const struct cdp_moved *moved;
	size_t nmoved;
	struct cdp_keep *keep;
	size_t nkeep;
	struct cdp_exit_def *exit;
	size_t nexit;
	int holdout_bp; /* hundredths of a percent */
	bool has_goal;
	struct cdp_when goal;
	int64_t goal_within_ms;
	struct cdp_path goal_value;
	struct cdp_step *step;
	size_t nstep;
	struct cdp_node *node;
};

/* Whether only one of two journeys, which are not versions of one, may run. */
static inline bool
cdp_journey_excludes(const struct cdp_journey *a, const struct cdp_journey *b)
{
	return a->exclusive.n != 0 && !cdp_str_eq(a->key, b->key) &&
	    cdp_str_eq(a->exclusive, b->exclusive);
}

/* ---- consent, templates, destinations ---- */

struct cdp_category {
	struct cdp_str name;
	const struct cdp_str *dest;
	size_t ndest;
	struct cdp_node *node;
};

struct cdp_consent {
	struct cdp_category *cat;
	size_t ncat;
	bool unknown_allow; /* deny by default */
};

/* One part of a text: literal bytes, or a jq program. */
struct cdp_part {
	struct cdp_str text;
	int jq; /* -1: literal */
};

/* A text with holes; n == 0: not given.  html: holes are escaped unless the
 * program ends in "| @raw", which the loader has then taken off (raw set). */
struct cdp_text {
	struct cdp_part *part;
	bool *raw;
	size_t n;
	bool html;
};

struct cdp_template {
	struct cdp_str name;
	struct cdp_text subject, html, text;
	struct cdp_node *node;
};

/* A header of a request: its value is a program.  One that names $secrets is
 * run when the request leaves, on nothing else, and reaches no record. */
struct cdp_header {
	struct cdp_str name;
	int jq;
	bool secret;
};

/* A header that proves who has sent the body: an HMAC of all of it. */
struct cdp_sign {
	struct cdp_str header; /* empty: none */
	struct cdp_str secret;
	struct cdp_str prefix; /* before the hex digits */
	bool sha1;             /* else SHA-256 */
};

/* A secret that a preset calls name is from in the environment. */
struct cdp_secret {
	struct cdp_str name, from;
};

/* How a destination is reached; CDP_VIA_NONE was refused when it loaded. */
enum cdp_via {
	CDP_VIA_NONE,
	CDP_VIA_FILE,
	CDP_VIA_HTTP,
	CDP_VIA_SMTP,
	CDP_VIA_EXEC
};

/* How long a receiver knows an idempotency key again: for no time at all, or
 * for ever, which is also said of what may well happen twice. */
#define CDP_REMEMBERS_NEVER 0
#define CDP_REMEMBERS_ALWAYS INT64_MAX

/* Those that a request may have, the default first; then NULL. */
extern const char *const cdp_methods[];

/* Where a token comes from that requests carry: auth.h of lib/emit. */
enum cdp_auth_kind {
	CDP_AUTH_NONE,
	CDP_AUTH_OAUTH,
	CDP_AUTH_GOOGLE,
	CDP_AUTH_APNS
};

struct cdp_auth_rule {
	enum cdp_auth_kind kind;
	int url, scope, key_id, team_id;    /* jq, run on null; or -1 */
	struct cdp_str id, secret, refresh; /* names of secrets, or empty */
};

/* An audience that a destination follows. */
struct cdp_feed {
	struct cdp_str audience;
	struct cdp_str list; /* what it is called there, or empty */
	struct cdp_str unit; /* where its members stand: feeds.c */
	const struct cdp_node *at;
};

struct cdp_destination {
	struct cdp_str name;
	struct cdp_str preset;
	struct cdp_str channel; /* the name by default */
	enum cdp_via via;
	int to;			/* jq: the address; -1 */
	enum cdp_normalize address; /* what it must be, if anything */
	int from;		/* jq; -1 */
	int body;		/* jq: what to send instead of the rendered; -1 */
	struct cdp_str dir;	/* file: where, relative to the project */
	/* a request */
	struct cdp_str method;
	int method_jq;		/* gives one of cdp_methods instead; -1 */
	int url;		/* jq */
	int form;		/* jq: instead of body, to be form-encoded; -1 */
	struct cdp_header *header;
	size_t nheader;
	struct cdp_sign sign;
	struct cdp_auth_rule auth;
	struct cdp_secret *secret; /* beside those of the project */
	size_t nsecret;
	const struct cdp_str *command; /* a program: its words */
	size_t ncommand;
	/* a mail; url is that of its server */
	int reply_to, unsubscribe; /* jq, or -1 */
	int user;		   /* jq, run on null; -1 */
	struct cdp_str password;   /* a secret, or empty */
	bool plain;		   /* no TLS */
	/* both */
	struct cdp_str ca; /* certificates to trust, PEM; empty: the system's */
	bool allow_private;
	/* how it is sent */
	int64_t rate_n, rate_ms; /* so many in that time; rate_n 0: no limit */
	int64_t retry_ms;	 /* from the first attempt to giving up */
	int64_t timeout_ms;	 /* of one attempt */
	int64_t remembers_ms;
	size_t parallel;	 /* how many attempts at a time */
	size_t batch_max;	 /* 0: each by itself */
	size_t batch_bytes;
	int64_t batch_ms; /* how long to wait for more */
	int results;	  /* jq: what became of each of a batch; -1 */
	/* what it gets from the stream itself */
	const struct cdp_str *event; /* names */
	size_t nevent;
	const struct cdp_str *trait; /* and nothing but these in .traits */
	size_t ntrait;
	struct cdp_feed *feed;
	size_t nfeed;
	bool one_list; /* "add" and "remove" are of one list, unless named */
	struct cdp_node *node;
};

/* Whether the token of its auth stands in place of that header. */
bool cdp_auth_replaces(const struct cdp_destination *d, size_t header);

/* ---- the whole ---- */

struct cdp_tests { /* tests.h */
	struct cdp_test *v;
	size_t n;
};

struct cdp_file;     /* file.h */
struct cdp_deferred; /* load.h, cdp_load_defer() */

struct cdp_project {
	struct cdp_arena mem;
	struct cdp_str dir; /* absolute or as given; no slash at the end */
	struct cdp_str name, timezone, locale, currency;
	struct cdp_str store; /* project.store, or empty */
	int64_t lateness_ms;  /* 10m */
	int64_t tick_ms;      /* 1m */
	int64_t ahead_ms;     /* 30d */
	struct cdp_limits limits;
	struct cdp_jq *jq;
	struct cdp_sources sources;
	struct cdp_transforms transforms;
	struct cdp_plan plan;
	struct cdp_identity identity; /* Segment's defaults if not given */
	struct cdp_traits traits;
	struct cdp_group *group;
	size_t ngroup;
	struct cdp_entity *entity;
	size_t nentity;
	struct cdp_audience *audience; /* an audience after those it names */
	size_t naudience;
	/* Behind them in the same array, what in_group asks of each member;
	 * its node is that of its question. */
	size_t nasked;
	/* Of both, each after those it needs. */
	const size_t *order;
	struct cdp_journey *journey;
	size_t njourney;
	struct cdp_consent consent;
	struct cdp_outreach outreach;
	struct cdp_template *template;
	size_t ntemplate;
	struct cdp_destination *destination;
	size_t ndestination;
	struct cdp_tests tests;
	const struct cdp_str *secret; /* names, those of presets, too */
	size_t nsecret;
	char fingerprint[65]; /* SHA-256 of all files, names and -D */
	struct cdp_mark *jq_at; /* of each jq program, by number */
	size_t njq_at;
	struct cdp_file *file; /* all, templates included */
	struct cdp_deferred *deferred;
};

struct cdp_define { /* -D name=value */
	struct cdp_str name, value;
};

/*
 * Where presets are: env, which is CDP_SHARE, or, if it is NULL or empty, what
 * stands beside the program or where it was to be installed.
 */
void cdp_project_share(const char *env);

/*
 * Find the project: dir if not NULL, else CDP_PROJECT, else the nearest
 * directory upward from the working directory with a cdp.yaml in it.  by is the
 * option that named dir.
 * 0, or CDP_ECONF.  *ret is made in mem.
 */
int cdp_project_find(const char *dir, const char *by, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err);

/*
 * Load and check it; an empty dir is a project that says nothing.  Every fault goes to diags.  0 (there may be warnings),
 * CDP_ECONF if there were errors, CDP_EIO.  jq programs are parsed by the
 * tools that want them, and by cdp_project_check_jq().
 */
int cdp_project_load(struct cdp_str dir, const struct cdp_define *def,
    size_t ndef, struct cdp_diags *diags, struct cdp_project **ret,
    struct cdp_err *err);
void cdp_project_free(struct cdp_project *pr);

/* Compile every jq program, each fault with its place to diags. */
void cdp_project_check_jq(struct cdp_project *pr, struct cdp_diags *diags);

/*
 * A journey as it was once: json is the text of that version.  NULL, with
 * diagnostics, if it cannot be read any more.  Whether there is what it names
 * is not asked.  It lives as long as pr.
 */
const struct cdp_journey *cdp_project_journey(struct cdp_project *pr,
    struct cdp_str key, struct cdp_str json, struct cdp_diags *diags);

const struct cdp_template *cdp_project_template(const struct cdp_project *pr,
    struct cdp_str name);
const struct cdp_destination *cdp_project_destination(
    const struct cdp_project *pr, struct cdp_str name);

#endif
