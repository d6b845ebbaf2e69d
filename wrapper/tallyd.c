/*
 * tallyd: the authority of an installed tallygate. It holds the listeners of all sessions,
 * owns rules, ledger and audit log, and answers gates. systemd starts it; where there is no
 * service manager, `tallyd --hold` is a small one.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "version.h"
#include "watch.h"

static const char usage[] =
	"usage: tallyd [--config FILE] [--hold]\n"
	"  --config FILE  instead of " DAEMON_CONFIG "\n"
	"  --hold         where no service manager runs: start tallyd, keep "
	"its sessions,\n"
	"                 and start it again whenever it ends\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"hold", no_argument, NULL, 'H'},
						{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'V'},
						{NULL, 0, NULL, 0}};
	const char *config = DAEMON_CONFIG;
	bool hold = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'c':
			config = optarg;
			break;
		case 'H':
			hold = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			printf("tallyd %s\n", TALLY_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (hold)
		return hold_run((char *const[]){argv[0], "--config",
						(char *)(uintptr_t)config, NULL});
	return watch_run(config);
}
