# The books of tallyd behind a socket, for tests/books.bats.
test-programs: $(BUILD)/books/booksd

$(BUILD)/books/booksd: $(BUILD)/tests/books/booksd.o $(BUILD)/libwrapper.a $(BUILD)/librules.a
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
