#include "lib/tool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock --------------------------------------------------------------
 */

/*
 * The kernel's numbers and structures, which the headers of an older system
 * than the kernel lack.  A member that a kernel does not know must be 0.
 */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446

#define FS_WRITE_FILE (1u << 1)
#define FS_READ_FILE (1u << 2)
#define FS_READ_DIR (1u << 3)
#define FS_REMOVE_DIR (1u << 4)
#define FS_REMOVE_FILE (1u << 5)
#define FS_MAKE_DIR (1u << 7)
#define FS_MAKE_REG (1u << 8)
#define FS_REFER (1u << 13)
#define FS_TRUNCATE (1u << 14)
#define FS_IOCTL_DEV (1u << 15)
#define FS_OF_ABI_1 ((1u << 13) - 1)
#define NET_TCP 3u
#define SCOPE_ABSTRACT_UNIX 1u
#define SCOPE_SIGNAL 2u

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct beneath_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

static int
abi(void)
{
	long n = syscall(CREATE_RULESET, NULL, 0, 1);

	return n > 0 ? (int)n : 0;
}

/* All that files can be asked for, of what this kernel can refuse. */
static uint64_t
all_of_fs(int version)
{
	return FS_OF_ABI_1 | (version >= 2 ? FS_REFER : 0) |
	    (version >= 3 ? FS_TRUNCATE : 0) |
	    (version >= 5 ? FS_IOCTL_DEV : 0);
}

static int
new_ruleset(bool net)
{
	int version = abi();
	struct ruleset_attr attr = { .fs = all_of_fs(version) };

	if (version == 0)
		return -1;
	if (version >= 4 && !net)
		attr.net = NET_TCP;
	if (version >= 6)
		attr.scoped = SCOPE_SIGNAL | (net ? 0 : SCOPE_ABSTRACT_UNIX);
	return (int)syscall(CREATE_RULESET, &attr, sizeof(attr), 0);
}

void
cdp_sandbox_allow(
    struct cdp_sandbox *sb, const char *path, enum cdp_sandbox_access access)
{
	static const uint64_t rights[] = {
		[CDP_SANDBOX_READ] = FS_READ_FILE | FS_READ_DIR,
		[CDP_SANDBOX_LIST] = FS_READ_DIR,
		[CDP_SANDBOX_CHANGE] = FS_READ_FILE | FS_READ_DIR |
		    FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
		    FS_MAKE_DIR | FS_MAKE_REG | FS_TRUNCATE,
	};
	struct beneath_attr at = { .access = rights[access] };
	struct stat st;

