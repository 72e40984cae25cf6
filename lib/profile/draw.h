#ifndef CDP_PROFILE_DRAW_H
#define CDP_PROFILE_DRAW_H

#include "lib/profile/net.h"

/*
 * draw: the graph of identifiers for people and for other programs.
 */
enum cdp_draw_form { CDP_DRAW_NONE, CDP_DRAW_DOT, CDP_DRAW_SVG };

/*
 * A profile's graph: identifiers and the events that hold them together, from
 * left to right by their distance from the identifier at `from`
 * (CDP_NET_NONE: the first).
 */
void cdp_draw_net(struct cdp_buf *b, const struct cdp_net *net, size_t from,
    enum cdp_draw_form form);

/*
 * Every link as edges, {"source":..,"target":..,"event":..,"timestamp":..}, a
 * line each: the first identifier with each other one.  All profiles in the
 * order of their ids.  fn as in cdp_log_lines().
 */
int cdp_draw_edges(struct cdp_log *log,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err);

#endif
