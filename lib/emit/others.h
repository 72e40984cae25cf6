#ifndef CDP_EMIT_OTHERS_H
#define CDP_EMIT_OTHERS_H

#include "lib/store/log.h"

/*
 * others: what is asked of other stages about people.
 *
 * How their logs are read is theirs to know: whoever runs lib/emit brings the
 * two together (lib/tool/others.h).  Profiles are told as lines have them.
 */
struct cdp_others {
	void *arg;

	/*
	 * Who id is by now, without traits: appended to ret.  0; CDP_END if
	 * nobody is, and whether that is because he was deleted; or fatal.
	 */
	int (*who)(void *arg, struct cdp_log *merge, struct cdp_str id,
	    struct cdp_buf *ret, bool *gone, struct cdp_err *err);

	/* How far time is, in ms; 0: nobody has said.  0 or fatal. */
	int (*clock)(void *arg, struct cdp_log *merge, int64_t *ret,
	    struct cdp_err *err);

	/*
	 * fn(fn_arg, profile) for everybody, with traits and, if audience is
	 * not NULL, with the member "audiences".
	 */
	int (*each)(void *arg, struct cdp_log *merge, struct cdp_log *audience,
	    int (*fn)(
		void *fn_arg, struct cdp_str profile, struct cdp_err *err),
	    void *fn_arg, struct cdp_err *err);
};

#endif
