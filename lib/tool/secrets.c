#include "lib/tool/secrets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

#define SECRET_MAX ((size_t)64 << 10)

extern char **environ;

void
cdp_secrets_keep(struct cdp_environ *env)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	while (environ != NULL && environ[env->n] != NULL)
		env->n++;
	env->v = cdp_xcalloc(env->n + 1, sizeof(*env->v));
	for (size_t i = 0; i < env->n; i++)
		env->v[i] = environ[i];
}

static char *
find(const struct cdp_environ *env, struct cdp_str name, const char *more)
{
	size_t k = strlen(more);

	for (size_t i = 0; i < env->n; i++) {
		char *p = env->v[i];

		if (strncmp(p, name.p, name.n) == 0 &&
		    strncmp(p + name.n, more, k) == 0 && p[name.n + k] == '=')
			return p + name.n + k + 1;
	}
	return NULL;
}

static int
read_file(const char *path, struct cdp_str name, struct cdp_buf *ret,
    struct cdp_err *err)
{
	struct stat st;
	int rc = cdp_io_read_file(path, SECRET_MAX, ret, err);

	if (rc == 0 && stat(path, &st) == 0 &&
	    ((st.st_mode & 077) != 0 || st.st_uid != geteuid())) {
		errno = 0;
		return cdp_fail(err, CDP_ECONF,
		    "the file of secret %.*s, '%s', must belong to you and be "
		    "open to nobody else: chmod 600",
		    (int)name.n, name.p, path);
	}
	if (rc != 0)
		return CDP_ECONF;
	while (ret->n != 0 && strchr("\r\n", ret->p[ret->n - 1]) != NULL)
		ret->n--;
	return 0;
}

static void
wipe(struct cdp_buf *b)
{
	if (b->cap != 0)
		explicit_bzero(b->p, b->cap);
	cdp_buf_free(b);
}

int
cdp_secrets_read(struct cdp_environ *env, const struct cdp_str *name, size_t n,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf all = { 0 }, one = { 0 };
	int rc = 0;

	cdp_buf_putc(&all, '{');
	for (size_t i = 0; i < n && rc == 0; i++) {
		char *v = find(env, name[i], ""), *file;

		cdp_buf_reset(&one);
		if (v != NULL) {
			cdp_buf_puts(&one, v);
			explicit_bzero(v, strlen(v));
		} else if ((file = find(env, name[i], "_FILE")) != NULL) {
			rc = read_file(file, name[i], &one, err);
		}
		if (rc != 0 || one.n == 0)
			continue;
		cdp_json_comma(&all);
		cdp_json_str(&all, name[i]);
		cdp_buf_putc(&all, ':');
		cdp_json_str(&all, cdp_buf_str(&one));
	}
	cdp_buf_putc(&all, '}');
	if (rc == 0)
		*ret = cdp_arena_dup(mem, cdp_buf_str(&all));
	wipe(&all);
	wipe(&one);
	return rc;
}

void
cdp_secrets_free(struct cdp_environ *env)
{
	free(env->v);
}
