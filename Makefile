# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A short door to meson; `make help` names what is behind it. Each goal first installs the Debian
# packages that it needs (packages.txt), as far as they are missing.

PACKAGES = build $(if $(filter-out all install,$(MAKECMDGOALS)),test) $(filter tidy,$(MAKECMDGOALS))
FUZZ = FUZZ_SECONDS=$(or $(FUZZ_SECONDS),$(1)) meson test -C build-fuzz --no-rebuild --logbase check
TEST = meson test --no-rebuild --logbase check
LOGS = $(patsubst %,%/meson-logs/check.json,build build-asan build-fuzz)

.PHONY: all help setup asan fuzz-targets check fuzz demo bench tidy format install clean

all: build/build.ninja ## build: build/bpfgrant
	@ninja -C build

check: all asan fuzz-targets ## every test, again with sanitizers, and a short fuzz run; ends with the counts
	@rm -f $(LOGS)
	@$(TEST) -C build || true
	@$(TEST) -C build-asan --suite unit --suite kernel || true
	@$(call FUZZ,5) || true
	@tests/summary $(LOGS)

demo: all ## what a grant does, shown on this machine, as root
	@demo/run

bench: all ## the figures, each with its floor from the same run
	@bench/run

fuzz: fuzz-targets ## each fuzz target for FUZZ_SECONDS (180)
	@rm -f build-fuzz/meson-logs/check.json
	@$(call FUZZ,180) || true
	@tests/summary build-fuzz/meson-logs/check.json

asan: build-asan/build.ninja ## build-asan/: with the address and undefined behaviour sanitizers
	@ninja -C build-asan

fuzz-targets: build-fuzz/build.ninja
	@ninja -C build-fuzz fuzz-targets

tidy: build/build.ninja ## clang-tidy and cppcheck over src/
	tools/tidy

format: setup ## clang-format, in place
	tests/format.sh --fix

install: all ## to $$DESTDIR and the prefix
	meson install -C build --no-rebuild $(if $(DESTDIR),--destdir '$(DESTDIR)')

clean: ## removes what was built
	rm -rf build build-asan build-fuzz

setup: ## installs the packages that are missing
	@tools/setup $(PACKAGES)

help: ## this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {gsub(/\$$\$$/, "$$", $$2); printf "  make %-9s %s\n", $$1, $$2}' Makefile

build/build.ninja: | setup
	meson setup build
build-asan/build.ninja: | setup
	meson setup build-asan -Db_sanitize=address,undefined
build-fuzz/build.ninja: | setup
	CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
