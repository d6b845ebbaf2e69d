#include "books_grants.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

enum { BUCKETS = 4096, FAR = 64 };

/* One permit; newer ones of a bucket come first. */
struct entry {
	struct entry *next;
	struct permit permit; /* its strings are its own */
};

struct grants {
	pthread_mutex_t lock;
	size_t count;
	struct entry *buckets[BUCKETS];
};

struct grants *grants_new(void)
{
	struct grants *grants = calloc(1, sizeof(*grants));

	if (grants && pthread_mutex_init(&grants->lock, NULL) != 0) {
		free(grants);
		return NULL;
	}
	return grants;
}

/* ---- one permit ---- */

static void free_names(const char *const *names)
{
	for (const char *const *name = names; name && *name; name++)
		free((void *)*name);
	free((void *)names);
}

void permit_clear(struct permit *permit)
{
	free((void *)permit->grant.event);
	free((void *)permit->grant.tool);
	free((void *)permit->grant.digest);
	free_names(permit->grant.transports);
	*permit = (struct permit){0};
}

static const char *const *copy_names(const char *const *names)
{
	size_t count = 0;
	const char **copy;

	while (names[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(names[i]);
		if (!copy[i]) {
			free_names(copy);
			return NULL;
		}
	}
	return copy;
}

static bool copy_permit(const struct permit *permit, struct permit *copy)
{
	const struct grant *grant = &permit->grant;

	*copy = *permit;
	copy->grant.event = strdup(grant->event ? grant->event : "");
	copy->grant.tool = strdup(grant->tool ? grant->tool : "");
	copy->grant.digest = strdup(grant->digest ? grant->digest : "");
	copy->grant.transports = grant->transports ? copy_names(grant->transports) : NULL;
	if (copy->grant.event && copy->grant.tool && copy->grant.digest &&
	    !copy->grant.transports == !grant->transports)
		return true;
	permit_clear(copy);
	return false;
}

static void free_entry(struct entry *entry)
{
	permit_clear(&entry->permit);
	free(entry);
}

void grants_free(struct grants *grants)
{
	if (!grants)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (grants->buckets[i]) {
			struct entry *entry = grants->buckets[i];

			grants->buckets[i] = entry->next;
			free_entry(entry);
		}
	}
	pthread_mutex_destroy(&grants->lock);
	free(grants);
}

/* ---- the table ---- */

static struct entry **bucket_of(struct grants *grants, pid_t pid)
{
	return &grants->buckets[(unsigned int)pid % BUCKETS];
}

static bool is_of(const struct entry *entry, pid_t pid, unsigned long long start)
{
	return entry->permit.grant.pid == pid && entry->permit.grant.start == start;
}

/* The link to the oldest permit of the process (with that event), or NULL. */
static struct entry **oldest(struct grants *grants, pid_t pid, unsigned long long start,
			     const char *event, size_t *count)
{
	struct entry **found = NULL;

	*count = 0;
	for (struct entry **link = bucket_of(grants, pid); *link; link = &(*link)->next) {
		if (!is_of(*link, pid, start) ||
		    (event && strcmp((*link)->permit.grant.event, event) != 0))
			continue;
		found = link;
		++*count;
	}
	return found;
}

static struct entry *unlink_entry(struct grants *grants, struct entry **link)
{
	struct entry *entry = *link;

	*link = entry->next;
	grants->count--;
	return entry;
}

int grants_take(struct grants *grants, const struct permit *permit)
{
	struct entry *entry = calloc(1, sizeof(*entry)), *old = NULL, **link;
	pid_t pid = permit->grant.pid;
	int result = -1;
	size_t count;

	if (!entry || !copy_permit(permit, &entry->permit)) {
		free(entry);
		return -1;
	}
	pthread_mutex_lock(&grants->lock);
	link = oldest(grants, pid, permit->grant.start, NULL, &count);
	if (link && count >= GRANTS_OF_PROCESS)
		old = unlink_entry(grants, link);
	if (grants->count < GRANTS_MOST) {
		struct entry **first = bucket_of(grants, pid);

		entry->next = *first;
		*first = entry;
		grants->count++;
		result = 0;
	}
	pthread_mutex_unlock(&grants->lock);
	if (old)
		free_entry(old);
	if (result < 0)
		free_entry(entry);
	return result;
}

