# cdp: five filters, one library.  "make demo" and "make check" are all a new
# machine needs; see README.md.

VERSION = 0.1.0
B       = build
CC      = gcc
PKG_CONFIG = pkg-config
CFLAGS  = -O2 -g
LDFLAGS =
WERROR  = -Werror
SAN     =
V       = # anything: show whole commands
Q      := $(if $(V),,@)
say     = $(if $(V),,@echo '  $(1)	$(@:$(B)/%=%)')

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/cdp
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

# What the build, the tests and the demo need, as Debian names it.
DEBS = gcc libc6-dev pkg-config libjq-dev libonig-dev libyaml-dev \
       libzstd-dev libxxhash-dev nettle-dev libpcre2-dev libutf8proc-dev \
       libidn2-dev zlib1g-dev libcurl4-openssl-dev libssl-dev libcmocka-dev \
       jq zstd mandoc shellcheck tzdata
# What only single tests need, which skip without it.
DEBS_CHECK = openssl postgresql python3-aiosmtpd nghttp2-server
DEBS_FUZZ = clang

PKGS = libzstd libxxhash zlib yaml-0.1 nettle libpcre2-8 libutf8proc libidn2

ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DCDP_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS = -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
             -Wmissing-prototypes -Wpointer-arith -Wvla $(WERROR) \
             -fstack-protector-strong $(FORTIFY) -fno-strict-aliasing -pthread \
             $(CFLAGS)
# Sanitizers see more, and without optimisation there is none.
FORTIFY = $(if $(SAN)$(findstring -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=3)
ALL_LDFLAGS = -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -ljq -lm

SRCS  := $(sort $(wildcard lib/*/*.c))
CMDS  := $(patsubst cmd/%.c,$(B)/%,$(sort $(wildcard cmd/*.c)))
UNITS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
SHIMS := $(patsubst tests/shim/%.c,$(B)/shim/%.so,$(sort $(wildcard tests/shim/*.c)))
CRASH := $(patsubst tests/crash/%.c,$(B)/crash/%,$(sort $(wildcard tests/crash/*.c)))
SERVERS := $(patsubst tests/http/%.c,$(B)/http/%,$(sort $(wildcard tests/http/*.c)))
FUZZ  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort $(wildcard tests/bench/bench_*.c)))

all: deps
	+@$(MAKE) --no-print-directory build

build: $(CMDS)

# Ask for nothing: as root install what is missing, else say what to run.
deps:
	@sh tests/deps.sh $(DEBS)

deps-check: deps
	@sh tests/deps.sh -o $(DEBS_CHECK)

deps-fuzz:
	@sh tests/deps.sh $(DEBS_FUZZ)

$(CMDS): $(B)/%: $(B)/cmd/%.o $(B)/libcdp.a
	$(call say,LD)
	$(Q)$(CC) $(SAN) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Who delivers, alone, can speak to the world.
$(B)/cdp-emit $(B)/fuzz/fuzz_stages: LIBS += -lcurl -lcrypto

# Where presets are if they are not beside the program.
$(B)/lib/rule/presets.o $(B)/fuzz/obj/lib/rule/presets.o: \
    ALL_CPPFLAGS += -DCDP_DATADIR='"$(DATADIR)"'

$(B)/libcdp.a: $(SRCS:%.c=$(B)/%.o)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) qcs $@ $^

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libcdp.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(SAN) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(B)/shim/%.so: tests/shim/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -shared -fPIC $(ALL_CPPFLAGS) $(ALL_CFLAGS) -o $@ $< -ldl

$(B)/crash/%: tests/crash/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -o $@ $<

$(B)/http/%: tests/http/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -o $@ $<

$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libcdp.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# libFuzzer wants clang, and objects of its own.
FUZZ_CC = clang -g -O1 $(ALL_CPPFLAGS) -std=c11 \
          -fno-sanitize-recover=undefined
$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP \
	    -c -o $@ $<

$(B)/fuzz/libcdp.a: $(SRCS:%.c=$(B)/fuzz/obj/%.o)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(B)/fuzz/libcdp.a
	$(call say,CC)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

check: deps-check
	+@$(MAKE) --no-print-directory check-built

check-built: build $(UNITS) $(SHIMS) $(CRASH) $(SERVERS)
	@B=$(abspath $(B)) sh tests/run.sh

asan: deps-check
	+@$(MAKE) --no-print-directory B=build/asan \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	    SAN='-fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	    check-built

# What "make check" compares a part of, whole: a quarter of an hour.
oracle: deps
	+@$(MAKE) --no-print-directory oracle-built
oracle-built: build
	@for t in graphs traits unmerge audience journey ql; do B=$(abspath $(B)) \
	    TEST_TIMEOUT=3600 GRAPHS_WHOLE=1 TRAITS_RUNS=1000 UNMERGE_RUNS=50 \
	    AUDIENCE_RUNS=3000 JOURNEY_RUNS=4000 QL_RUNS=2000 \
	    sh tests/run.sh -k prop/$$t || exit; done

# Faults of every kind, for minutes: a part is in "make check".
crash: deps
	+@$(MAKE) --no-print-directory crash-built
crash-built: build $(SHIMS) $(CRASH) $(SERVERS)
	@B=$(abspath $(B)) sh tests/crash/run.sh

fuzz: deps deps-fuzz
	+@$(MAKE) --no-print-directory fuzz-built
fuzz-built: $(FUZZ)
	@B=$(abspath $(B)) sh tests/fuzz/run.sh $(FUZZ)

bench: all
	+@$(MAKE) --no-print-directory bench-built
bench-built: $(BENCH) $(SERVERS)
	@B=$(abspath $(B)) sh tests/bench/run.sh
	@B=$(abspath $(B)) sh tests/bench/audiences.sh
	@B=$(abspath $(B)) sh tests/bench/crowd.sh
	@B=$(abspath $(B)) sh tests/bench/people.sh
	@B=$(abspath $(B)) sh tests/bench/deliver.sh

# The same for a store of 5 million profiles: ten minutes and 7 GB.
bench-store: all
	+@$(MAKE) --no-print-directory bench-store-built
bench-store-built: $(BENCH)
	@B=$(abspath $(B)) sh tests/bench/store.sh

demo: all
	@PATH="$(abspath $(B)):$$PATH" sh share/examples/loja/demo.sh

fmt:
	clang-format -i lib/*/*.[ch] cmd/*.c tests/*/*.c

lint: deps
	@B=$(abspath $(B)) sh tests/layers.sh
	@B=$(abspath $(B)) sh tests/man.sh

install: build
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)
	install -m 755 $(CMDS) $(DESTDIR)$(BINDIR)
	for s in 1 5 7; do \
		install -d $(DESTDIR)$(MANDIR)/man$$s; \
		install -m 644 share/man/man$$s/*.$$s $(DESTDIR)$(MANDIR)/man$$s; \
	done
	cp -R share/examples share/destinations $(DESTDIR)$(DATADIR)
	install -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	install -m 644 completions/_cdp $(DESTDIR)$(ZSHDIR)
	for c in $(notdir $(CMDS)); do \
		install -m 644 completions/cdp.bash $(DESTDIR)$(BASHDIR)/$$c; \
		install -m 644 completions/cdp.fish $(DESTDIR)$(FISHDIR)/$$c.fish; \
	done

clean:
	rm -rf $(B)

.PHONY: all build deps deps-check deps-fuzz check check-built asan crash \
    oracle oracle-built \
    crash-built fuzz fuzz-built bench bench-built bench-store \
    bench-store-built demo fmt lint install clean
.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
