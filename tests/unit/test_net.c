#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/profile/net.h"

#define NID 6
#define NLINK 7

static uint32_t seed = 11;

static size_t
rnd(size_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Up to three identifiers an event. */
static void
random_net(struct cdp_net *net, struct cdp_arena *mem)
{
	size_t i, j, k;

	*net = (struct cdp_net){ .nid = NID, .nlink = 1 + rnd(NLINK) };
	net->link = cdp_arena_calloc(mem, NLINK, sizeof(*net->link));
	for (i = 0; i < net->nlink; i++) {
		struct cdp_net_link *l = &net->link[i];

		l->id = cdp_arena_calloc(mem, 3, sizeof(*l->id));
		for (j = 2 + rnd(2); j != 0; j--) {
			l->id[l->n] = rnd(NID);
			for (k = 0; l->id[k] != l->id[l->n]; k++)
				;
			l->n += k == l->n;
		}
	}
}

/*
 * The least number of links from a to b, by letting what is reached grow, with
 * some links and identifiers taken out; SIZE_MAX if there is no way.
 */
static size_t
distance(const struct cdp_net *net, size_t a, size_t b, unsigned no_link,
    unsigned no_id)
{
	unsigned in = 1u << a, next;
	size_t d, i, j;

	for (d = 0; d <= NLINK; d++) {
		if (in >> b & 1)
			return d;
		next = in;
		for (i = 0; i < net->nlink; i++) {
			const struct cdp_net_link *l = &net->link[i];
			bool reached = false;

			for (j = 0; j < l->n; j++)
				reached |= (in & ~no_id) >> l->id[j] & 1;
			for (j = 0; j < l->n; j++)
				if (reached && !(no_link >> i & 1))
					next |= 1u << l->id[j];
		}
		in = next;
	}
	return SIZE_MAX;
}

static void
test_path_is_the_shortest(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_net net;
	size_t *way, n, want, i, j;
	int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		random_net(&net, &mem);
		want = distance(&net, 0, 1, 0, 0);
		assert_int_equal(
		    cdp_net_path(&net, 0, 1, &mem, &way, &n), want != SIZE_MAX);
		if (want != SIZE_MAX) {
			unsigned only = 0;

			assert_int_equal(n, want);
			for (i = 0; i < n; i++)
				only |= 1u << way[i];
			assert_int_equal(distance(&net, 0, 1, ~only, 0), want);
			/* Each shares an identifier with the one before. */
			for (i = 1; i < n; i++) {
				const struct cdp_net_link *l =
				    &net.link[way[i]];
				bool meets = false;

				for (j = 0; j < l->n * 3; j++)
					meets |=
					    j % 3 < net.link[way[i - 1]].n &&
					    l->id[j / 3] ==
						net.link[way[i - 1]].id[j % 3];
				assert_true(meets);
			}
		}
		cdp_arena_reset(&mem);
	}
	cdp_arena_free(&mem);
}

/* The fewest that part them, of all subsets. */
static size_t
brute(const struct cdp_net *net, bool links)
{
	unsigned set, most = 1u << (links ? net->nlink : NID);
	size_t best = SIZE_MAX, n;

	for (set = 0; set < most; set++) {
		n = (size_t)__builtin_popcount(set);
		if (n >= best || (!links && (set & 3) != 0))
			continue;
		if (distance(net, 0, 1, links ? set : 0, links ? 0 : set) ==
		    SIZE_MAX)
			best = n;
	}
	return best;
}

static void
test_cut_is_the_smallest(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_net net;
	size_t *cut, n, want, i;
	unsigned set;
	int round, links;

	(void)state;
	for (round = 0; round < 600; round++) {
		random_net(&net, &mem);
		for (links = 0; links < 2; links++) {
			want = brute(&net, links);
			assert_int_equal(cdp_net_cut(&net, 0, 1, links, NLINK,
					     &mem, &cut, &n),
			    want != SIZE_MAX);
			if (want == SIZE_MAX)
				continue;
			assert_int_equal(n, want);
			for (set = 0, i = 0; i < n; i++)
				set |= 1u << cut[i];
			assert_int_equal(distance(&net, 0, 1, links ? set : 0,
					     links ? 0 : set),
			    SIZE_MAX);
		}
		cdp_arena_reset(&mem);
	}
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_is_the_shortest),
		cmocka_unit_test(test_cut_is_the_smallest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
