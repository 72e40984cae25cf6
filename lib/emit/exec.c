#include "lib/emit/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define READ_N ((size_t)64 << 10)

static int
spawn(struct cdp_exec *ex, char *const argv[], const char *dir, int in, int out)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *const env[] = { path, NULL };
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&act);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addchdir_np(&act, dir);
	posix_spawn_file_actions_adddup2(&act, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&act, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = strchr(argv[0], '/') != NULL
	    ? posix_spawn(&ex->pid, argv[0], &act, &attr, argv, env)
	    : posix_spawnp(&ex->pid, argv[0], &act, &attr, argv, env);
	posix_spawn_file_actions_destroy(&act);
	posix_spawnattr_destroy(&attr);
	return rc;
}

int
cdp_exec_start(struct cdp_exec *ex, const struct cdp_str *argv, size_t n,
    struct cdp_str dir, struct cdp_err *err)
{
	char **z = cdp_xcalloc(n + 1, sizeof(*z)), *d = cdp_xstrndup(dir);
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc = -1;

	*ex = (struct cdp_exec){ .in = -1, .out = -1 };
	for (size_t i = 0; i < n; i++)
		z[i] = cdp_xstrndup(argv[i]);
	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
		rc = spawn(ex, z, d, in[0], out[1]);
		errno = rc;
	}
	if (rc == 0) {
		ex->in = in[1];
		ex->out = out[0];
		fcntl(ex->in, F_SETFL, O_NONBLOCK);
		fcntl(ex->out, F_SETFL, O_NONBLOCK);
		in[1] = out[0] = -1;
	} else {
		rc = cdp_fail(err, CDP_EIO, "cannot start '%s'", z[0]);
	}
	for (int i = 0; i < 2; i++) {
		if (in[i] != -1)
			close(in[i]);
		if (out[i] != -1)
			close(out[i]);
	}
	for (size_t i = 0; i < n; i++)
		free(z[i]);
	free(z);
	free(d);
	return rc;
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
cdp_exec_stop(struct cdp_exec *ex)
{
	if (ex->pid == 0)
		return;
	shut(&ex->in);
	shut(&ex->out);
	while (waitpid(ex->pid, NULL, 0) == -1 && errno == EINTR)
		;
	cdp_buf_free(&ex->todo);
	cdp_buf_free(&ex->said);
	*ex = (struct cdp_exec){ .in = -1, .out = -1 };
}

void
cdp_exec_put(struct cdp_exec *ex, struct cdp_str line)
{
	cdp_buf_put(&ex->todo, line);
	cdp_buf_putc(&ex->todo, '\n');
}

/* A program that has gone is no reason to die with it. */
static void
write_some(struct cdp_exec *ex)
{
	struct timespec now = { 0 };
	sigset_t pipes, was;
	ssize_t n = 0;

	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipes, &was);
	while (ex->in != -1 && ex->todo.n != 0 &&
	    (n = write(ex->in, ex->todo.p, ex->todo.n)) > 0)
		cdp_buf_drop(&ex->todo, (size_t)n);
	if (n < 0 && errno == EPIPE)
		(void)sigtimedwait(&pipes, NULL, &now);
	else if (n < 0)
		n = 0;
	sigprocmask(SIG_SETMASK, &was, NULL);
	if (n < 0)
		shut(&ex->in);
}

void
cdp_exec_step(struct cdp_exec *ex)
{
	ssize_t n = 1;
	char *p;

	write_some(ex);
	cdp_buf_drop(&ex->said, ex->done);
	ex->done = 0;
	while (ex->out != -1 && n > 0) {
		p = cdp_buf_room(&ex->said, READ_N);
		if (p == NULL)
			break;
		n = read(ex->out, p, READ_N);
		if (n > 0)
			ex->said.n += (size_t)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		shut(&ex->out);
}

bool
cdp_exec_next(struct cdp_exec *ex, struct cdp_str *line)
{
	const char *p = ex->said.p + ex->done, *nl;

	if (ex->said.n == ex->done ||
	    (nl = memchr(p, '\n', ex->said.n - ex->done)) == NULL)
		return false;
	*line = (struct cdp_str){ p, (size_t)(nl - p) };
	ex->done += line->n + 1;
	return true;
}
