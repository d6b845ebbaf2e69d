/*
 * What a text does on the far side, by the table that ships (rules/actions.cfg): one line a
 * way to say it. A command that is only named, printed or asked for is not one that is run.
 */
#include <stdlib.h>
#include <string.h>

#include "action_table.h"
#include "remote_command.h"
#include "tap.h"

static const struct {
	enum action action;
	const char *text;
} cases[] = {
	/* ---- plain commands ---- */
	{ACTION_RUN, ""},
	{ACTION_RUN, "uptime"},
	{ACTION_RESTART, "reboot"},
	{ACTION_RESTART, "  reboot  "},
	{ACTION_RESTART, "/sbin/reboot"},
	{ACTION_RESTART, "shutdown -r now"},
	{ACTION_STOP, "shutdown -h +5 'down for -r repairs'"},
	{ACTION_RUN, "shutdown -c"},
	{ACTION_STOP, "poweroff"},
	{ACTION_RESTART, "poweroff --reboot"},
	{ACTION_RUN, "reboot --help"},
	{ACTION_STOP, "halt -f"},
	{ACTION_RESTART, "init 6"},
	{ACTION_STOP, "telinit --no-wall 0"},
	{ACTION_STOP, "systemctl stop nginx"},
	{ACTION_STOP, "systemctl --no-block -q stop nginx"},
	{ACTION_RESTART, "systemctl restart nginx"},
	{ACTION_RESTORE, "systemctl start nginx"},
	{ACTION_STOP, "systemctl start poweroff.target"},
	{ACTION_STOP, "systemctl -H root@web1 poweroff"},
	{ACTION_STOP, "systemctl --host web1 poweroff"},
	{ACTION_RUN, "systemctl status reboot.target"},
	{ACTION_STOP, "systemctl --now disable nginx"},
	{ACTION_CONFIG, "systemctl disable nginx"},
	{ACTION_STOP, "service nginx stop"},
	{ACTION_STOP, "/etc/init.d/nginx stop"},
	{ACTION_RESTART, "/etc/init.d/nginx restart"},
	{ACTION_REMOVE, "rm -rf /srv"},
	{ACTION_REMOVE, "apt-get -y purge nginx"},
	{ACTION_STOP, "ipmitool -I lanplus -H bmc1 -U a -P b power off"},
	{ACTION_STOP, "docker -H tcp://d1:2375 stop web"},

	/* ---- signals ---- */
	{ACTION_STOP, "kill 1234"},
	{ACTION_STOP, "kill -KILL 1234"},
	{ACTION_STOP, "kill -kill 1234"},
	{ACTION_STOP, "kill -9 -1"},
	{ACTION_STOP, "kill -s KILL -1"},
	{ACTION_RUN, "kill -l"},
	{ACTION_RUN, "kill -0 1234"},
	{ACTION_CONFIG, "kill -HUP 1234"},
	{ACTION_CONFIG, "kill -1 1234"},
	{ACTION_CONFIG, "kill -s HUP 1234"},
	{ACTION_STOP, "pkill -10 java"},
	{ACTION_STOP, "killall -KILL java"},

	/* ---- named, printed, asked for ---- */
	{ACTION_RUN, "echo reboot"},
	{ACTION_RUN, "echo 'please; reboot'"},
	{ACTION_RUN, "echo \"please && reboot\""},
	{ACTION_RUN, "echo please \\; reboot"},
	{ACTION_RUN, "echo please \\&\\& reboot"},
	{ACTION_RUN, "echo '$(reboot)' '`reboot`'"},
	{ACTION_RUN, "echo \"\\$(reboot) \\`reboot\\`\""},
	{ACTION_RUN, "grep reboot /var/log/messages"},
	{ACTION_RUN, "man reboot"},
	{ACTION_RUN, "which reboot"},
	{ACTION_RUN, "command -v reboot"},
	{ACTION_RUN, "sudo -l reboot"},
	{ACTION_RUN, "last reboot"},
	{ACTION_RUN, "ls /sbin/reboot"},
	{ACTION_RUN, "uptime # reboot"},
	{ACTION_RUN, "uptime #; reboot"},
	{ACTION_RUN, "rebooter"},
	{ACTION_RUN, "reboot-notifier"},
	{ACTION_RUN, "needs.reboot"},
	{ACTION_RUN, "chrt -p 1234"},

	/* ---- lists, pipes, groups ---- */
	{ACTION_RESTART, "true; reboot"},
	{ACTION_RESTART, "true;reboot"},
	{ACTION_RESTART, "true && reboot"},
	{ACTION_RESTART, "false||reboot"},
	{ACTION_RESTART, "sleep 5 & reboot"},
	{ACTION_RESTART, "reboot&"},
	{ACTION_RESTART, "uptime | tee log | reboot"},
	{ACTION_RESTART, "uptime\nreboot\n"},
	{ACTION_RESTART, "uptime \\\n; reboot"},
	{ACTION_RESTART, "re\\\nboot"},
	{ACTION_RESTART, "(reboot)"},
	{ACTION_RESTART, "(cd /tmp; reboot)"},
	{ACTION_RESTART, "{ reboot; }"},
	{ACTION_RESTART, "! reboot"},
	{ACTION_RESTART, "echo a#b; reboot"},
	{ACTION_RESTART, "# a comment\nreboot"},
	{ACTION_REMOVE, "reboot; rm -rf /srv; uptime"},
	{ACTION_STOP, "cd /srv && systemctl stop a && systemctl restart b"},

	/* ---- redirections ---- */
	{ACTION_RESTART, "reboot >/dev/null 2>&1"},
	{ACTION_RESTART, "reboot &>/dev/null"},
	{ACTION_RESTART, ">/tmp/log reboot"},
	{ACTION_RESTART, "2>/dev/null </dev/null reboot"},
	{ACTION_RUN, "uptime > reboot"},
	{ACTION_RUN, "cat < reboot"},
	{ACTION_STOP, "echo b > /proc/sysrq-trigger"},
	{ACTION_STOP, "echo b | sudo tee /proc/sysrq-trigger"},
	{ACTION_REMOVE, "cat /dev/zero > /dev/sda1"},
	{ACTION_CONFIG, "echo x >> /etc/motd"},
	{ACTION_RESTART, "diff <(reboot) /tmp/a"},

	/* ---- quotes and escapes around the command itself ---- */
	{ACTION_RESTART, "'reboot'"},
	{ACTION_RESTART, "\"reboot\""},
	{ACTION_RESTART, "re'bo'ot"},
	{ACTION_RESTART, "\\reboot"},
	{ACTION_RESTART, "r\\eboot"},
	{ACTION_RESTART, "$'reboot'"},
	{ACTION_RESTART, "$'\\x72eboot'"},
	{ACTION_RESTART, "$'\\162eboot'"},
	{ACTION_RESTART, "$\"reboot\""},
	{ACTION_RESTART, "echo $'it\\'s'; reboot"},
	{ACTION_RESTART, "echo \"a \\\" b\"; reboot"},
	{ACTION_RUN, "echo $'a\\'; reboot'"},

	/* ---- control structures ---- */
	{ACTION_RESTART, "if true; then reboot; fi"},
	{ACTION_RESTART, "if ! reboot; then true; fi"},
	{ACTION_RESTART, "if false; then true; else reboot; fi"},
	{ACTION_RESTART, "while reboot; do sleep 1; done"},
	{ACTION_RESTART, "until ping -c1 x; do reboot; done"},
	{ACTION_RESTART, "for i in 1 2; do reboot; done"},
	{ACTION_RESTART, "for i in 1 2\ndo\nreboot\ndone"},
	{ACTION_RESTART, "case $x in a) reboot;; *) true;; esac"},
	{ACTION_RESTART, "case $x in (a) true;; (*) reboot;; esac"},
	{ACTION_RESTART, "[ -f /x ] && reboot"},
	{ACTION_RESTART, "[[ -f /x ]] && reboot"},
	{ACTION_RESTART, "test -f /x || reboot"},
	{ACTION_RESTART, "f() { reboot; }; f"},
	{ACTION_RESTART, "function f { reboot; }; f"},
	{ACTION_RESTART, "f() { \"$@\"; }; f reboot"},
	{ACTION_RESTART, "f() { $1 now; }; f reboot"},
	{ACTION_RESTART, "coproc reboot"},
	{ACTION_RESTART, "coproc X { reboot; }"},
	{ACTION_RESTART, "trap reboot EXIT"},
	{ACTION_RESTART, "trap 'echo bye; reboot' INT TERM"},
	{ACTION_RESTART, "time reboot"},
	{ACTION_RESTART, "time -p reboot"},
	{ACTION_RESTART, "time (sleep 1; reboot)"},
	{ACTION_RESTART, "time { reboot; }"},
	{ACTION_RESTART, "eval reboot"},
	{ACTION_RESTART, "eval 'true; reboot'"},
	{ACTION_RESTART, "eval \"re\"boot"},
	{ACTION_RESTART, "exec reboot"},
	{ACTION_RESTART, "exec -a innocent reboot"},
	{ACTION_RESTART, "command reboot"},
	{ACTION_RESTART, "command -p reboot"},
	{ACTION_RESTART, "builtin command reboot"},

	/* ---- substitution and variables ---- */
	{ACTION_RESTART, "echo $(reboot)"},
	{ACTION_RESTART, "echo `reboot`"},
	{ACTION_RESTART, "echo \"$(reboot)\""},
	{ACTION_RESTART, "echo \"`reboot`\""},
	{ACTION_RESTART, "x=$(reboot)"},
	{ACTION_RESTART, "echo $(echo $(reboot))"},
	{ACTION_RESTART, "echo ${x:-$(reboot)}"},
	{ACTION_RESTART, "echo $(echo \")\"; reboot)"},
	{ACTION_RESTART, "$(echo reboot)"},
	{ACTION_RESTART, "`echo reboot`"},
	{ACTION_RESTART, "eval $(echo reboot)"},
	{ACTION_RESTART, "R=reboot; $R"},
	{ACTION_RESTART, "R=reboot; \"$R\" -f"},
	{ACTION_RESTART, "R='sudo reboot' && ${R}"},
	{ACTION_RESTART, "export R=reboot; $R"},
	{ACTION_RESTART, "for c in true reboot; do $c; done"},
	{ACTION_RESTART, "$SUDO reboot"},
	{ACTION_RESTART, "${SUDO} reboot"},
	{ACTION_RESTART, "${SUDO:-sudo} reboot"},
	{ACTION_RESTART, "${CMD:-reboot}"},
	{ACTION_RESTART, "${CMD=reboot} now"},
	{ACTION_RESTART, "LANG=C reboot"},
	{ACTION_RESTART, "A='x y' B=z reboot"},
	{ACTION_RUN, "R=reboot; echo $R"},
	{ACTION_RUN, "$SUDO uptime"},

	/* ---- here documents and here strings ---- */
	{ACTION_RESTART, "bash <<E\nreboot\nE"},
	{ACTION_RESTART, "bash <<-'E'\n\treboot\n\tE"},
	{ACTION_RESTART, "sudo sh <<\"E\"\ntrue\nreboot\nE\n"},
	{ACTION_RESTART, "sh <<< reboot"},
	{ACTION_RESTART, "bash -s <<< 'true; reboot'"},
	{ACTION_RESTART, "ssh web1 <<E\nreboot\nE"},
	{ACTION_RESTART, "at now <<< 'reboot'"},

	/* ---- text that a shell gets on its standard input ---- */
	{ACTION_RESTART, "echo reboot | sh"},
	{ACTION_RESTART, "echo 'true; reboot' | sudo bash -s"},
	{ACTION_RESTART, "echo -e 'true\\nreboot' | bash"},
	{ACTION_RESTART, "printf 'true\\nreboot\\n' | ssh web1"},
	{ACTION_RESTART, "printf '%s\\n' reboot | sh -x"},
	{ACTION_RESTART, "echo reboot | at now + 1 minute"},
	{ACTION_RESTART, "echo reboot | ssh web1 bash"},
	{ACTION_RESTART, "echo reboot | sudo -s"},
	{ACTION_RESTART, "echo reboot | xargs sudo"},
	{ACTION_RESTART, "yes reboot | head -1 | sh"},
	{ACTION_RUN, "echo reboot | sh -c cat"},
	{ACTION_RUN, "echo reboot | bash ./read-words"},

	/* ---- launchers ---- */
	{ACTION_RESTART, "sudo reboot"},
	{ACTION_RESTART, "sudo -n reboot"},
	{ACTION_RESTART, "sudo -u root reboot"},
	{ACTION_RESTART, "sudo -uroot reboot"},
	{ACTION_RESTART, "sudo -uking reboot"},
	{ACTION_RESTART, "sudo -Hu root reboot"},
	{ACTION_RESTART, "sudo --user=root reboot"},
	{ACTION_RESTART, "sudo --user root reboot"},
	{ACTION_RESTART, "sudo --us root reboot"},
	{ACTION_RESTART, "sudo A=b C=d reboot"},
	{ACTION_RESTART, "sudo -E -- reboot"},
	{ACTION_RESTART, "sudo -u x -- sh -c \"reboot\""},
	{ACTION_RESTART, "sudo -i reboot"},
	{ACTION_RESTART, "sudo -s reboot"},
	{ACTION_RESTART, "sudo sudo sudo reboot"},
	{ACTION_RESTART, "sudo su - -c reboot"},
	{ACTION_RESTART, "su -c reboot"},
	{ACTION_RESTART, "su - root -c 'sleep 1; reboot'"},
	{ACTION_RESTART, "su root -c reboot"},
	{ACTION_RESTART, "su -s /bin/sh --command=reboot root"},
	{ACTION_RESTART, "runuser -u root -- reboot"},
	{ACTION_RESTART, "runuser - root -c reboot"},
	{ACTION_RESTART, "doas -u root reboot"},
	{ACTION_RESTART, "pkexec --user root reboot"},
	{ACTION_RESTART, "env reboot"},
	{ACTION_RESTART, "env -i PATH=/sbin reboot"},
	{ACTION_RESTART, "env - A=b reboot"},
	{ACTION_RESTART, "env -u HOME -C /tmp reboot"},
	{ACTION_RESTART, "env -S 'reboot -f'"},
	{ACTION_RESTART, "nice reboot"},
	{ACTION_RESTART, "nice -10 reboot"},
	{ACTION_RESTART, "nice -n 10 reboot"},
	{ACTION_RESTART, "nice --adjustment=10 reboot"},
	{ACTION_RESTART, "ionice -c 3 reboot"},
	{ACTION_RESTART, "ionice -c2 -n7 reboot"},
	{ACTION_RESTART, "nohup reboot >/dev/null 2>&1 &"},
	{ACTION_RESTART, "setsid -f reboot"},
	{ACTION_RESTART, "timeout 5 reboot"},
	{ACTION_RESTART, "timeout -s KILL -k 3 5 reboot"},
	{ACTION_RESTART, "timeout -sKILL --preserve-status 5s reboot"},
	{ACTION_RESTART, "timeout --signal KILL 5 reboot"},
	{ACTION_RESTART, "timeout -- 5 reboot"},
	{ACTION_RESTART, "stdbuf -oL -e 0 reboot"},
	{ACTION_RESTART, "taskset -c 0-3 reboot"},
	{ACTION_RESTART, "taskset 0x3 reboot"},
	{ACTION_RESTART, "chrt -r 10 reboot"},
	{ACTION_RESTART, "chroot /mnt reboot"},
	{ACTION_RESTART, "chroot --userspec=0:0 /mnt /sbin/reboot -f"},
	{ACTION_RESTART, "flock /tmp/l reboot"},
	{ACTION_RESTART, "flock -w 5 /tmp/l -c reboot"},
	{ACTION_RESTART, "script -qc reboot /dev/null"},
	{ACTION_RESTART, "watch -n 5 reboot"},
	{ACTION_RESTART, "watch -n5 'true; reboot'"},
	{ACTION_RESTART, "strace -f -o /tmp/t reboot"},
	{ACTION_RESTART, "unshare -m reboot"},
	{ACTION_RESTART, "nsenter -t 1 -m -u reboot"},
	{ACTION_RESTART, "ip netns exec blue reboot"},
	{ACTION_STOP, "ip netns exec blue ip link set eth0 down"},
	{ACTION_STOP, "ip link set eth0 down"},
	{ACTION_RESTART, "systemd-run --on-active=5 reboot"},
	{ACTION_RESTART, "systemd-run -p CPUQuota=10% --unit x reboot"},
	{ACTION_RESTART, "busybox reboot"},
	{ACTION_RESTART, "screen -dmS x reboot"},
	{ACTION_RESTART, "tmux new-session -d -s x 'sleep 1; reboot'"},
	{ACTION_RESTART, "sh -c reboot"},
	{ACTION_RESTART, "sh -c 'reboot' name a b"},
	{ACTION_RESTART, "sh -ec reboot"},
	{ACTION_RESTART, "sh -c -e reboot"},
	{ACTION_RESTART, "bash -lc reboot"},
	{ACTION_RESTART, "bash -cl reboot"},
	{ACTION_RESTART, "bash -o pipefail -c 'true | reboot'"},
	{ACTION_RESTART, "bash --norc -c \"bash -c 'bash -c reboot'\""},
	{ACTION_RESTART, "bash -c '$0' reboot"},
	{ACTION_RESTART, "bash -c '\"$@\"' name reboot"},
	{ACTION_RESTART, "R=reboot bash -c '$R'"},
	{ACTION_RUN, "bash -c 'echo \"$@\"' name reboot"},
	{ACTION_RUN, "bash reboot"},
	{ACTION_RUN, "bash ./reboot.sh"},
	{ACTION_RESTART, "ssh web1 reboot"},
	{ACTION_RESTART, "ssh -p 22 -o A=b root@web1 reboot"},
	{ACTION_RESTART, "ssh bastion ssh web1 reboot"},
	{ACTION_RESTART, "ssh bastion 'ssh web1 \"sudo reboot\"'"},
	{ACTION_RESTART, "ssh bastion pdsh -w 'n[1-9]' reboot"},
	{ACTION_RESTART, "sshpass -p x ssh web1 reboot"},
	{ACTION_RESTART, "pdsh -w web1 reboot"},
	{ACTION_RESTART, "parallel-ssh -H web1 reboot"},
	{ACTION_RESTART, "xargs -n1 reboot < hosts"},
	{ACTION_RESTART, "xargs -I{} ssh {} reboot"},
	{ACTION_RESTART, "xargs -P 4 -n1 sh -c 'ssh $0 reboot'"},
	{ACTION_RESTART, "parallel reboot ::: 1"},
	{ACTION_RESTART, "parallel ::: reboot"},
	{ACTION_RESTART, "find . -exec reboot \\;"},
	{ACTION_RESTART, "find . -name x -exec sh -c 'reboot' {} +"},
	{ACTION_REMOVE, "find /srv -type f -delete"},
	{ACTION_REMOVE, "find /srv -type f | xargs rm -f"},
	{ACTION_REMOVE, "sudo find /srv -exec rm {} +"},

	/* ---- other languages ---- */
	{ACTION_RESTART, "perl -e 'system(\"reboot\")'"},
	{ACTION_RESTART, "python3 -c 'import os; os.system(\"reboot\")'"},
	{ACTION_STOP,
	 "python3 -c 'import subprocess as s; s.run([\"systemctl\",\"stop\",\"x\"])'"},
	{ACTION_RESTART, "ruby -e '`reboot`'"},
	{ACTION_RESTART, "awk 'BEGIN { system(\"reboot\") }'"},
	{ACTION_RUN, "awk '{ print $2 }' reboot"},
	{ACTION_RUN, "python3 -c 'print(1)'"},
	{ACTION_CONFIG, "perl -pi -e 's/a/b/' /etc/x"},
};

