/*
 * What target sets cost: `bench_hostset CASE [INPUT]` does one case and prints
 *
 *   CASE<TAB>names<TAB>best milliseconds<TAB>peak RSS in KiB<TAB>bytes of the folded text
 *
 * Cases: range      node[1-1000000] read, counted, folded (of many runs the best)
 *        names      the names of the file INPUT, one a line: folded (reading excluded)
 *        folded     the folded text in the file INPUT: read, counted, folded
 *        random N   writes N random names r<400>n<1000> to stdout, one a line, seed 1
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hostset.h"
#include "syntax.h"

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Distinct pairs in random order: a walk through all 400 * 1000 by a generator mod 2^19. */
static void print_random(unsigned long count)
{
	unsigned long state = 1;

	while (count > 0) {
		state = (state * 1664525 + 1013904223) & 0x7ffff;
		if (state >= 400000)
			continue;
		printf("r%lun%lu\n", state / 1000 + 1, state % 1000 + 1);
		count--;
	}
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0, used = 0;

	while (file && !feof(file) && !ferror(file)) {
		if (size - used < 65536) {
			char *grown = realloc(text, size = size * 2 + 131072);

			if (!grown)
				break;
			text = grown;
		}
		used += fread(text + used, 1, size - used - 1, file);
		text[used] = '\0';
	}
	if (!text)
		perror(path);
	if (file)
		fclose(file);
	return text;
}

static const char **split_lines(char *text, size_t *count)
{
	const char **names = NULL;
	size_t capacity = 0;

	*count = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (*count == capacity) {
			const char **grown = realloc(
				names, (capacity = capacity * 2 + 1024) * sizeof(*names));

			if (!grown)
				return names;
			names = grown;
		}
		names[(*count)++] = line;
	}
	return names;
}

/* VmHWM and not ru_maxrss: that one begins with the size of the parent. */
static long peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return kib;
}

static int run(const char *what, const char *text, const char *const *names, size_t count,
	       int rounds)
{
	double best = 1e9;
	size_t bytes = 0;
	uint64_t total = 0;

	for (int i = 0; i < rounds; i++) {
		struct arena *arena = arena_new((size_t)1 << 30);
		const struct hostset *set;
		struct fault fault = {0};
		const char *fold;
		double start = now_ms(), end;

		set = text ? syntax_folded(arena, text, &fault)
			   : hostset_names(arena, names, count);
		fold = set ? hostset_fold(arena, set) : NULL;
		total = set ? hostset_count(set) : 0;
		end = now_ms();
		if (!fold) {
			fprintf(stderr, "bench_hostset: %s\n", fault.text);
			return 1;
		}
		bytes = strlen(fold);
		if (end - start < best)
			best = end - start;
		arena_free(arena);
	}
	printf("%s\t%llu\t%.3f\t%ld\t%zu\n", what, (unsigned long long)total, best,
	       peak_kib(), bytes);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "range";
	const char **names;
	size_t count = 0;
	char *text;
	int status;

	if (strcmp(what, "range") == 0)
		return run(what, "node[1-1000000]", NULL, 0, 1000);
	if (argc < 3) {
		fprintf(stderr, "usage: bench_hostset range | names FILE | folded FILE | "
				"random COUNT\n");
		return 2;
	}
	if (strcmp(what, "random") == 0) {
		print_random(strtoul(argv[2], NULL, 10));
		return 0;
	}
	text = read_file(argv[2]);
	if (!text)
		return 1;
	if (strcmp(what, "folded") == 0)
		return run(what, text, NULL, 0, 5);
	names = split_lines(text, &count);
	status = run(what, NULL, names, count, 5);
	free(names);
	free(text);
	return status;
}
