#include "digest.h"

#include <endian.h>
#include <stdint.h>

void digest_start(struct digest *digest)
{
	crypto_generichash_init(&digest->state, NULL, 0, crypto_generichash_BYTES);
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
	uint64_t size = htole64(length);

	crypto_generichash_update(&digest->state, (const unsigned char *)&size,
				  sizeof(size));
	if (length)
		crypto_generichash_update(&digest->state, bytes, length);
}

void digest_end(struct digest *digest, char hex[DIGEST_HEX])
{
	unsigned char hash[crypto_generichash_BYTES];

	crypto_generichash_final(&digest->state, hash, sizeof(hash));
	sodium_bin2hex(hex, DIGEST_HEX, hash, sizeof(hash));
}