static void check_cases(const struct action_table *table)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *arena = arena_new(64 << 20);
		enum action found = remote_action(arena, table, cases[i].text, NULL);
		char name[200];

		snprintf(name, sizeof(name), "%s", cases[i].text);
		for (char *c = name; *c; c++)
			if (*c == '\n')
				*c = '~'; /* TAP is line by line */
			else if (*c == '#')
				*c = '%';
		if (!ok(found == cases[i].action, "%s: %s", action_name(cases[i].action),
			name))
			printf("#   found: %s\n", action_name(found));
		arena_free(arena);
	}
}

/* Words that ssh and pdsh join with blanks: quotes of the near shell are gone. */
static void check_words(const struct action_table *table)
{
	static const char *const list[] = {"true;", "reboot"};
	static const char *const quoted[] = {"echo", "a; reboot"};
	static const char *const irreversible_words[] = {"rm", "-rf", "/srv"};
	struct arena *arena = arena_new(1 << 20);
	bool irreversible = false;

	ok(remote_action_words(arena, table, list, 2, NULL) == ACTION_RESTART,
	   "a ; at the end of a word ends a command on the far side");
	ok(remote_action_words(arena, table, quoted, 2, NULL) == ACTION_RESTART,
	   "quotes that the near shell took away protect nothing on the far side");
	ok(remote_action_words(arena, table, irreversible_words, 3, &irreversible) ==
			   ACTION_REMOVE &&
		   irreversible,
	   "rm cannot be undone");
	arena_free(arena);
}

