#include "line_editor.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void *open_library(void)
{
	static const char *const names[] = {"libreadline.so.8", "libreadline.so.9",
					    "libreadline.so.7", "libreadline.so"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

		if (library)
			return library;
	}
	return NULL;
}

/* A function pointer of the library into `*target`, without a cast ISO C forbids. */
static bool find(void *library, const char *name, void *target)
{
	void *symbol = dlsym(library, name);

	memcpy(target, &symbol, sizeof(symbol));
	return symbol != NULL;
}

static bool set_integer(void *library, const char *name, int value)
{
	int *variable = dlsym(library, name);

	if (variable)
		*variable = value;
	return variable != NULL;
}

static bool find_functions(struct line_editor *editor)
{
	void *library = editor->library;

	return find(library, "rl_callback_handler_install", &editor->install) &&
	       find(library, "rl_callback_handler_remove", &editor->remove) &&
	       find(library, "rl_callback_read_char", &editor->read_char) &&
	       find(library, "rl_redisplay", &editor->redraw) &&
	       find(library, "rl_resize_terminal", &editor->resized) &&
	       find(library, "rl_prep_terminal", &editor->prepare) &&
	       find(library, "rl_deprep_terminal", &editor->restore) &&
	       find(library, "rl_on_new_line", &editor->fresh_line);
}

static bool configure(struct line_editor *editor, int (*get)(FILE *stream))
{
	void *library = editor->library;
	FILE **in = dlsym(library, "rl_instream"), **out = dlsym(library, "rl_outstream");
	int (**getter)(FILE *) = dlsym(library, "rl_getc_function");
	const char **name = dlsym(library, "rl_readline_name");
	int (*initialise)(void) = NULL;
	int (*bind)(const char *, const char *) = NULL;

	if (!in || !out || !getter || !name ||
	    !find(library, "rl_initialize", &initialise) ||
	    !find(library, "rl_variable_bind", &bind) ||
	    !set_integer(library, "rl_catch_signals", 0) ||
	    !set_integer(library, "rl_catch_sigwinch", 0) ||
	    !set_integer(library, "rl_change_environment", 0))
		return false;
	*in = *out = editor->stream;
	*getter = get;
	*name = "tallygate";
	initialise();
	/* After the user's inputrc has been read, so that it cannot say otherwise. */
	bind("enable-bracketed-paste", "on");
	bind("disable-completion", "on");
	bind("editing-mode", "emacs");
	return true;
}

bool line_editor_open(struct line_editor *editor, int fd, int (*get)(FILE *stream))
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	memset(editor, 0, sizeof(*editor));
	editor->stream = copy >= 0 ? fdopen(copy, "r+") : NULL;
	if (!editor->stream) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	editor->library = open_library();
	if (editor->library && find_functions(editor) && configure(editor, get))
		return true;
	line_editor_close(editor);
	return false;
}

void line_editor_close(struct line_editor *editor)
{
	if (editor->stream)
		fclose(editor->stream);
	editor->stream = NULL;
}
