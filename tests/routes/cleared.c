/*
 * cleared system|popen|wordexp TEXT: clears the environment, as programs do that distrust
 * theirs, and has libc start a shell. The status is the command's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <wordexp.h>

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_popen(const char *command)
{
	FILE *stream = popen(command, "r");
	int c;

	if (!stream)
		return 125;
	while ((c = getc(stream)) != EOF)
		putchar(c);
	return status_of(pclose(stream));
}

static int by_wordexp(const char *text)
{
	wordexp_t words;

	if (wordexp(text, &words, 0) != 0)
		return 125;
	for (size_t i = 0; i < words.we_wordc; i++)
		printf("%s%s", i ? " " : "", words.we_wordv[i]);
	wordfree(&words);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	clearenv();
	if (strcmp(argv[1], "system") == 0)
		return status_of(system(argv[2]));
	if (strcmp(argv[1], "popen") == 0)
		return by_popen(argv[2]);
	return by_wordexp(argv[2]);
}
