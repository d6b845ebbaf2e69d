#!/usr/bin/env bats
# docs/rules.md: the tool of one's own in ten lines does what the text says, and every setting
# that the loaders know is in the reference.

load setup.bash

setup() {
	own_home
	export LC_ALL=C.UTF-8
	cd "$BATS_TEST_TMPDIR"
	mkdir -p site/tools
	awk '/^## Your own tool/ {on = 1} on && /^```$/ {n++; next} on && n == 1' \
		"$TOP/docs/rules.md" >site/tools/decommission-host.cfg
}

@test "the description is ten lines, and its tests pass" {
	[[ $(sed -n '/^tool = {$/,/^};$/p' site/tools/decommission-host.cfg | wc -l) -le 10 ]]
	run "$BUILD/tally" test site/tools/decommission-host.cfg
	assert_success
	assert_output '6 passed, 0 failed'
}

@test "check finds nothing, explain says what the text says" {
	chmod -R go-w site
	run "$BUILD/tally" check --json "$TOP/rules" site
	assert_success
	refute_output --partial 'decommission-host.cfg'
	run "$BUILD/tally" explain --rules "$TOP/rules" --rules site -- decommission-host -f idx001
	assert_success
	assert_line --index 0 'tallygate: needs a second person: decommission-host would remove 1 host'
	assert_line --index 1 '  (idx001)'
	run "$BUILD/tally" explain --json --rules "$TOP/rules" --rules site -- decommission-host 'idx001' 'idx390'
	assert_output --partial '"billing"'
}

# settings FILE ARRAY...: the names in these arrays of a loader.
settings() {
	python3 - "$@" <<'PYTHON'
import re, sys
text = open(sys.argv[1]).read()
for name in sys.argv[2:]:
    for body in re.findall(r'\b%s\[\]\s*=\s*\{(.*?)\}' % name, text, re.S):
        print('\n'.join(re.findall(r'"([a-z_-]+)"', body)))
PYTHON
}

@test "every setting of policy, fleet, tools and actions is in the reference" {
	local name missing=
	{
		settings "$TOP/rules/load_policy.c" file_keys
		settings "$TOP/rules/load_limit.c" limit_keys rate_keys canary_keys
		settings "$TOP/rules/load_fleet.c" file_keys subsystem_keys capacity_keys \
			identity_keys alias_probe_keys
		settings "$TOP/rules/load_test.c" test_keys past_keys seen_keys
		settings "$TOP/rules/scene.c" answer_keys
		settings "$TOP/rules/load_tool.c" tool_keys keys
		settings "$TOP/rules/load_section.c" keys
		settings "$TOP/rules/load_tool_test.c" tool_keys action_keys effect_keys
		settings "$TOP/rules/load_actions.c" keys
	} >names
	[[ $(wc -l <names) -gt 100 ]]
	while read -r name; do
		grep -Eq "\`[^\`]*\b$name\b[^\`]*\`" "$TOP/docs/rules.md" || missing+=" $name"
	done <names
	[[ -z $missing ]] || fail "not in docs/rules.md:$missing"
}

@test "every style and every notation is in the reference" {
	local name
	while read -r name; do
		grep -Fq "\`\"$name\"\`" "$TOP/docs/rules.md" || fail "not in docs/rules.md: $name"
	done < <(sed -n '/^} styles\[\] = {/,/^};/s/.*{"\([a-z-]*\)".*/\1/p' "$TOP/rules/load_tool.c"
		settings "$TOP/rules/reader_syntax.c" known)
}
