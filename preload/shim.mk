# libtally.so, for this machine's programs and for 32-bit ones where the compiler can make
# it. The loader's $LIB names a directory for each word size, and distributions spell it
# differently: links lead from every spelling to the two files. Beside each stands the guard
# table, where a shim without a session looks for it.
# Never sanitised: what is preloaded into every program may need nothing but libc.
SHIM_SOURCES = $(addprefix preload/,libtally.c libtally_at.c libtally_spawn.c libtally_shell.c \
	exec.c search.c plan.c look.c scratch.c start.c next.c shim_table.c guard_table.c \
	guard_words.c)
SHIM_NEEDS = $(SHIM_SOURCES) $(wildcard preload/*.h) preload/libtally.map preload/shim.mk
SHIM_FLAGS = -std=gnu17 -D_GNU_SOURCE -Ipreload -O2 -g $(WARNINGS) -fPIC -fvisibility=hidden \
	-ffreestanding -fno-stack-protector -U_FORTIFY_SOURCE -ftls-model=initial-exec
# As few segments and calls of the loader as there can be: measured (tests/bench/bench_exec.c)
# separate code and RELRO made every start of a program 2 % dearer, twice what this library
# costs without. What RELRO would protect is three pointers.
SHIM_LINK = -shared -nostdlib -Wl,-soname,libtally.so -Wl,--version-script=preload/libtally.map \
	-Wl,-Bsymbolic -Wl,--hash-style=gnu -Wl,-z,noseparate-code -Wl,-z,norelro
SHIM_MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
SHIM_32 := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) -m32 -x c - -o /dev/null 2>/dev/null && echo 32)
SHIM_LINKS = lib64 $(if $(SHIM_MULTIARCH),lib/$(SHIM_MULTIARCH))
SHIM_LINKS_32 = lib lib32

all: $(BUILD)/libtally.so $(BUILD)/guard.table $(if $(SHIM_32),$(BUILD)/lib/i386-linux-gnu/libtally.so)

# By rename: a library that is mapped somewhere keeps its bytes.
define build_shim
	@mkdir -p $(@D)
	@echo '  SHIM    $@'
	@$(CC) $(SHIM_FLAGS) $(1) $(SHIM_LINK) $(SHIM_SOURCES) -o $@.new
	@mv -f $@.new $@
endef

# $(call link_shim,DIRECTORIES,TARGET): links in each of them, below build/, to TARGET.
link_shim = @for directory in $(1); do \
	mkdir -p $(BUILD)/$$directory && \
	ln -sfnr $(2) $(BUILD)/$$directory/libtally.so && \
	ln -sfnr $(BUILD)/guard.table $(BUILD)/$$directory/guard.table || exit 1; \
	done

$(BUILD)/libtally.so: $(SHIM_NEEDS)
	$(call build_shim)
	$(call link_shim,$(SHIM_LINKS),$@)

$(BUILD)/lib/i386-linux-gnu/libtally.so: $(SHIM_NEEDS)
	$(call build_shim,-m32)
	$(call link_shim,$(SHIM_LINKS_32),$@)
	@ln -sfnr $(BUILD)/guard.table $(@D)/guard.table

# With it the shim alone gates: LD_PRELOAD=$PWD/build/libtally.so bash
$(BUILD)/guard.table: $(BUILD)/tally $(BUILD)/tally-gate $(wildcard rules/tools/*.cfg)
	@echo '  TABLE   $@'
	@$(BUILD)/tally refresh $@
