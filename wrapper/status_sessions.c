/* Which sessions there are: the directories beside this one's, or where one would be made. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "status.h"

/* The directory that holds those of sessions, NULL when there is none to look into. */
static const char *parent_directory(const struct status *status)
{
	const char *own = status->rules->session.directory;
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *slash = own ? strrchr(own, '/') : NULL;

	if (slash)
		return arena_strndup(status->arena, own, (size_t)(slash - own));
	if (runtime && runtime[0] == '/')
		return arena_printf(status->arena, "%s/tallygate", runtime);
	if (geteuid() == 0)
		return "/run/tallygate";
	return arena_printf(status->arena, "/tmp/tallygate-%lu",
			    (unsigned long)geteuid());
}

/* Where the shim works alone nobody says when the session ends: only its own counts. */
static bool is_alive(const struct session *session, bool own)
{
	if (!session->supervisor)
		return own;
	return process_alive(session->supervisor, session->supervisor_start);
}

static int add(struct status *status, size_t *capacity, const struct session *session)
{
	struct status_session *grown =
		arena_grow(status->arena, status->sessions, status->session_count,
			   capacity, sizeof(*grown));

	if (!grown)
		return -1;
	status->sessions = grown;
	grown[status->session_count++] = (struct status_session){
		session->id, session->directory, session->supervisor};
	return 0;
}

int status_find_sessions(struct status *status)
{
	const char *parent = parent_directory(status);
	const struct session *own = &status->rules->session;
	DIR *stream = parent ? opendir(parent) : NULL;
	struct dirent *entry;
	size_t capacity = 0;
	int result = 0;

	if (own->directory && is_alive(own, true))
		result = add(status, &capacity, own);
	while (stream && result == 0 && (entry = readdir(stream))) {
		struct session session;
		struct fault fault;
		const char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = arena_printf(status->arena, "%s/%s", parent, entry->d_name);
		if (!path)
			result = -1;
		else if ((own->directory && strcmp(path, own->directory) == 0) ||
			 session_load(status->arena, path, &session, &fault) < 0 ||
			 !is_alive(&session, false))
			continue;
		else
			result = add(status, &capacity, &session);
	}
	if (stream)
		closedir(stream);
	return result;
}
