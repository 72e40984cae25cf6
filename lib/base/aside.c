#include "lib/base/aside.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/base/mem.h"

struct cdp_aside {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*fn)(void *arg); /* NULL: nothing to do */
	void *arg;
	bool over;
	atomic_bool busy; /* changed under the lock, read without */
};

static void *
work(void *arg)
{
	struct cdp_aside *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (a->fn == NULL && !a->over)
			pthread_cond_wait(&a->changed, &a->lock);
		if (a->fn == NULL)
			break;
		pthread_mutex_unlock(&a->lock);
		a->fn(a->arg);
		pthread_mutex_lock(&a->lock);
		a->fn = NULL;
		atomic_store(&a->busy, false);
		pthread_cond_broadcast(&a->changed);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct cdp_aside *
cdp_aside_new(void)
{
	struct cdp_aside *a = cdp_xcalloc(1, sizeof(*a));
	sigset_t all, was;
	int rc;

	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	sigfillset(&all);
	sigdelset(&all, SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(&a->thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (rc == 0)
		return a;
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

void
cdp_aside_free(struct cdp_aside *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->over = true;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void
cdp_aside_start(struct cdp_aside *a, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&a->lock);
	assert(a->fn == NULL);
	a->fn = fn;
	a->arg = arg;
	atomic_store(&a->busy, true);
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

bool
cdp_aside_done(const struct cdp_aside *a)
{
	return !atomic_load_explicit(&a->busy, memory_order_acquire);
}

void
cdp_aside_wait(struct cdp_aside *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->fn != NULL)
		pthread_cond_wait(&a->changed, &a->lock);
	pthread_mutex_unlock(&a->lock);
}