bool grants_has(struct grants *grants, pid_t pid, unsigned long long start,
		const char *event)
{
	size_t count;

	pthread_mutex_lock(&grants->lock);
	oldest(grants, pid, start, event, &count);
	pthread_mutex_unlock(&grants->lock);
	return count > 0;
}

int grants_change(struct grants *grants, pid_t pid, unsigned long long start,
		  const char *event, uint64_t dev, uint64_t ino, const char *argv_digest)
{
	struct entry **link;
	size_t count;

	pthread_mutex_lock(&grants->lock);
	link = oldest(grants, pid, start, event, &count);
	if (link) {
		struct permit *permit = &(*link)->permit;

		permit->dev = dev;
		permit->ino = ino;
		/* A shell is not guarded: nobody may ask about it. */
		permit->used = true;
		memcpy(permit->argv_digest, argv_digest, GRANT_DIGEST);
	}
	pthread_mutex_unlock(&grants->lock);
	return link ? 0 : -1;
}

bool grants_allow(struct grants *grants, pid_t pid, unsigned long long start,
		  uint64_t dev, uint64_t ino, const char *argv_digest)
{
	bool allowed = false;

	pthread_mutex_lock(&grants->lock);
	for (struct entry *entry = *bucket_of(grants, pid); entry && !allowed;
	     entry = entry->next) {
		struct permit *permit = &entry->permit;

		allowed = is_of(entry, pid, start) && permit->dev == dev &&
			  permit->ino == ino &&
			  strcmp(permit->argv_digest, argv_digest) == 0;
		permit->used |= allowed;
	}
	pthread_mutex_unlock(&grants->lock);
	return allowed;
}

bool grants_remove(struct grants *grants, pid_t pid, unsigned long long start,
		   const char *event, struct permit *permit)
{
	struct entry **link, *entry = NULL;
	size_t count;

	pthread_mutex_lock(&grants->lock);
	link = oldest(grants, pid, start, event, &count);
	if (link)
		entry = unlink_entry(grants, link);
	pthread_mutex_unlock(&grants->lock);
	if (!entry)
		return false;
	*permit = entry->permit;
	free(entry);
	return true;
}

size_t grants_count(struct grants *grants)
{
	size_t count;

	pthread_mutex_lock(&grants->lock);
	count = grants->count;
	pthread_mutex_unlock(&grants->lock);
	return count;
}

void grants_each(struct grants *grants,
		 void (*each)(void *context, pid_t pid, unsigned long long start),
		 void *context)
{
	pthread_mutex_lock(&grants->lock);
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct entry *entry = grants->buckets[i]; entry; entry = entry->next)
			each(context, entry->permit.grant.pid, entry->permit.grant.start);
	pthread_mutex_unlock(&grants->lock);
}

/* ---- what is covered ---- */

/* The newest permit of the process that can cover something, or NULL. */
static const struct grant *covering(struct grants *grants, const struct process *process)
{
	for (struct entry *entry = *bucket_of(grants, process->pid); entry;
	     entry = entry->next)
		if (is_of(entry, process->pid, process->start) &&
		    entry->permit.grant.transports)
			return &entry->permit.grant;
	return NULL;
}

int grants_cover(struct grants *grants, struct arena *arena, pid_t pid,
		 const struct grant_wish *wish, const char **event)
{
	struct process process;
	int result = 0;

	*event = NULL;
	for (int i = 0; i < FAR && pid > 1 && process_look(pid, &process); i++) {
		const struct grant *grant;

		pthread_mutex_lock(&grants->lock);
		grant = covering(grants, &process);
		if (grant && grant_covers(grant, wish)) {
			*event = arena_strdup(arena, grant->event);
			result = *event ? 1 : -1;
		}
		pthread_mutex_unlock(&grants->lock);
		/* What an approved playbook starts is no business of who started the playbook. */
		if (grant)
			return result;
		pid = process.parent;
	}
	return 0;
}
