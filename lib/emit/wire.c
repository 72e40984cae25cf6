#include "lib/emit/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define CONNECTS 64 /* connections of one destination that are kept */
#define LONG_MS 60000
#define NEVER INT64_MAX
#define WAITER UINT64_MAX
#define BELL (UINT64_MAX - 1)

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What an event brings back: which wire, and which socket. */
static uint64_t
name(const struct cdp_wire *w, int fd)
{
	return (uint64_t)(w - w->all->v) << 32 | (uint32_t)fd;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct cdp_wire *w = arg;
	struct epoll_event ev = { .data.u64 = name(w, fd) };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(w->all->ep, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (known != NULL && epoll_ctl(w->all->ep, EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	epoll_ctl(w->all->ep, EPOLL_CTL_ADD, fd, &ev);
	curl_multi_assign(w->multi, fd, w);
	return 0;
}

static int
on_timer(CURLM *multi, long ms, void *arg)
{
	struct cdp_wire *w = arg;

	(void)multi;
	w->due_ms = ms < 0 ? NEVER : now_ms() + ms;
	return 0;
}

void
cdp_wires_init(struct cdp_wires *ws, size_t n)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	ws->ep = epoll_create1(EPOLL_CLOEXEC);
	if (ws->ep == -1)
		abort();
	ws->n = n;
	ws->v = cdp_xcalloc(n + 1, sizeof(*ws->v));
	for (size_t i = 0; i < n; i++)
		ws->v[i] = (struct cdp_wire){ .all = ws, .due_ms = NEVER };
}

void
cdp_wires_free(struct cdp_wires *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i].multi != NULL)
			curl_multi_cleanup(ws->v[i].multi);
	close(ws->ep);
	free(ws->v);
	curl_global_cleanup();
}

CURLM *
cdp_wire(struct cdp_wires *ws, size_t i)
{
	struct cdp_wire *w = &ws->v[i];
	CURLM *m = w->multi;

	if (m != NULL)
		return m;
	m = w->multi = curl_multi_init();
	if (m == NULL)
		abort();
	curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)CONNECTS);
	curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(m, CURLMOPT_SOCKETDATA, w);
	curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(m, CURLMOPT_TIMERDATA, w);
	return m;
}

/* ---- waiting ---- */

static int
act(struct cdp_wires *ws, const struct epoll_event *ev)
{
	struct cdp_wire *w = &ws->v[ev->data.u64 >> 32];
	int what = 0, running;

	if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		what |= CURL_CSELECT_IN;
	if (ev->events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (ev->events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	return curl_multi_socket_action(
	    w->multi, (int)(uint32_t)ev->data.u64, what, &running);
}

static int
act_on_time(struct cdp_wires *ws)
{
	int64_t now = now_ms();
	int rc = CURLM_OK, running;

	for (size_t i = 0; i < ws->n && rc == CURLM_OK; i++)
		if (ws->v[i].due_ms <= now) {
			ws->v[i].due_ms = NEVER;
			rc = curl_multi_socket_action(
			    ws->v[i].multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
	return rc;
}

static int
how_long(const struct cdp_wires *ws, int64_t timeout_ms)
{
	int64_t now = now_ms(),
		ms = timeout_ms < LONG_MS ? timeout_ms : LONG_MS;

	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i].due_ms != NEVER && ws->v[i].due_ms - now < ms)
			ms = ws->v[i].due_ms > now ? ws->v[i].due_ms - now : 0;
	return (int)ms;
}

void
cdp_wires_watch(struct cdp_wires *ws, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = BELL };

	if (epoll_ctl(ws->ep, EPOLL_CTL_ADD, fd, &ev) != 0)
		abort();
}

int
cdp_wires_wait(struct cdp_wires *ws, int fd, int64_t timeout_ms, bool *readable,
    struct cdp_err *err)
{
	struct epoll_event ev[128],
	    in = { .events = EPOLLIN, .data.u64 = WAITER };
	int n, rc = CURLM_OK;
	bool watched =
	    fd != -1 && epoll_ctl(ws->ep, EPOLL_CTL_ADD, fd, &in) == 0;

	/* A plain file is not watched: it can always be read. */
	*readable = fd != -1 && !watched;
	n = epoll_wait(
	    ws->ep, ev, 128, *readable ? 0 : how_long(ws, timeout_ms));
	for (int i = 0; i < n && rc == CURLM_OK; i++)
		if (ev[i].data.u64 == WAITER)
			*readable = true;
		else if (ev[i].data.u64 != BELL)
			rc = act(ws, &ev[i]);
	if (watched)
		epoll_ctl(ws->ep, EPOLL_CTL_DEL, fd, NULL);
	if (rc == CURLM_OK)
		rc = act_on_time(ws);
	errno = 0;
	return rc == CURLM_OK ? 0
			      : cdp_fail(err, CDP_EIO, "libcurl: %s",
				    curl_multi_strerror((CURLMcode)rc));
}
