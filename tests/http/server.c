/*
 * A web server for tests: http_server [-q] LOG [PORT]
 *
 * Listens on a free port of 127.0.0.1, which it prints, or on PORT.  Every
 * request that came in whole is a line of LOG, written before it is answered:
 * {"n","conn","ms","method","path","key","headers":{...},"body"}; conn counts
 * connections, ms is a clock, body is JSON if it is an object or array, else a
 * string.  So what is in LOG was taken, whatever the sender heard of it.
 *
 * What it answers is in the path, parts of which are like "status=503":
 *   status=N          that status (200)
 *   retry-after=N     with that header
 *   retry-date=N      the same as a date, so many seconds from now
 *   slow=MS           after so long
 *   first=N           status, slow, and the cuts count for the first N requests
 *                     of a key only; then it is 200
 *   cut=before        the connection is reset instead of an answer
 *   cut=body          the answer ends in the middle, by a reset
 *   cut=request       a reset as soon as the head has come, before the body;
 *                     such a request is not in LOG
 *   echo              the answer quotes the header Authorization
 *   close             the connection is closed after the answer
 *   big=N             an answer of so many bytes
 *   redirect=PATH     302, or status, to it
 *   token=N           the answer is a token of OAuth that lasts N s
 *   refuse=WORD       400, or status, if the body has WORD; else it is 200
 *   items=LIST        the answer's body is {"results":[...]}: the statuses of a
 *                     batch, in turn
 * A key is the request's Idempotency-Key.  One thread, epoll, any number of
 * connections, HTTP/1.1 with keep-alive.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FD 4096

struct conn {
	int fd;
	char *in;
	size_t n, cap;
	char *out;
	size_t nout, at;
	int64_t due_ms; /* when out may leave */
	bool cut, close, used;
	unsigned long long number;
};

/* How often a key was seen, for first=N: open addressing, never shrinks. */
struct seen {
	char key[64];
	unsigned n;
};

static struct conn conns[MAX_FD];
static struct seen *seen;
static size_t nseen, seen_cap;
static FILE *logfile;
static unsigned long long total, welcomed;
static int ep;
static bool quiet;

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct seen *
find_key(const char *key, size_t n)
{
	size_t i, h = 5381;

	for (i = 0; i < n; i++)
		h = h * 33 ^ (unsigned char)key[i];
	for (i = h & (seen_cap - 1); seen[i].key[0] != '\0';
	     i = (i + 1) & (seen_cap - 1))
		if (strlen(seen[i].key) == n &&
		    memcmp(seen[i].key, key, n) == 0)
			break;
	return &seen[i];
}

static unsigned
count_key(const char *key, size_t n)
{
	struct seen *old = seen, *s;
	size_t i, was = seen_cap;

	if (n == 0 || n >= sizeof(old->key))
		return 1;
	if (nseen * 2 >= seen_cap) {
		seen_cap = was != 0 ? was * 2 : 1024;
		seen = calloc(seen_cap, sizeof(*seen));
		for (i = 0; i < was; i++)
			if (old[i].key[0] != '\0')
				*find_key(old[i].key, strlen(old[i].key)) =
				    old[i];
		free(old);
	}
	s = find_key(key, n);
	if (s->n == 0) {
		memcpy(s->key, key, n);
		nseen++;
	}
	return ++s->n;
}

/* ---- the log ---- */

static void
put_string(const char *p, size_t n)
{
	fputc('"', logfile);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '"' || c == '\\')
			fprintf(logfile, "\\%c", c);
		else if (c < ' ')
			fprintf(logfile, "\\u%04x", c);
		else
			fputc(c, logfile);
	}
	fputc('"', logfile);
}

struct req {
	const char *method, *path, *key, *body;
	size_t nmethod, npath, nkey, nbody;
	const char *head, *end; /* the header lines */
};

static void
write_log(const struct conn *c, const struct req *r)
{
	const char *p = r->head, *eol, *colon, *v;
	const char *sep = "";

	fprintf(logfile,
	    "{\"n\":%llu,\"conn\":%llu,\"ms\":%lld,\"method\":", ++total,
	    c->number, (long long)now_ms());
	put_string(r->method, r->nmethod);
	fputs(",\"path\":", logfile);
	put_string(r->path, r->npath);
	fputs(",\"key\":", logfile);
	put_string(r->key, r->nkey);
	if (!quiet) {
		fputs(",\"headers\":{", logfile);
		for (; p < r->end; p = eol + 2) {
			eol = memmem(p, (size_t)(r->end - p) + 2, "\r\n", 2);
			colon = memchr(p, ':', (size_t)(eol - p));
			if (colon == NULL)
				continue;
			for (v = colon + 1; v < eol && *v == ' '; v++)
				;
			fputs(sep, logfile);
			put_string(p, (size_t)(colon - p));
			fputc(':', logfile);
			put_string(v, (size_t)(eol - v));
			sep = ",";
		}
		fputs("},\"body\":", logfile);
		if (r->nbody != 0 && (r->body[0] == '{' || r->body[0] == '['))
			fwrite(r->body, 1, r->nbody, logfile);
		else
			put_string(r->body, r->nbody);
	}
	fputs("}\n", logfile);
	fflush(logfile);
}

