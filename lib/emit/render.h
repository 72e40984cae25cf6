#ifndef CDP_EMIT_RENDER_H
#define CDP_EMIT_RENDER_H

#include "lib/rule/project.h"

/*
 * render: texts with holes.
 *
 * A hole becomes a string as it is, a number or boolean as JSON writes it.
 * Nothing, null, an array or an object is a fault that names the hole's place:
 * no message ever says "null".
 */
struct cdp_render {
	struct cdp_jq *jq;
	struct cdp_tape tape; /* of what a program gave */
	struct cdp_buf out;
};

void cdp_render_free(struct cdp_render *r);

/* Tell jq that the text's programs will run. */
void cdp_render_want(struct cdp_jq *jq, const struct cdp_text *text);

/*
 * Fill the holes of text, escaped for HTML where the text says so.
 *
 * input  JSON text
 * ret    made in mem
 *
 * 0; CDP_EDATA with the place and the fault; CDP_ECONF if a program does not
 * compile.
 */
int cdp_render_text(struct cdp_render *r, const struct cdp_text *text,
    struct cdp_str input, struct cdp_arena *mem, struct cdp_str *ret,
    struct cdp_err *err);

/* Append s, escaped for HTML. */
void cdp_render_escape(struct cdp_buf *b, struct cdp_str s);

/*
 * The same for one program: what it gives as a text.  The rule of the fault is
 * CDP_RENDER_NONE if it gave nothing or null.
 */
#define CDP_RENDER_NONE "nothing"
int cdp_render_value(struct cdp_render *r, int jq, struct cdp_str input,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err);

#endif
