#include "lib/emit/http.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/emit/address.h"
#include "lib/emit/wire.h"

#define ANSWER_MAX ((size_t)64 << 10)
#define RETRY_AFTER_MAX_S ((curl_off_t)7 * 24 * 3600)

struct call {
	CURL *easy;
	void *tag;
	bool mail, allow_private,
	    walled; /* walled: it was refused an address */
	struct curl_slist *list;
	struct cdp_buf body, answer;
	size_t read; /* of the body */
	char fault[CURL_ERROR_SIZE];
	CURLM *on;
	struct call *next;  /* idle */
	struct call *older; /* of all */
};

struct cdp_http {
	struct cdp_wires wires;
	struct call *all, *idle;
	struct call *said; /* lent to the caller */
	size_t busy;
};

/* ---- the wall ---- */

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct call *c = arg;

	(void)purpose;
	if (!c->allow_private && !cdp_address_public(&sa->addr)) {
		c->walled = true;
		return CURL_SOCKET_BAD;
	}
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* Once more where it ends up: by whatever way it was opened. */
static int
before_request(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct call *c = arg;

	(void)local_ip;
	(void)port;
	(void)local_port;
	if (c->allow_private || cdp_address_text_public(ip))
		return CURL_PREREQFUNC_OK;
	c->walled = true;
	return CURL_PREREQFUNC_ABORT;
}

/* ---- calls ---- */

/* What is said beyond the first 64 KiB is not kept. */
static size_t
take_answer(char *p, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	size_t all = size * n, room = ANSWER_MAX - c->answer.n;

	cdp_buf_put(&c->answer, (struct cdp_str){ p, all < room ? all : room });
	return all;
}

static size_t
give_body(char *p, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	size_t rest = c->body.n - c->read;

	n *= size;
	if (n > rest)
		n = rest;
	if (n != 0)
		memcpy(p, c->body.p + c->read, n);
	c->read += n;
	return n;
}

static void
set_always(struct call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->fault);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_USERAGENT, "cdp-emit/" CDP_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(e, CURLOPT_READDATA, c);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, c);
}

static struct call *
new_call(struct cdp_http *h)
{
	struct call *c = cdp_xcalloc(1, sizeof(*c));

	c->easy = curl_easy_init();
	if (c->easy == NULL)
		abort(); /* out of memory */
	set_always(c);
	c->older = h->all;
	h->all = c;
	return c;
}

/* Secrets are in the list: nothing of it is left behind. */
static void
drop_list(struct call *c)
{
	for (struct curl_slist *l = c->list; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(c->list);
	c->list = NULL;
}

static void
free_call(struct call *c)
{
	if (c->on != NULL)
		curl_multi_remove_handle(c->on, c->easy);
	curl_easy_cleanup(c->easy);
	drop_list(c);
	cdp_buf_free(&c->body);
	cdp_buf_free(&c->answer);
	free(c);
}

static void
give_back(struct cdp_http *h, struct call *c)
{
	drop_list(c);
	c->next = h->idle;
	h->idle = c;
}

/* "Name: value"; one without a value is written "Name;" for libcurl. */
static void
add_header(struct call *c, struct cdp_str name, struct cdp_str value)
{
	struct cdp_buf b = { 0 };
	struct curl_slist *list;

	cdp_buf_put(&b, name);
	cdp_buf_puts(&b, value.n != 0 ? ": " : ";");
	cdp_buf_put(&b, value);
	list = curl_slist_append(c->list, cdp_buf_cstr(&b));
	if (list == NULL)
		abort();
	c->list = list;
	explicit_bzero(b.p, b.n);
	cdp_buf_free(&b);
}

/*
 * A request that died on a kept connection libcurl sends again by itself if it
 * can read the body again; from a function that cannot go back it does not, and
 * what has no body gets a connection of its own.
 */
static void
set_body(struct call *c, const struct cdp_http_req *req)
{
	CURL *e = c->easy;

	c->read = 0;
	cdp_buf_reset(&c->body);
	cdp_buf_put(&c->body, req->body);
	curl_easy_setopt(
	    e, CURLOPT_FRESH_CONNECT, (long)(req->body.n == 0 && !req->twice));
	if (!req->has_body) {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(
	    e, CURLOPT_POSTFIELDS, req->twice ? cdp_buf_cstr(&c->body) : NULL);
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.n);
}

static void
set_text(CURL *e, CURLoption option, struct cdp_str s)
{
	struct cdp_buf z = { 0 };

	cdp_buf_put(&z, s);
	curl_easy_setopt(e, option, s.n != 0 ? cdp_buf_cstr(&z) : NULL);
	if (z.n != 0)
		explicit_bzero(z.p, z.n);
	cdp_buf_free(&z);
}

/* Certificates of the destination's own; else those of the system. */
static void
set_trust(CURL *e, struct cdp_str ca)
{
	struct curl_blob blob = { (void *)(uintptr_t)ca.p, ca.n,
		CURL_BLOB_COPY };

	curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, ca.n != 0 ? &blob : NULL);
}