/* What nests or repeats without end is given up for the worst, soon. */
static void check_hostile(const struct action_table *table)
{
	static const struct {
		const char *name, *open, *middle, *close;
		size_t times;
	} texts[] = {
		{"parentheses", "(", "true", ")", 100000},
		{"substitutions", "$(", "true", ")", 100000},
		{"find -exec", "find -exec ", "true", "", 20000},
		{"brace bodies", "a { ", "true", "", 20000},
		{"launchers", "sudo ", "true", "", 100000},
		{"shells in shells", "sh -c ", "true", "", 20000},
		{"eval", "eval $x ", "true", "", 20000},
		{"positional words", "sh -c '$@' ", "true", "", 20000},
		{"variables", "$x ", "true", "", 100000},
		{"literals", "perl -e \"'\" ", "true", "", 20000},
		{"here strings", "sh <<<a ", "true", "", 20000},
	};

	for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++) {
		size_t open = strlen(texts[t].open), close = strlen(texts[t].close);
		char *text = malloc((open + close) * texts[t].times + 16), *end = text;
		struct arena *arena = arena_new((size_t)1 << 30);
		enum action action;

		if (!text || !arena)
			abort();
		for (size_t i = 0; i < texts[t].times; i++)
			end = stpcpy(end, texts[t].open);
		end = stpcpy(end, texts[t].middle);
		for (size_t i = 0; i < texts[t].times; i++)
			end = stpcpy(end, texts[t].close);
		action = remote_action(arena, table, text, NULL);
		ok(action >= ACTION_RUN, "%zu times %s come to an end (%s)",
		   texts[t].times, texts[t].name, action_name(action));
		arena_free(arena);
		free(text);
	}
}

/* Read once each, and not once more for every level, which would be given up. */
static void check_nested_defaults(const struct action_table *table)
{
	struct arena *arena = arena_new((size_t)1 << 24);
	char text[15 * 7 + 8], *end = text;

	for (int i = 0; i < 15; i++)
		end = stpcpy(end, "${${-");
	end = stpcpy(end, "uptime");
	for (int i = 0; i < 15; i++)
		end = stpcpy(end, "}}");
	ok(remote_action(arena, table, text, NULL) == ACTION_RUN,
	   "defaults in each other are read to their end");
	arena_free(arena);
}

int main(void)
{
	const char *directories[] = {"rules", NULL};
	struct arena *arena = arena_new(16 << 20);
	struct action_table *table;
	struct fault fault = {0};

	if (action_table_load(arena, directories, &table, &fault) < 0) {
		printf("Bail out! %s\n", fault.text);
		return 1;
	}
	check_cases(table);
	check_words(table);
	check_hostile(table);
	check_nested_defaults(table);
	arena_free(arena);
	return done();
}
