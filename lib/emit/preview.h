#ifndef CDP_EMIT_PREVIEW_H
#define CDP_EMIT_PREVIEW_H

#include "lib/emit/delivery.h"

/*
 * preview: a message as its person would see it, as a page for a browser.
 *
 * The page is whole: no script, nothing that is fetched but what the mail's own
 * HTML asks for, which stands in a frame without rights.
 */

/*
 * Append the page of the message in a, which cdp_delivery_render() has made.
 *
 * real  its activation was sent to that person, not made up for this
 */
void cdp_preview_page(
    struct cdp_buf *b, const struct cdp_delivery *a, bool real);

#endif