	if (sb->ruleset == -1)
		return;
	at.access &= all_of_fs(abi());
	at.fd = open(path, O_PATH | O_CLOEXEC);
	if (at.fd == -1)
		return;
	if (fstat(at.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		at.access &= FS_READ_FILE | FS_WRITE_FILE;
	/* What is on no file system, such as a pipe, is refused by no rule. */
	(void)syscall(ADD_RULE, sb->ruleset, 1, &at, 0);
	close(at.fd);
}

/* ---- seccomp ---------------------------------------------------------------
 */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* not tried out */
#endif
#define X32 0x40000000u /* on x86-64: another set of numbers */

/* Refused always: other programs, other processes, the kernel's own doors. */
static const int refused[] = {
	SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_kcmp, SYS_bpf, SYS_perf_event_open,
	SYS_userfaultfd, SYS_open_by_handle_at, SYS_add_key, SYS_request_key,
	SYS_keyctl, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
	SYS_unshare, SYS_setns, SYS_init_module, SYS_finit_module,
	SYS_kexec_load,
	425,           /* io_uring_setup, which does all the rest unseen */
	426, 427, 438, /* pidfd_getfd */
};

/* Refused to all but who delivers. */
static const int refused_net[] = {
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
#endif
};
#define CLONE3 435
#define CLONE_THREAD 0x10000u

#define NREFUSED (sizeof(refused) / sizeof(refused[0]))
#define NREFUSED_NET (sizeof(refused_net) / sizeof(refused_net[0]))
#define LOAD(member)                                                           \
	(struct sock_filter) BPF_STMT(                                         \
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
/* If it is k go on, else over the next n. */
#define UNLESS(k, n)                                                           \
	(struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, n)
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)

/*
 * A thread is as confined as who makes it; a process is refused.  What clone3
 * is asked for stands in memory, where no filter sees it: the C library does
 * with clone if there is no such call.
 */
static struct sock_filter *
threads_only(struct sock_filter *p)
{
	*p++ = UNLESS(CLONE3, 1);
	*p++ = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
	*p++ = UNLESS(SYS_clone, 4);
	*p++ = LOAD(args[0]);
	*p++ = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
	*p++ = ANSWER(SECCOMP_RET_ALLOW);
	*p++ = REFUSE;
	return p;
}

static unsigned short
write_filter(struct sock_filter *f, bool net)
{
	struct sock_filter *p = f;
	size_t i;

	*p++ = LOAD(arch);
	*p++ =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	*p++ = ANSWER(SECCOMP_RET_KILL_PROCESS);
	*p++ = LOAD(nr);
	*p++ =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	*p++ = REFUSE;
	for (i = 0; i < NREFUSED; i++) {
		*p++ = UNLESS((uint32_t)refused[i], 1);
		*p++ = REFUSE;
	}
	for (i = 0; i < NREFUSED_NET && !net; i++) {
		*p++ = UNLESS((uint32_t)refused_net[i], 1);
		*p++ = REFUSE;
	}
	if (!net)
		p = threads_only(p);
	/* Typing on the terminal is a way out, too. */
	*p++ = UNLESS(SYS_ioctl, 3);
	*p++ = LOAD(args[1]);
	*p++ = UNLESS(TIOCSTI, 1);
	*p++ = REFUSE;
	*p++ = ANSWER(SECCOMP_RET_ALLOW);
	return (unsigned short)(p - f);
}

static bool
has_seccomp(void)
{
	return ARCH != 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

static bool
filter_calls(bool net)
{
	struct sock_filter f[2 * (NREFUSED + NREFUSED_NET) + 24];
	struct sock_fprog prog = { .filter = f };

	if (ARCH == 0)
		return false;
	prog.len = write_filter(f, net);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0;
}

/* ---- both ------------------------------------------------------------------
 */

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

static bool
is_watched(void)
{
#ifdef SANITIZED
	return true;
#else
	return getenv("LD_PRELOAD") != NULL;
#endif
}

void
cdp_sandbox_begin(struct cdp_sandbox *sb, enum cdp_sandbox_mode mode)
{
	if (mode == CDP_SANDBOX_TRY && is_watched())
		mode = CDP_SANDBOX_OFF;
	sb->mode = mode;
	sb->ruleset = -1;
}

void
cdp_sandbox_rules(struct cdp_sandbox *sb, bool net)
{
	sb->net = net;
	if (sb->mode != CDP_SANDBOX_OFF)
		sb->ruleset = new_ruleset(net);
}

int
cdp_sandbox_enter(struct cdp_sandbox *sb, struct cdp_err *err)
{
	bool files, calls;

	if (sb->mode == CDP_SANDBOX_OFF)
		return 0;
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	files =
	    sb->ruleset != -1 && syscall(RESTRICT_SELF, sb->ruleset, 0) == 0;
	if (sb->ruleset != -1)
		close(sb->ruleset);
	sb->ruleset = -1;
	calls = filter_calls(sb->net);
	if (sb->mode == CDP_SANDBOX_TRY || (files && calls))
		return 0;
	errno = 0;
	return cdp_fail(err, CDP_EIO,
	    "--sandbox=require: this kernel does not let a process confine "
	    "itself: no %s",
	    files ? "seccomp" : "Landlock");
}

void
cdp_sandbox_calls(void)
{
	if (is_watched())
		return;
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)filter_calls(false);
}

const char *
cdp_sandbox_state(char *ret, int n)
{
	int version = abi();

	if (version == 0)
		snprintf(
		    ret, (size_t)n, "%s", has_seccomp() ? "seccomp" : "none");
	else
		snprintf(ret, (size_t)n, "landlock %d%s", version,
		    has_seccomp() ? ", seccomp" : "");
	return ret;
}
