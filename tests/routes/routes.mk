# The programs that start others in every way there is: the tests ask which of them are seen.
# Built the same whatever the rest is built with: no sanitiser, and each word size there is.
ROUTE_SOURCES = $(addprefix tests/routes/,route.c route_exec.c route_raw.c route_spawn.c)
ROUTE_FLAGS = -std=gnu17 -D_GNU_SOURCE -O2 -g $(WARNINGS) -pthread
ROUTES = $(addprefix $(BUILD)/routes/,route-dynamic route-static route-dynamic32 route-static32 \
	growth-dynamic growth-static cleared long signals \
	libother.so)

test-programs: $(ROUTES)

$(BUILD)/routes/%-static: ROUTE_FLAGS += -static
$(BUILD)/routes/%-dynamic32: ROUTE_FLAGS += -m32
$(BUILD)/routes/%-static32: ROUTE_FLAGS += -m32 -static

# Says so and goes on where the compiler has no libraries for the other word size.
define build_route
	@mkdir -p $(@D)
	@if echo 'int main(void) { return 0; }' | \
			$(CC) $(filter -m32 -static,$(ROUTE_FLAGS)) -x c - -o $@.probe 2>/dev/null; then \
		rm -f $@.probe; \
		echo '  LINK    $@'; \
		$(CC) $(ROUTE_FLAGS) $(filter %.c,$^) -o $@; \
	else \
		echo '  LINK    $@: left out, $(CC) cannot build $(filter -m32 -static,$(ROUTE_FLAGS))'; \
	fi
endef

# A program whose libc is another one: musl-gcc, where it is installed.
test-programs: $(if $(shell command -v musl-gcc),$(BUILD)/routes/route-musl)

$(BUILD)/routes/route-musl: $(ROUTE_SOURCES) tests/routes/route.h tests/routes/routes.mk
	@echo '  LINK    $@'
	@musl-gcc $(ROUTE_FLAGS) $(filter %.c,$^) -o $@

$(BUILD)/routes/route-%: $(ROUTE_SOURCES) tests/routes/route.h tests/routes/routes.mk
	$(build_route)

$(BUILD)/routes/growth-%: tests/routes/growth.c tests/routes/routes.mk
	$(build_route)

$(BUILD)/routes/cleared $(BUILD)/routes/long $(BUILD)/routes/signals: $(BUILD)/routes/%: tests/routes/%.c tests/routes/routes.mk
	$(build_route)

$(BUILD)/routes/libother.so: ROUTE_FLAGS += -shared -fPIC
$(BUILD)/routes/libother.so: tests/routes/other_shim.c tests/routes/routes.mk
	$(build_route)

# What tests/bench/bench_exec.c starts, and the program itself: never sanitised either.
test-programs: $(addprefix $(BUILD)/bench/,bench_exec tiny-dynamic tiny-static)

$(BUILD)/bench/tiny-static: ROUTE_FLAGS += -static

$(BUILD)/bench/tiny-%: tests/bench/tiny.c tests/routes/routes.mk
	$(build_route)

$(BUILD)/bench/bench_exec: tests/bench/bench_exec.c tests/routes/routes.mk
	$(build_route)

$(BUILD)/bench/bench_hostset: tests/bench/bench_hostset.c $(BUILD)/librules.a
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