/* Of a mail, what the server said last, but for its farewell. */
static size_t
take_reply(char *p, size_t size, size_t n, void *arg)
{
	struct call *c = arg;

	if (cdp_str_starts((struct cdp_str){ p, size * n }, CDP_STR("221")))
		return size * n;
	cdp_buf_reset(&c->answer);
	cdp_buf_put(&c->answer, (struct cdp_str){ p, size * n });
	while (c->answer.n != 0 && c->answer.p[c->answer.n - 1] <= ' ')
		c->answer.n--;
	return size * n;
}

/* One box to, and the whole mail as it is; libcurl doubles the dots. */
static void
set_mail(struct call *c, const struct cdp_http_req *req)
{
	CURL *e = c->easy;
	struct cdp_buf z = { 0 };

	cdp_buf_printf(&z, "<%.*s>", (int)req->from.n, req->from.p);
	curl_easy_setopt(e, CURLOPT_MAIL_FROM, cdp_buf_cstr(&z));
	cdp_buf_reset(&z);
	cdp_buf_printf(&z, "<%.*s>", (int)req->to.n, req->to.p);
	c->list = curl_slist_append(c->list, cdp_buf_cstr(&z));
	cdp_buf_free(&z);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT, c->list);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_USE_SSL,
	    req->plain && req->allow_private ? (long)CURLUSESSL_NONE
					     : (long)CURLUSESSL_ALL);
	set_text(e, CURLOPT_USERNAME, req->user);
	set_text(e, CURLOPT_PASSWORD, req->password);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_reply);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)req->body.n);
	c->read = 0;
	cdp_buf_reset(&c->body);
	cdp_buf_put(&c->body, req->body);
}

/* A handle has one sort of call after the other. */
static void
clear(struct call *c, bool mail)
{
	if (c->mail == mail)
		return;
	curl_easy_reset(c->easy);
	set_always(c);
	c->mail = mail;
}

static void
set_call(struct call *c, const struct cdp_http_req *req)
{
	struct cdp_buf z = { 0 };
	CURL *e = c->easy;

	clear(c, req->mail);
	c->tag = req->tag;
	c->allow_private = req->allow_private;
	c->walled = false;
	c->fault[0] = '\0';
	cdp_buf_reset(&c->answer);
	cdp_buf_put(&z, req->url);
	curl_easy_setopt(e, CURLOPT_URL, cdp_buf_cstr(&z));
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
	set_trust(e, req->ca);
	if (req->mail) {
		cdp_buf_free(&z);
		set_mail(c, req);
		return;
	}
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR,
	    req->allow_private ? "http,https" : "https");
	/* Wait to share a connection only where that is settled while it is
	 * made: without TLS the first answer would have to come. */
	curl_easy_setopt(e, CURLOPT_PIPEWAIT,
	    (long)cdp_str_starts(req->url, CDP_STR("https:")));
	set_body(c, req);
	cdp_buf_reset(&z);
	cdp_buf_put(&z, req->method);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, cdp_buf_cstr(&z));
	cdp_buf_free(&z);
	for (size_t i = 0; i < req->nheader; i++)
		add_header(c, req->header[i].name, req->header[i].value);
	c->list = curl_slist_append(c->list, "Expect:");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->list);
}

