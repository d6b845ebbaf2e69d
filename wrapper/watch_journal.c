#include "watch_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tallyd of another version cannot read it. */
static const char magic[16] = "tallyd journal3";

struct layout {
	char magic[16];
	uint32_t call_size, gate_size, owner, unused;
	struct journal_call calls[JOURNAL_CALLS];
	struct journal_gate gates[JOURNAL_GATES];
	struct journal_session sessions[JOURNAL_SESSIONS];
};

static struct layout *map(int fd)
{
	void *at = mmap(NULL, sizeof(struct layout), PROT_READ | PROT_WRITE, MAP_SHARED,
			fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static bool is_ours(const struct layout *layout)
{
	return memcmp(layout->magic, magic, sizeof(magic)) == 0 &&
	       layout->call_size == sizeof(struct journal_call) &&
	       layout->gate_size == sizeof(struct journal_gate);
}

int journal_open(struct watch_journal *journal, int fd, struct fault *fault)
{
	struct layout *layout;
	struct stat status;

	if (fd < 0)
		fd = memfd_create("tallyd-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || fstat(fd, &status) < 0 ||
	    ((size_t)status.st_size < sizeof(struct layout) &&
	     ftruncate(fd, sizeof(struct layout)) < 0))
		return fault_set(fault, "the journal cannot be made: %s",
				 strerror(errno));
	layout = map(fd);
	if (!layout)
		return fault_set(fault, "the journal cannot be mapped: %s",
				 strerror(errno));
	if (!is_ours(layout)) {
		memset(layout, 0, sizeof(*layout));
		memcpy(layout->magic, magic, sizeof(magic));
		layout->call_size = sizeof(struct journal_call);
		layout->gate_size = sizeof(struct journal_gate);
	}
	__atomic_add_fetch(&layout->owner, 1, __ATOMIC_RELEASE);
	*journal = (struct watch_journal){
		.fd = fd,
		.calls = layout->calls,
		.gates = layout->gates,
		.sessions = layout->sessions,
		.owner = &layout->owner,
	};
	return 0;
}

struct journal_session *journal_session(struct watch_journal *journal,
					const char *session)
{
	struct journal_session *free = NULL;

	for (size_t i = 0; i < JOURNAL_SESSIONS; i++) {
		struct journal_session *place =
			&journal->sessions[(journal->next_session + i) %
					   JOURNAL_SESSIONS];

		if (strncmp(place->session, session, JOURNAL_ID) == 0)
			return place;
		if (!place->session[0] && !free)
			free = place;
	}
	if (!free)
		return NULL;
	journal->next_session = (size_t)(free - journal->sessions) + 1;
	free->last = 0;
	snprintf(free->session, sizeof(free->session), "%s", session);
	return free;
}

struct journal_call *journal_place(struct watch_journal *journal)
{
	for (size_t i = 0; i < JOURNAL_CALLS; i++) {
		size_t at = (journal->next + i) % JOURNAL_CALLS;
		struct journal_call *place = &journal->calls[at];

		if (__atomic_load_n(&place->taken, __ATOMIC_ACQUIRE))
			continue;
		journal->next = at + 1;
		return place;
	}
	return NULL;
}

void journal_note(struct journal_call *place, const char *session,
		  const struct seccomp_notif *call)
{
	snprintf(place->session, sizeof(place->session), "%s", session);
	place->call = *call;
	__atomic_store_n(&place->taken, 1, __ATOMIC_RELEASE);
}
