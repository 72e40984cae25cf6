/*
 * bench_run IN OUT COMMAND...: run it from IN to OUT and say on standard
 * output how many seconds it took, the peak memory in KiB of the process, or
 * of the greatest of the processes that it waited for, and the seconds that
 * all its threads were computing.  Its status is the command's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
redirect(const char *path, int flags, int fd)
{
	int got = open(path, flags | O_CLOEXEC, 0666);

	if (got == -1 || dup2(got, fd) == -1) {
		perror(path);
		_exit(126);
	}
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main(int argc, char *argv[])
{
	struct timespec a, z;
	struct rusage ru;
	int status;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: bench_run IN OUT COMMAND...\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	if ((pid = fork()) == 0) {
		redirect(argv[1], O_RDONLY, STDIN_FILENO);
		redirect(argv[2], O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &ru) == -1) {
		perror("bench_run");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &z);
	printf("%.3f %ld %.3f\n",
	    (double)(z.tv_sec - a.tv_sec) +
		(double)(z.tv_nsec - a.tv_nsec) / 1e9,
	    ru.ru_maxrss, seconds(ru.ru_utime) + seconds(ru.ru_stime));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
