# Builds, tests and installs tunplan. `make` builds build/tunplan; `make test` and `make demo` also
# install missing packages; `make help` lists the rest. Building and testing write only to build/.

VARIANT ?= debug
PREFIX  ?= /usr/local
# KERNEL=plain: as on systems whose kernel tells nothing out of the ordinary (exec/system/kernel.h).
KERNEL  ?= linux
BUILD   := build/$(VARIANT)$(if $(filter plain,$(KERNEL)),-plain)

# What has to be installed, by the names of Debian 12 and 13. `make deps` and all
# targets that run something install what is missing of it (tests/packages). netbase makes /etc/hosts,
# which a minimal system may lack, and over which the lab puts the file of each host.
PACKAGES_BUILD := gcc libc6-dev make pkg-config libyaml-dev libuv1-dev libjansson-dev scdoc
PACKAGES_TEST  := libcriterion-dev bats openssh-client openssh-server git curl openssl jq \
	iproute2 netbase nftables tinyproxy-bin lighttpd lighttpd-mod-openssl util-linux procps \
	python3-jsonschema python3-yaml nodejs npm shellcheck socat
# Other people's programs; a distribution may lack some of them. dropbear is also among the tests of `make test`; npm's
# ssh2 is in tests/yaml/package.json.
PACKAGES_DROPBEAR := dropbear-bin
PACKAGES_SERVERS := $(PACKAGES_DROPBEAR) tinysshd python3-asyncssh python3-twisted erlang-ssh debootstrap
PACKAGES_TOOLS := dash mksh ksh93u+m busybox zsh
PACKAGES_LINT  := clang libclang-rt-dev clang-format clang-tidy cppcheck
PACKAGES_FUZZ  := clang libclang-rt-dev
PACKAGES_BENCH := python3-networkx python3-igraph autossh
PACKAGES_DEMO  := openssh-client openssh-server git iproute2 netbase nftables util-linux procps

LINUX := $(filter Linux,$(shell uname))

# The compiler. Each variant has a directory of its own, so switching costs nothing. The archives of
# clang's link-time optimization need tools of its own.
COMMA          := ,
LTO            := $(if $(findstring clang,$(CC)),,-flto=auto)
CFLAGS_debug   := -O0 -g -DPLAN_VERIFY
CFLAGS_release := -O3 $(LTO) -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
# What libraries are called by is looked up once, and then read-only.
LDFLAGS_release := $(if $(LINUX),-Wl$(COMMA)-z$(COMMA)relro$(COMMA)-z$(COMMA)now)
CFLAGS_san     := -O1 -g3 -DPLAN_VERIFY -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_cov     := -O0 -g3 -DPLAN_VERIFY --coverage
CFLAGS_fuzz    := $(CFLAGS_san) -fsanitize=fuzzer-no-link
# The build does not depend on its directory: any gives the same bytes (tests/twice).
PLACE := '-fdebug-prefix-map=$(CURDIR)=.'
ARFLAGS := rcs$(if $(LINUX),D)
ifeq ($(CFLAGS_$(VARIANT)),)
$(error VARIANT is '$(VARIANT)'; it can be debug, release, san or cov)
endif
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wformat=2 -Wvla -Wundef
ifeq ($(CI),true)
WARNINGS += -Werror
endif

# pkg-config is asked once, and only when something is compiled: it may have to be installed first.
PKGS      := yaml-0.1 libuv jansson
once       = $(eval $(1) := $(2))$($(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell pkg-config --cflags $(PKGS)))
PKG_LIBS   = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PKGS)))
COMPILE    = $(CC) -std=c11 -I. -D_GNU_SOURCE $(CPPFLAGS) $(WARNINGS) $(CFLAGS_$(VARIANT)) \
	$(PLACE) $(PKG_CFLAGS) $(CFLAGS) $(LOOSE)
LINK       = $(CC) $(CFLAGS_$(VARIANT)) $(PLACE) $(CFLAGS) $(LDFLAGS_$(VARIANT)) $(LDFLAGS)

