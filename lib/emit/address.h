#ifndef CDP_EMIT_ADDRESS_H
#define CDP_EMIT_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * address: whether a host is one of the whole Internet's.
 *
 * What is not: this machine, private and shared networks, link-local ones
 * (where clouds keep their secrets), multicast, what is reserved, and the same
 * written as IPv6.  A request must not reach behind the wall that its sender
 * stands behind.
 */
bool cdp_address_public(const struct sockaddr *sa);

/* The same of an address as text; false if it is none. */
bool cdp_address_text_public(const char *text);

#endif
