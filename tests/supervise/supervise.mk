# Programs of the supervisor's tests: one that supervises, and callers of awkward kinds.
SUPERVISED = $(BUILD)/supervise/supervised

test-programs: $(SUPERVISED)

$(SUPERVISED): $(BUILD)/tests/supervise/supervised.o $(BUILD)/libwrapper.a $(BUILD)/librules.a
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

-include $(BUILD)/tests/supervise/supervised.d