/* ---- answers ---- */

static const char *
word(const struct req *r, const char *name, size_t *n)
{
	char want[32];
	const char *p;

	snprintf(want, sizeof(want), "/%s=", name);
	p = memmem(r->path, r->npath, want, strlen(want));
	if (p == NULL)
		return NULL;
	p += strlen(want);
	for (*n = 0; p + *n < r->path + r->npath && p[*n] != '/'; (*n)++)
		;
	return p;
}

static long
num(const struct req *r, const char *name, long other)
{
	size_t n;
	const char *p = word(r, name, &n);

	return p != NULL ? strtol(p, NULL, 10) : other;
}

static bool
is(const struct req *r, const char *name, const char *value)
{
	size_t n;
	const char *p = word(r, name, &n);

	return p != NULL && n == strlen(value) && memcmp(p, value, n) == 0;
}

/* "Retry-After: N", or as a date. */
static void
put_after(const struct req *r, char *ret, size_t n)
{
	long after = num(r, "retry-after", 0), date = num(r, "retry-date", 0);
	time_t at = time(NULL) + date;

	if (after != 0)
		snprintf(ret, n, "Retry-After: %ld\r\n", after);
	if (date != 0)
		strftime(ret, n, "Retry-After: %a, %d %b %Y %T GMT\r\n",
		    gmtime(&at));
}

/* What a careless receiver quotes. */
static void
put_echo(const struct req *r, char *ret, size_t n)
{
	const char *p =
	    memmem(r->head, (size_t)(r->end - r->head), "Authorization: ", 15);
	int k = 0;

	while (p != NULL && p[15 + k] != '\r')
		k++;
	snprintf(ret, n, "{\"you\":\"%.*s\"}", k, p != NULL ? p + 15 : "");
}

static void
answer(struct conn *c, const struct req *r)
{
	unsigned nth = count_key(r->key, r->nkey);
	long first = num(r, "first", 0);
	bool bare, plain = first != 0 && (long)nth > first;
	long status = plain ? 200 : num(r, "status", 200);
	long big = num(r, "big", 0), slow = plain ? 0 : num(r, "slow", 0);
	size_t n = 0;
	const char *items = word(r, "items", &n), *to;
	char extra[256] = "", body[1024];
	int k;

	to = word(r, "refuse", &n);
	if (to != NULL)
		status = memmem(r->body, r->nbody, to, n) != NULL
		    ? num(r, "status", 400)
		    : 200;
	to = word(r, "redirect", &n);
	if (to != NULL) {
		status = num(r, "status", 302);
		snprintf(
		    extra, sizeof(extra), "Location: /%.*s\r\n", (int)n, to);
	}
	if (!plain)
		put_after(r, extra + strlen(extra), sizeof(extra) / 2);
	items = word(r, "items", &n);
	if (items != NULL)
		snprintf(
		    body, sizeof(body), "{\"results\":[%.*s]}", (int)n, items);
	else if (num(r, "token", 0) != 0)
		snprintf(body, sizeof(body),
		    "{\"access_token\":\"token-of-%llu\",\"expires_in\":%ld}",
		    total, num(r, "token", 0));
	else if (memmem(r->path, r->npath, "/echo", 5) != NULL)
		put_echo(r, body, sizeof(body));
	else
		snprintf(body, sizeof(body), "{\"status\":%ld}", status);
	bare = status == 204 || status == 304;
	c->out = malloc(2048 + (size_t)big);
	c->close = memmem(r->path, r->npath, "/close", 6) != NULL;
	k = sprintf(c->out,
	    "HTTP/1.1 %ld Test\r\nContent-Type: application/json\r\n"
	    "%s%sContent-Length: %zu\r\n\r\n",
	    status, extra, c->close ? "Connection: close\r\n" : "",
	    bare ? 0 : strlen(body) + (size_t)big);
	c->nout = (size_t)k;
	if (!bare) {
		memcpy(c->out + k, body, strlen(body));
		memset(c->out + k + strlen(body), 'x', (size_t)big);
		c->nout += strlen(body) + (size_t)big;
	}
	c->at = 0;
	c->cut = !plain && (is(r, "cut", "before") || is(r, "cut", "body"));
	if (c->cut)
		c->nout = is(r, "cut", "before") ? 0 : (size_t)k + 4;
	c->due_ms = slow != 0 ? now_ms() + slow : 0;
}

/* ---- connections ---- */

static void
drop(struct conn *c, bool reset)
{
	struct linger l = { 1, 0 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct conn){ 0 };
}

