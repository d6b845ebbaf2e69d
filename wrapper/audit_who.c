#include "audit_who.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

void audit_host(struct audit_json *record)
{
	char name[256];

	if (gethostname(name, sizeof(name) - 1) < 0)
		return;
	name[sizeof(name) - 1] = '\0';
	audit_json_text(record, audit_json_group(record, NULL, "host"), "name", name);
}

/* A user nobody has given a name to is called by the number. */
static const char *user_name(struct audit_json *record, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);
	const char *name = entry ? arena_strdup(record->arena, entry->pw_name)
				 : arena_printf(record->arena, "%lu", (unsigned long)uid);

	if (!name)
		record->failed = true;
	return name;
}

/* ECS keeps ids as text. */
static void put_user(struct audit_json *record, json_t *object, uid_t uid,
		     const char *name)
{
	char id[32];

	snprintf(id, sizeof(id), "%lu", (unsigned long)uid);
	audit_json_text(record, object, "name", name);
	audit_json_text(record, object, "id", id);
}

static void put_audit_ids(struct audit_json *record, const struct who *who)
{
	json_t *tallygate, *audit;

	if (!who->login_known && !who->audit_known)
		return;
	tallygate = audit_json_group(record, NULL, "tallygate");
	audit = audit_json_group(record, tallygate, "audit");
	if (who->login_known)
		audit_json_number(record, audit, "login_uid", who->login);
	if (who->audit_known)
		audit_json_number(record, audit, "session_id", who->audit_session);
}

/* "192.0.2.7 50022 192.0.2.1 22"; what is no address would make an index refuse the record. */
void audit_source(struct audit_json *record, const char *connection)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	size_t length;

	if (!connection)
		return;
	length = strcspn(connection, " %");
	if (length == 0 || length >= sizeof(text))
		return;
	memcpy(text, connection, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, address) != 1 &&
	    inet_pton(AF_INET6, text, address) != 1)
		return;
	audit_json_text(record, audit_json_group(record, NULL, "source"), "ip", text);
}

void audit_who(struct audit_json *record, const struct who *who)
{
	uid_t login = who->login, effective = who->uid;
	const char *login_name = user_name(record, login);
	const char *effective_name =
		effective == login ? login_name : user_name(record, effective);
	json_t *user = audit_json_group(record, NULL, "user");
	json_t *related = audit_json_group(record, NULL, "related");
	json_t *users = audit_json_list(record, related, "user");

	if (!login_name || !effective_name)
		return;
	put_user(record, user, login, login_name);
	put_user(record, audit_json_group(record, user, "effective"), effective,
		 effective_name);
	audit_json_word(record, users, login_name);
	if (effective != login)
		audit_json_word(record, users, effective_name);
	put_audit_ids(record, who);
}

/* The file behind a process, where this user may see it: a name alone can be anything. */
static void put_executable(struct audit_json *record, json_t *item, pid_t pid)
{
	char path[64], link[4096];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	length = readlink(path, link, sizeof(link) - 1);
	if (length <= 0)
		return;
	link[length] = '\0';
	audit_json_text(record, item, "executable", link);
}

void audit_above(struct audit_json *record, pid_t pid, pid_t top)
{
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");
	json_t *list = audit_json_list(record, tallygate, "chain");
	struct process process;

	for (int i = 0; i < AUDIT_CHAIN && pid > 0 && !record->failed; i++) {
		json_t *item;

		if (!process_look(pid, &process))
			return;
		item = audit_json_item(record, list);
		if (!item)
			return;
		audit_json_number(record, item, "pid", (uint64_t)pid);
		audit_json_text(record, item, "name", process.name);
		put_executable(record, item, pid);
		if (pid == top)
			return;
		pid = process.parent;
	}
}
