# tallygate. `make` builds everything into build/; `make help` lists the targets.

CC ?= gcc
BUILD ?= build
SANITIZE ?=
PREFIX ?= /usr
DESTDIR ?=
SYSCONFDIR ?= /etc

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPTIMISE ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Irules -Iwrapper -Ipreload
CFLAGS += -std=gnu17 $(OPTIMISE) $(WARNINGS) $(HARDEN)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LIBS = -lconfig -lseccomp -ljansson -lsodium -lyaml -lsystemd -lcurl -ldl

ifneq ($(SANITIZE),)
# _FORTIFY_SOURCE hides errors from AddressSanitizer, so the sanitised build goes without.
HARDEN = -fPIE
OPTIMISE = -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
endif

PROGRAMS = tally tallysh tally-gate tallyd tally-unpreload
MAINS = $(patsubst %,wrapper/%.c,$(subst -,_,$(PROGRAMS)))
MAINS_PRESENT = $(wildcard $(MAINS))
PROGRAMS_PRESENT = $(subst _,-,$(patsubst wrapper/%.c,%,$(MAINS_PRESENT)))

RULES_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard rules/*.c))
WRAPPER_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAINS),$(wildcard wrapper/*.c)) \
	preload/guard_table.c preload/guard_words.c)
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all test bench check install deb clean help unit test-programs
.SECONDARY:

all: $(addprefix $(BUILD)/,$(PROGRAMS_PRESENT))

help:
	@echo 'make            build everything into $(BUILD)/'
	@echo 'make unit       build the unit tests'
	@echo 'make test       all tests (scripts/test without installing packages)'
	@echo 'make check      formatting, static analysis, both compilers'
	@echo 'make bench      measure cost (scripts/bench)'
	@echo 'make install    install below DESTDIR=$(DESTDIR) PREFIX=$(PREFIX), site rules SYSCONFDIR=$(SYSCONFDIR)'
	@echo 'make deb        the Debian package (scripts/deb)'
	@echo 'make clean      remove $(BUILD)/'
	@echo 'SANITIZE=address,undefined BUILD=build/asan make   the sanitised build'

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/librules.a: $(RULES_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/libwrapper.a: $(WRAPPER_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/tally-gate: $(BUILD)/wrapper/tally_gate.o $(BUILD)/libwrapper.a $(BUILD)/librules.a
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# What mends the loader's configuration must start without the loader.
UNPRELOAD_STATIC = $(if $(SANITIZE),,-static-pie)
$(BUILD)/tally-unpreload: $(BUILD)/wrapper/tally_unpreload.o $(BUILD)/wrapper/preload_list.o
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(filter-out $(if $(SANITIZE),,-pie),$(LDFLAGS)) $(UNPRELOAD_STATIC) $^ -o $@

$(BUILD)/%: $(BUILD)/wrapper/%.o $(BUILD)/libwrapper.a $(BUILD)/librules.a
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libwrapper.a $(BUILD)/librules.a
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

unit: $(UNIT_TESTS)

# Programs that only tests start; the .mk files add to it.
test-programs:

include preload/shim.mk
include tests/routes/routes.mk
include tests/supervise/supervise.mk
include tests/books/books.mk

# Programs, library and links below PREFIX/lib/tallygate, where they find each other; names in
# PREFIX/bin. What is in use is replaced by rename. The site's own rules are never replaced.
LIBRARY = $(DESTDIR)$(PREFIX)/lib/tallygate
SHARE = $(DESTDIR)$(PREFIX)/share
SITE = $(DESTDIR)$(SYSCONFDIR)/tallygate
RULE_FILES = $(shell cd rules && find . -type f \( -name '*.cfg' -o -name '*.tsv' \) \
	! -path './policy/*' ! -path './fleet/*' ! -path './starter/*')
MANUALS = $(wildcard man/*.[1-8])

# $(call put,MODE,FROM,TO)
put = install -D -m $(1) $(2) $(3).new && mv -f $(3).new $(3)

install: all
	@for name in $(PROGRAMS_PRESENT); do \
		$(call put,755,$(BUILD)/$$name,$(LIBRARY)/$$name) || exit 1; done
	@$(call put,755,$(BUILD)/libtally.so,$(LIBRARY)/libtally.so)
	@for name in $(SHIM_LINKS); do mkdir -p $(LIBRARY)/$$name && \
		ln -sfnr $(LIBRARY)/libtally.so $(LIBRARY)/$$name/libtally.so && \
		ln -sfnr $(LIBRARY)/guard.table $(LIBRARY)/$$name/guard.table || exit 1; done
ifneq ($(SHIM_32),)
	@$(call put,755,$(BUILD)/lib/i386-linux-gnu/libtally.so,$(LIBRARY)/lib/i386-linux-gnu/libtally.so)
	@for name in $(SHIM_LINKS_32); do mkdir -p $(LIBRARY)/$$name && \
		ln -sfnr $(LIBRARY)/lib/i386-linux-gnu/libtally.so $(LIBRARY)/$$name/libtally.so && \
		ln -sfnr $(LIBRARY)/guard.table $(LIBRARY)/$$name/guard.table || exit 1; done
	@ln -sfnr $(LIBRARY)/guard.table $(LIBRARY)/lib/i386-linux-gnu/guard.table
endif
	@mkdir -p $(DESTDIR)$(PREFIX)/bin
	@for name in $(filter tally tallysh,$(PROGRAMS_PRESENT)); do \
		ln -sfn ../lib/tallygate/$$name $(DESTDIR)$(PREFIX)/bin/$$name || exit 1; done
	@mkdir -p $(DESTDIR)$(PREFIX)/sbin
	@for name in $(filter tallyd tally-unpreload,$(PROGRAMS_PRESENT)); do \
		ln -sfn ../lib/tallygate/$$name $(DESTDIR)$(PREFIX)/sbin/$$name || exit 1; done
	@for name in $(RULE_FILES); do \
		$(call put,644,rules/$$name,$(SHARE)/tallygate/rules/$$name) || exit 1; done
	@cd rules && find policy fleet -type f | while read -r name; do \
		install -D -m 644 $$name $(abspath $(SHARE))/tallygate/demo/$$name || exit 1; done
	@for name in policy/site.cfg fleet/site.cfg; do [ -e $(SITE)/$$name ] || \
		install -D -m 644 rules/starter/$$name $(SITE)/$$name || exit 1; done
	@for name in README.md docs/*.md; do \
		install -D -m 644 $$name $(SHARE)/doc/tallygate/$${name##*/} || exit 1; done
	@for name in $(MANUALS); do install -D -m 644 $$name \
		$(SHARE)/man/man$${name##*.}/$${name##*/} || exit 1; done
ifeq ($(DESTDIR),)
	@$(LIBRARY)/tally refresh $(LIBRARY)/guard.table
endif

deb:
	scripts/deb

test: all
	scripts/test --no-setup

bench: all
	scripts/bench

check:
	scripts/check

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/unit/*.d)