# Criterion's eq(str, ...) takes `char *`: in tests, a string may lose its const.
$(BUILD)/tests/unit/%.o: private LOOSE := -Wno-cast-qual -Wno-discarded-qualifiers \
	-Wno-unknown-warning-option -Wno-incompatible-pointer-types-discards-qualifiers

# One line for each thing that is made; V=1 shows the commands.
ifneq ($(V),1)
Q = @echo '  $(1) $@';
endif

# One archive per layer; a layer may use those after it, and the linker's order says the same.
LAYERS   := cmd exec planner topology
# The lab and netlink need Linux; elsewhere only the command that says so is built.
OTHERS   := $(if $(LINUX),,exec/system/netlink.c $(filter-out %/git_command.c,$(wildcard exec/lab/*.c exec/lab/*/*.c cmd/lab_*.c)))
ASKED    := $(addprefix exec/system/,kernel_linux.c kernel_tcp.c kernel_listeners.c kernel_network.c descriptors.c sock_diag.c)
OTHERS   += $(if $(and $(LINUX),$(filter-out plain,$(KERNEL))),exec/system/kernel_plain.c,$(ASKED))
SOURCES  := $(filter-out cmd/main.c $(OTHERS),$(wildcard $(LAYERS:%=%/*.c) $(LAYERS:%=%/*/*.c) $(LAYERS:%=%/*/*/*.c)))
# Programs of the shell that tunplan prints.
SCRIPTS  := $(wildcard planner/views/*.sh)
ARCHIVES := $(foreach l,$(LAYERS),$(if $(filter $(l)/%,$(SOURCES)),$(BUILD)/$(l).a))
# Shared by several tests: the oracle, and the makers of random networks.
HELPERS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/oracle/*.c tests/random/*.c))
UNITS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
FUZZERS  := topology mux
REPLAYS  := $(FUZZERS:%=$(BUILD)/tests/fuzz/replay_%)
SUITE    := $(BUILD)/tests/yaml/suite
SIM      := $(if $(LINUX),$(BUILD)/tests/sim/sim)
PRELOADED := tests/e2e/exhaust.c tests/e2e/wallclock.c tests/bench/heap.c
PRELOADS := $(if $(LINUX),$(PRELOADED:%.c=$(BUILD)/%.so))
AGREEING := $(if $(LINUX),$(wildcard tests/agreement/*.c))
TOOLS    := $(patsubst %.c,$(BUILD)/%,$(filter-out $(PRELOADED),$(wildcard tests/bench/*.c)) $(AGREEING))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/cmd/manual_text.o $(BUILD)/cmd/main.o
MANUALS  := $(patsubst %.scd,$(BUILD)/man/%,$(notdir $(wildcard $(LAYERS:%=%/*.scd))))
SHELLS   := $(shell grep -rlE '^\#!.*\b(sh|bash|bats)$$' .ci $(LAYERS) tests examples findings 2>/dev/null)
C_FILES   = $(shell find $(LAYERS) tests -name '*.[ch]')

all: $(BUILD)/tunplan
# build/tunplan is the variant that was built last. A BUILD of your own leaves it alone.
ifeq ($(BUILD),build/$(VARIANT))
	@ln -sfn $(VARIANT)/tunplan build/tunplan
endif

$(BUILD)/tunplan: $(BUILD)/cmd/main.o $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $^ $(PKG_LIBS)

# The help is the manual: tunplan.1.scd as tables of texts.
$(BUILD)/cmd/manual_text.c: cmd/manual_text.awk cmd/tunplan.1.scd
	@mkdir -p $(@D)
	$(call Q,AWK)LC_ALL=C awk -f $^ >$@.tmp && mv $@.tmp $@

$(BUILD)/cmd/manual_text.o: $(BUILD)/cmd/manual_text.c $(BUILD)/flags
	$(call Q,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/cmd.a: $(BUILD)/cmd/manual_text.o
$(foreach l,$(LAYERS),$(eval $(BUILD)/$(l).a: $(patsubst %.c,$(BUILD)/%.o,$(filter $(l)/%,$(SOURCES)))))
$(BUILD)/planner.a: $(SCRIPTS:%=$(BUILD)/%.o)
$(BUILD)/tests/helpers.a: $(HELPERS)
$(ARCHIVES) $(BUILD)/tests/helpers.a:
	@rm -f $@
	$(call Q,AR)$(AR) $(ARFLAGS) $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call Q,CC)$(COMPILE) -MMD -MP -c -o $@ $<

# NAME.sh is the string NAME_sh, without what stands above its first empty line.
$(BUILD)/%.sh.c: %.sh
	@mkdir -p $(@D)
	$(call Q,SH){ echo 'const char $(*F)_sh[] ='; sed -e '1,/^$$/d' -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' $<; echo ';'; } >$@.tmp
	@mv $@.tmp $@

$(BUILD)/%.sh.o: $(BUILD)/%.sh.c $(BUILD)/flags
	$(call Q,CC)$(COMPILE) -c -o $@ $<

$(UNITS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/helpers.a $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lcriterion

# Its kernel takes the place of that in the archive.
$(BUILD)/tests/unit/test_kernel_plain: $(BUILD)/exec/system/kernel_plain.o

$(TOOLS): $(BUILD)/%: $(BUILD)/%.o $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $^ $(PKG_LIBS)

# Loaded into programs of any variant, so of none.
$(PRELOADS): $(BUILD)/%.so: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -g -fno-builtin -fPIC -shared -MMD -MP -o $@ $<

# The same fuzz target, once with our own main and once with libFuzzer's.
$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/replay.o $(BUILD)/tests/fuzz/fuzz_%.o $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $^ $(PKG_LIBS)

$(SUITE): %: %.o $(BUILD)/tests/yaml/model.o $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $^ $(PKG_LIBS)

# The supervisor with another world in the place of exec/ssh, of most of exec/system, and of libuv, which
# is not there: what that world lacks does not link.
SIM_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sim/*.c) tests/random/dice.c)
$(SIM): %: $(SIM_OBJECTS) $(ARCHIVES)
	$(call Q,LD)$(LINK) -o $@ $^ $(filter-out -luv,$(PKG_LIBS))

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(ARCHIVES)
	$(call Q,LD)$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

# Objects depend on the command that made them: another CC or CFLAGS makes them anew.
$(BUILD)/flags: always
	@pkg-config --exists $(PKGS) || \
		{ echo 'what tunplan is built with is not all installed: make deps' >&2; exit 1; }
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(WARNINGS) $(CFLAGS_$(VARIANT)) $(CFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(WARNINGS) $(CFLAGS_$(VARIANT)) $(CFLAGS)' >$@

-include $(OBJECTS:.o=.d) $(HELPERS:.o=.d) $(UNITS:=.d) $(TOOLS:=.d) $(PRELOADS:.so=.d) $(BUILD)/tests/fuzz/replay.d \
	$(FUZZERS:%=$(BUILD)/tests/fuzz/fuzz_%.d) $(SUITE:=.d) $(BUILD)/tests/yaml/model.d $(SIM_OBJECTS:.o=.d)
.SECONDARY:

# --- tests -----------------------------------------------------------------------------------------

deps:
	@tests/packages $(PACKAGES_BUILD) $(PACKAGES_TEST)
	@tests/packages --if-any $(PACKAGES_DROPBEAR)
	@$(MAKE) --no-print-directory --silent build/npm/installed

# What the tests of YAML and of editors run against; the same for all variants.
build/npm/installed: tests/yaml/package.json tests/yaml/package-lock.json tests/yaml/install
	@tests/yaml/install

# In two steps, so that nothing is compiled before everything is installed; by all processors, unless
# make was told how many to use.
BUILDING = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))
test: deps
	@$(BUILDING) tests
	@tests/run $(BUILD) unit golden yaml fuzz sim e2e

# Against other people's programs: what a system lacks of them is named and counted.
test-servers: OTHERS_PACKAGES := $(PACKAGES_SERVERS)
test-servers: OTHERS_MADE := tests/servers/trixie
test-tools: OTHERS_PACKAGES := $(PACKAGES_TOOLS)
test-servers test-tools: test-%: deps
	@tests/packages --if-any $(OTHERS_PACKAGES)
	@$(OTHERS_MADE)
	@$(BUILDING) all
	@tests/run $(BUILD) $*

# The plain ways of what the kernel is asked for where it tells: who was killed, who is still there.
test-plain: deps
	@$(MAKE) --no-print-directory KERNEL=plain all
	@TITLE=kill tests/run build/$(VARIANT)-plain e2e up

# More at random than `make test` has time for, networks, schedules and faults: this finds failures that
# occur once in 100 000 networks.
LONG_NETWORKS  ?= 120
LONG_PLANS     ?= 200000
LONG_SCHEDULES ?= 1000000
LONG_ROUNDS    ?= 33
test-long: deps
	@$(BUILDING) tests
	@$(BUILDING) VARIANT=san BUILD=build/san all
	@DEADLINE_S=3600 MIX_ROUNDS=$(LONG_ROUNDS) MIX_SEED=$$(date +%s) tests/run build/san e2e mix
	@DEADLINE_S=3600 tests/run $(BUILD) long
	@DEADLINE_S=7200 SIM_COUNT=$(LONG_SCHEDULES) tests/run $(BUILD) sim
	@DEADLINE_S=3600 AGREEMENT_NETWORKS=$(LONG_NETWORKS) tests/run $(BUILD) e2e agreement
	@DEADLINE_S=3600 LOWER_BOUND_COUNT=$(LONG_PLANS) tests/run $(BUILD) unit test_lower_bound
	@DEADLINE_S=3600 ORACLE_COUNT=$$(($(LONG_PLANS) / 10)) tests/run $(BUILD) unit test_oracle
	@DEADLINE_S=3600 MISS_COUNT=$$(($(LONG_PLANS) / 10)) tests/run $(BUILD) unit test_near_miss

tests: all $(UNITS) $(TOOLS) $(PRELOADS) $(REPLAYS) $(SUITE) $(SIM)

# Linking with link-time optimization is slow: only the programs that `make bench` runs.
benches: all $(filter $(BUILD)/tests/bench/%,$(TOOLS) $(PRELOADS))

sim: $(SIM)
	@tests/run $(BUILD) sim

# One room of the tests; T=NAME picks what has NAME in its name: make unit T=diag
yaml: build/npm/installed
unit golden yaml e2e: tests
	@tests/run $(BUILD) $@ $(T)

demo:
	@tests/packages $(PACKAGES_BUILD) $(PACKAGES_DEMO)
	@$(BUILDING) all
	@PATH="$(abspath $(BUILD)):$$PATH" examples/demo.sh

bench: deps
	@tests/packages $(PACKAGES_BENCH)
	@$(BUILDING) VARIANT=release BUILD=build/release benches
	@tests/bench/run build/release

# Finds are build/fuzz/crash-* and the like; the corpus that grows is build/fuzz/corpus.
FUZZ_SECONDS ?= 600
fuzz:
	@tests/packages $(PACKAGES_BUILD) $(PACKAGES_FUZZ)
	@$(MAKE) --no-print-directory CC=clang VARIANT=fuzz BUILD=build/fuzz $(FUZZERS:%=build/fuzz/fuzz_%)
	@tests/fuzz/search build/fuzz $(FUZZ_SECONDS)

coverage: deps
	@tests/packages gcovr
	@$(BUILDING) VARIANT=cov BUILD=build/cov tests
	@tests/run build/cov unit golden yaml fuzz sim e2e
	@gcovr --root . --object-directory build/cov --exclude tests/ --print-summary

# --- keeping the house -----------------------------------------------------------------------------

# All of them, even after a failure.
lint:
	@tests/packages $(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_LINT)
	@$(MAKE) --no-print-directory --keep-going lint-format lint-tidy lint-cppcheck lint-shell \
		layers man
	@echo 'lint: nothing to complain about'

lint-format:
	@clang-format --dry-run -Werror $(C_FILES)

lint-tidy:
	@printf '%s\n' $(SOURCES) cmd/main.c | xargs -P 2 -n 8 sh -c \
		'clang-tidy --quiet "$$@" -- -std=c11 -I. -D_GNU_SOURCE $(PKG_CFLAGS) 2>/dev/null' tidy

lint-cppcheck:
	@cppcheck --quiet -j 2 --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=ctuuninitvar --error-exitcode=1 \
		-D__linux__ --library=tests/cppcheck.cfg \
		-I. $(SOURCES) cmd/main.c

lint-shell:
	@shellcheck -x $(SHELLS)

layers: $(ARCHIVES)
	@tests/layers $(BUILD)

format:
	clang-format -i $(C_FILES)

man: $(MANUALS)
vpath %.scd $(LAYERS)
$(MANUALS): $(BUILD)/man/%: %.scd
	@mkdir -p $(@D)
	$(call Q,MAN)scdoc <$< >$@.tmp && mv $@.tmp $@

# --- installing ------------------------------------------------------------------------------------

bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man

install:
	@$(MAKE) --no-print-directory VARIANT=release BUILD=build/release all man
	install -d $(bindir)
	install -m 755 build/release/tunplan $(bindir)/tunplan
	set -e; for page in $(notdir $(MANUALS)); do \
		install -d $(mandir)/man$${page##*.}; \
		install -m 644 build/release/man/$$page $(mandir)/man$${page##*.}/$$page; \
	done

uninstall:
	rm -f $(bindir)/tunplan
	for page in $(notdir $(MANUALS)); do rm -f $(mandir)/man$${page##*.}/$$page; done

clean:
	rm -rf build

help:
	@echo 'make               build/tunplan (VARIANT=debug|release|san|cov, CC=clang, CI=true: -Werror)'
	@echo 'make test          install what is missing, build, run all tests'
	@echo 'make test-servers  tunnels through ssh servers that are not OpenSSH'
	@echo 'make test-tools    what tunplan writes, in the shells and programs that it is for'
	@echo 'make test-plain    without what only Linux tells (KERNEL=plain builds it)'
	@echo 'make test-long     the model against the lab, on 360 networks at random (LONG_NETWORKS=120 of a kind),'
	@echo '                   plans against what else tells of them, in some 200 000 (LONG_PLANS), the'
	@echo '                   supervisor in 1 000 000 simulated schedules (LONG_SCHEDULES), real commands and'
	@echo '                   faults in 33 rounds of 20 seconds (LONG_ROUNDS), and what takes minutes (tests/long)'
	@echo 'make demo          install what is missing, build, show the main job on a network made here'
	@echo 'make unit T=NAME   the unit tests with NAME in their file name; likewise golden, yaml and e2e'
	@echo 'make sim           the supervisor in virtual time, with simulated ssh: 10 000 schedules (SIM_COUNT)'
	@echo 'make fuzz          look for bytes that break the reader or the planner (FUZZ_SECONDS=600)'
	@echo 'make bench         loading, beside libyaml; planning, beside networkx; bring-up, recovery and memory, beside plain ssh and autossh'
	@echo 'make coverage      all tests, and which lines they reach'
	@echo 'make lint          clang-format, clang-tidy, cppcheck, shellcheck, layers, manuals'
	@echo 'make layers        check that includes and symbols point one way'
	@echo 'make format        apply .clang-format'
	@echo 'make man           the manual pages'
	@echo 'make deps          install what building and testing need'
	@echo 'make install       PREFIX=/usr/local DESTDIR=; make uninstall takes it away'
	@echo 'make clean         remove build/'

always:
.PHONY: all always bench benches clean coverage demo deps e2e format fuzz golden help install layers \
	lint lint-cppcheck lint-format lint-shell lint-tidy man sim test test-long test-plain test-servers \
	test-tools tests uninstall unit yaml
