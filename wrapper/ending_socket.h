/* Where endings are announced: DIR/ending, a datagram a command: "EVENT\0TOOL\0". */
#ifndef TALLY_ENDING_SOCKET_H
#define TALLY_ENDING_SOCKET_H

#include <sys/un.h>

enum { ENDING_MESSAGE = 512 };

#define ENDING_NAME "ending"

/*
 * The address of the socket in the session's directory, which may be longer than an address:
 * it goes by the descriptor that is returned, to be closed behind the call. -1: no such
 * directory.
 */
int ending_address(const char *directory, struct sockaddr_un *address);

#endif