/* ---- many of them ---- */

struct cdp_http *
cdp_http_new(size_t n)
{
	struct cdp_http *h = cdp_xcalloc(1, sizeof(*h));

	cdp_wires_init(&h->wires, n);
	return h;
}

void
cdp_http_free(struct cdp_http *h)
{
	struct call *c;

	if (h == NULL)
		return;
	while ((c = h->all) != NULL) {
		h->all = c->older;
		free_call(c);
	}
	cdp_wires_free(&h->wires);
	free(h);
}

void
cdp_http_start(struct cdp_http *h, const struct cdp_http_req *req)
{
	struct call *c = h->idle;

	if (c != NULL)
		h->idle = c->next;
	else
		c = new_call(h);
	set_call(c, req);
	c->on = cdp_wire(&h->wires, req->wire);
	if (curl_multi_add_handle(c->on, c->easy) != CURLM_OK)
		abort();
	h->busy++;
}

size_t
cdp_http_busy(const struct cdp_http *h)
{
	return h->busy;
}

void
cdp_http_watch(struct cdp_http *h, int fd)
{
	cdp_wires_watch(&h->wires, fd);
}

int
cdp_http_wait(struct cdp_http *h, int fd, int64_t timeout_ms, bool *readable,
    struct cdp_err *err)
{
	return cdp_wires_wait(&h->wires, fd, timeout_ms, readable, err);
}

/* One line in our manner: libcurl's own, which begins like a sentence. */
static struct cdp_str
fault_of(struct call *c, CURLcode code)
{
	char *p = c->fault;

	if (c->walled)
		return CDP_STR("the host is at a private address (set "
			       "allow_private: true if that is meant)");
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return CDP_STR("a url must be https (http only with "
			       "allow_private: true)");
	if (p[0] == '\0')
		snprintf(p, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
	if (p[0] >= 'A' && p[0] <= 'Z' && p[1] >= 'a' && p[1] <= 'z')
		p[0] = (char)(p[0] + 'a' - 'A');
	return cdp_str_of(p);
}

static void
read_call(struct call *c, CURLcode code, struct cdp_http_answer *ret)
{
	curl_off_t after_s = 0, up = 0;
	long sent = 0;

	*ret = (struct cdp_http_answer){ .tag = c->tag,
		.body = cdp_buf_str(&c->answer) };
	curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(c->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	ret->left = sent > 0 || up > 0;
	ret->refused = c->walled || code == CURLE_UNSUPPORTED_PROTOCOL ||
	    code == CURLE_URL_MALFORMAT;
	if (code != CURLE_OK)
		ret->why = fault_of(c, code);
	if (code == CURLE_OK || c->mail)
		curl_easy_getinfo(
		    c->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	/* What a mail server said last, unless that was no refusal. */
	if (code != CURLE_OK && ret->status < 400)
		ret->status = 0;
	if (code != CURLE_OK)
		return;
	curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &after_s);
	if (after_s > RETRY_AFTER_MAX_S)
		after_s = RETRY_AFTER_MAX_S;
	ret->retry_after_ms = after_s * 1000;
}

static CURLMsg *
next_done(struct cdp_http *h)
{
	CURLMsg *msg;
	int n;

	for (size_t i = 0; i < h->wires.n; i++)
		while (h->wires.v[i].multi != NULL &&
		    (msg = curl_multi_info_read(h->wires.v[i].multi, &n)) !=
			NULL)
			if (msg->msg == CURLMSG_DONE)
				return msg;
	return NULL;
}

bool
cdp_http_next(struct cdp_http *h, struct cdp_http_answer *ret)
{
	CURLMsg *msg;
	struct call *c;
	CURLcode code;

	if (h->said != NULL)
		give_back(h, h->said);
	h->said = NULL;
	if ((msg = next_done(h)) == NULL)
		return false;
	code = msg->data.result;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &c);
	curl_multi_remove_handle(c->on, c->easy);
	c->on = NULL;
	h->busy--;
	read_call(c, code, ret);
	h->said = c;
	return true;
}
