#include "redact.h"

#include <string.h>
#include <strings.h>

#define HIDDEN "***"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char letters[] = LETTERS, name_bytes[] = LETTERS "0123456789_-.";

const char *redact_word(struct arena *arena, const char *word, const char *const *secrets,
			bool *next)
{
	for (; secrets && *secrets; secrets++) {
		size_t length = strlen(*secrets);

		if (strncmp(word, *secrets, length) != 0)
			continue;
		if (word[length] == '\0') {
			*next = true;
			return word;
		}
		if (word[length] == '=')
			return arena_printf(arena, "%s=" HIDDEN, *secrets);
		/* -pVALUE */
		if (length == 2 && word[0] == '-' && word[1] != '-')
			return arena_printf(arena, "%s" HIDDEN, *secrets);
	}
	return word;
}

/* The name of an option or a variable says that its value is a secret. */
static bool called_secret(const char *name, size_t length)
{
	static const char *const endings[] = {
		"password", "passwd",	  "passphrase", "secret",     "token",
		"api-key",  "api_key",	  "apikey",	"access-key", "access_key",
		"auth-key", "credential", "credentials"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length >= ending &&
		    strncasecmp(name + length - ending, endings[i], ending) == 0)
			return true;
	}
	return false;
}

static const char *by_name(struct arena *arena, const char *word, bool *next)
{
	bool option = word[0] == '-' && word[1] == '-' && word[2];
	size_t length = strspn(word, name_bytes);

	if ((word[length] != '\0' && word[length] != '=') || !called_secret(word, length))
		return word;
	if (word[length] == '=')
		return arena_printf(arena, "%.*s=" HIDDEN, (int)length, word);
	/* --no-password is a flag; a word that is no option names nothing that follows. */
	if (option && strncmp(word, "--no-", 5) != 0)
		*next = true;
	return word;
}

/*
 * What a tool may take for a secret option, too: `--extra-v` of --extra-vars where it knows
 * abbreviations, `-ve` of -e. Too much hidden is better here than too little.
 */
static const char *by_likeness(struct arena *arena, const char *word,
			       const char *const *secrets, bool *next)
{
	size_t length = strcspn(word, "=");

	for (; length > 2 && word[0] == '-' && secrets && *secrets; secrets++) {
		const char *secret = *secrets;
		bool bundle = word[1] != '-' && secret[0] == '-' && secret[1] != '-' &&
			      strlen(secret) == 2 && word[length - 1] == secret[1] &&
			      !word[length] && strspn(word + 1, letters) == length - 1;

		if (!bundle && (word[1] != '-' || strncmp(secret, word, length) != 0))
			continue;
		if (word[length] == '=')
			return arena_printf(arena, "%.*s=" HIDDEN, (int)length, word);
		*next = true;
	}
	return word;
}

const char *const *redact_words(struct arena *arena, const char *const *argv,
				size_t count, const char *const *secrets)
{
	const char **words = arena_array(arena, count + 1, sizeof(*words));
	bool value = false, likely = false;

	for (size_t i = 0; words && i < count; i++) {
		/* `--password --force`: behind what is only called so an option is one. */
		bool hidden = value || (likely && argv[i][0] != '-');

		value = likely = false;
		if (hidden) {
			words[i] = HIDDEN;
			continue;
		}
		words[i] = redact_word(arena, argv[i], secrets, &value);
		if (words[i] == argv[i] && !value)
			words[i] = by_likeness(arena, argv[i], secrets, &value);
		if (words[i] == argv[i] && !value)
			words[i] = by_name(arena, argv[i], &likely);
		if (!words[i])
			return NULL;
	}
	return words;
}
