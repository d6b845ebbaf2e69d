/* BLAKE2b-256 over the bytes of rule files, as hex. */
#ifndef TALLY_DIGEST_H
#define TALLY_DIGEST_H

#include <stddef.h>

#include <sodium.h>

struct digest {
	crypto_generichash_state state;
};

enum { DIGEST_HEX = 2 * crypto_generichash_BYTES + 1 };

void digest_start(struct digest *digest);

/* A piece, with its length in front: the same bytes cut elsewhere are something else. */
void digest_add(struct digest *digest, const void *bytes, size_t length);

void digest_end(struct digest *digest, char hex[DIGEST_HEX]);

#endif
