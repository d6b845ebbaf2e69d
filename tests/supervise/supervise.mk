# Programs of the supervisor's tests: one that supervises, and callers of awkward kinds. The
# callers are built the same whatever the rest is built with.
SUPERVISE_PROGRAMS = $(addprefix $(BUILD)/supervise/,supervised caller)

test-programs: $(SUPERVISE_PROGRAMS)

$(BUILD)/supervise/supervised: $(BUILD)/tests/supervise/supervised.o $(BUILD)/libwrapper.a \
		$(BUILD)/librules.a
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(BUILD)/supervise/caller: tests/supervise/caller.c tests/supervise/supervise.mk
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) -std=gnu17 -D_GNU_SOURCE -O2 -g $(WARNINGS) -pthread -static $< -o $@

-include $(BUILD)/tests/supervise/supervised.d