/* The first whole request of what came in, or 0. */
static size_t
parse(struct conn *c, struct req *r)
{
	const char *end = memmem(c->in, c->n, "\r\n\r\n", 4), *p, *eol;
	size_t want = 0;

	if (end == NULL)
		return 0;
	*r = (struct req){ .method = c->in, .key = "", .end = end };
	p = memchr(c->in, ' ', c->n);
	r->nmethod = (size_t)(p - c->in);
	r->path = p + 1;
	p = memchr(r->path, ' ', (size_t)(end - r->path));
	r->npath = (size_t)(p - r->path);
	eol = memmem(c->in, c->n, "\r\n", 2);
	r->head = eol + 2;
	for (p = r->head; p < end; p = eol + 2) {
		eol = memmem(p, (size_t)(end - p) + 2, "\r\n", 2);
		if (strncasecmp(p, "content-length:", 15) == 0)
			want = strtoul(p + 15, NULL, 10);
		if (strncasecmp(p, "idempotency-key: ", 17) == 0) {
			r->key = p + 17;
			r->nkey = (size_t)(eol - r->key);
		}
	}
	r->body = end + 4;
	r->nbody = want;
	return (size_t)(end + 4 - c->in) + want <= c->n
	    ? (size_t)(end + 4 - c->in) + want
	    : 0;
}

/* Whether the head asks for a reset before the body is there. */
static bool
cuts_request(const struct conn *c)
{
	const char *end = memmem(c->in, c->n, "\r\n\r\n", 4), *eol;

	if (end == NULL)
		return false;
	eol = memmem(c->in, c->n, "\r\n", 2);
	return memmem(c->in, (size_t)(eol - c->in), "/cut=request", 12) != NULL;
}

static void pump(struct conn *c);

static void
send_out(struct conn *c)
{
	ssize_t n = 0;

	if (c->due_ms > now_ms())
		return;
	c->due_ms = 0;
	while (c->at < c->nout &&
	    (n = send(c->fd, c->out + c->at, c->nout - c->at, MSG_NOSIGNAL)) >
		0)
		c->at += (size_t)n;
	if (n < 0 && errno != EAGAIN) {
		drop(c, false);
		return;
	}
	if (c->at < c->nout)
		return;
	free(c->out);
	c->out = NULL;
	if (c->cut || c->close)
		drop(c, c->cut);
	else
		pump(c);
}

static void
pump(struct conn *c)
{
	struct req r;
	size_t n;

	if (c->out != NULL || (n = parse(c, &r)) == 0)
		return;
	write_log(c, &r);
	answer(c, &r);
	memmove(c->in, c->in + n, c->n - n);
	c->n -= n;
	send_out(c);
}

static void
take(struct conn *c)
{
	ssize_t n;

	for (;;) {
		if (c->cap - c->n < 4096) {
			c->cap = c->cap != 0 ? c->cap * 2 : 16384;
			c->in = realloc(c->in, c->cap);
		}
		n = recv(c->fd, c->in + c->n, c->cap - c->n, 0);
		if (n <= 0)
			break;
		c->n += (size_t)n;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drop(c, false);
	else if (c->out == NULL && cuts_request(c))
		drop(c, true);
	else
		pump(c);
}

static void
welcome(int listener)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int fd, one = 1;

	while ((fd = accept4(
		    listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= MAX_FD) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		conns[fd] = (struct conn){
			.fd = fd, .used = true, .number = ++welcomed
		};
		ev.data.fd = fd;
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	}
}

static int
open_port(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    listen(fd, 1024) != 0) {
		perror("http_server");
		exit(1);
	}
	getsockname(fd, (struct sockaddr *)&sa, &n);
	printf("%d\n", ntohs(sa.sin_port));
	fflush(stdout);
	return fd;
}

static void
late_ones(void)
{
	int64_t now = now_ms();

	for (int i = 0; i < MAX_FD; i++)
		if (conns[i].used && conns[i].due_ms != 0 &&
		    conns[i].due_ms <= now)
			send_out(&conns[i]);
}

static bool
any_late(void)
{
	for (int i = 0; i < MAX_FD; i++)
		if (conns[i].used && conns[i].due_ms != 0)
			return true;
	return false;
}

int
main(int argc, char *argv[])
{
	struct epoll_event ev = { .events = EPOLLIN }, got[256];
	int listener, n, port = 0;

	if (argc > 1 && strcmp(argv[1], "-q") == 0) {
		quiet = true; /* neither headers nor bodies */
		argc--;
		argv++;
	}
	if (argc < 2 || (logfile = fopen(argv[1], "a")) == NULL) {
		fprintf(stderr, "usage: http_server [-q] LOG [PORT]\n");
		return 2;
	}
	if (argc > 2)
		port = atoi(argv[2]);
	signal(SIGPIPE, SIG_IGN);
	ep = epoll_create1(EPOLL_CLOEXEC);
	listener = open_port(port);
	ev.data.fd = listener;
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev);
	for (;;) {
		n = epoll_wait(ep, got, 256, any_late() ? 5 : -1);
		for (int i = 0; i < n; i++) {
			struct conn *c = &conns[got[i].data.fd];

			if (got[i].data.fd == listener)
				welcome(listener);
			else if (c->used && c->out != NULL)
				send_out(c);
			if (c->used && (got[i].events & EPOLLIN))
				take(c);
		}
		late_ones();
	}
}
