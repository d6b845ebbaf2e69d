/*
 * The subcommands of `tally`: each takes its own argv (argv[0] is its name) and returns the
 * exit status. One file each, NAME_command.c.
 */
#ifndef TALLY_COMMANDS_H
#define TALLY_COMMANDS_H

int explain_command(int argc, char **argv);
int run_command(int argc, char **argv);
int refresh_command(int argc, char **argv);
int shell_command(int argc, char **argv);
int status_command(int argc, char **argv);
int check_command(int argc, char **argv);
int test_command(int argc, char **argv);
int audit_command(int argc, char **argv);
int enable_command(int argc, char **argv);
int disable_command(int argc, char **argv);
int doctor_command(int argc, char **argv);

#endif
