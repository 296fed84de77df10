# Everything a developer types. `make help` lists the targets.
.PHONY: help setup build debug unit integration test stock-kernel demo bench order fuzz check format install install-docker package clean
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= 2

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

setup: ## install the Debian packages that building, testing and benchmarking need
	@scripts/setup

build: setup ## release build: build/davit
	@echo "building build/davit (release)"
	@$(SWIFT) build -c release --product davit
	@mkdir -p build && install -m 755 "$$($(SWIFT) build -c release --show-bin-path)/davit" build/davit.new && strip build/davit.new && mv build/davit.new build/davit
	@echo "built build/davit ($$(du -h build/davit | cut -f1))"

debug: setup ## debug build: build/davit-debug
	@echo "building build/davit-debug"
	@$(SWIFT) build --product davit
	@mkdir -p build && install -m 755 "$$($(SWIFT) build --show-bin-path)/davit" build/davit-debug

unit: setup ## unit tests: no root, no network, milliseconds each; one after another, for some tell the time
	@$(SWIFT) test --no-parallel --skip '^Integration\.'

integration: debug ## the built program as root, with containers of its own
	@DAVIT=$(CURDIR)/build/davit-debug $(SWIFT) test --filter '^Integration\.'

test: ## all tests, from a clean clone
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory integration

stock-kernel: setup ## integration tests on Debian's own kernel, in a virtual machine: cgroups v2 alone, ipvlan, ESP
	@$(SWIFT) build --build-tests
	@scripts/stock-kernel

demo: build ## make a Debian image, run containers from it, and clean up
	@scripts/demo build/davit

bench: build ## compare with Docker, podman, crun, runc and the kernel, in one run
	@DAVIT_SETUP=bench scripts/setup
	@DAVIT=build/davit Benchmarks/run

order: build ## find out which functions common commands call, and have the next build link them next to each other
	@scripts/order "$$($(SWIFT) build -c release --show-bin-path)/davit"

fuzz: setup ## mutate inputs of every parser for FUZZ_SECONDS (default 30) each
	@Fuzz/run

check: setup ## before each commit: layout, build with warnings as errors, unit tests
	@$(SWIFT) format lint --strict --recursive --parallel Sources Tests
	@$(MAKE) --no-print-directory unit

format: ## lay out all sources
	@$(SWIFT) format --in-place --recursive --parallel Sources Tests

install: ## install the release build below PREFIX (build it first)
	@test -x build/davit || { echo "install: build/davit is missing; run make build first" >&2; exit 1; }
	install -D -m 755 build/davit $(DESTDIR)$(PREFIX)/bin/davit
	ln -sf davit $(DESTDIR)$(PREFIX)/bin/davit-runtime
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	build/davit completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/davit
	build/davit completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_davit
	build/davit completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/davit.fish
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in davit davit-restart; do \
		sed "s|@PREFIX@|$(PREFIX)|" contrib/$$unit.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit.service; done

install-docker: install ## install what `make install` does, and let Davit answer to Docker's names and on its socket
	for name in docker dockerd docker-compose; do ln -sf davit $(DESTDIR)$(PREFIX)/bin/$$name; done
	sed "s|@PREFIX@|$(PREFIX)|" contrib/docker.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/docker.service
	install -m 644 contrib/docker.socket $(DESTDIR)$(PREFIX)/lib/systemd/system/docker.socket
	test -n "$(DESTDIR)" || getent group docker > /dev/null || groupadd --system docker

package: ## a Debian package of the release build, below build/ (build it first)
	@rm -rf build/package
	@$(MAKE) --no-print-directory install PREFIX=/usr DESTDIR=$(CURDIR)/build/package
	@mkdir build/package/DEBIAN
	@printf '%s\n' 'Package: davit' "Version: $$(build/davit --version | sed 's/.*version \(.*\),.*/\1/')" "Architecture: $$(dpkg --print-architecture)" \
		'Maintainer: the Davit project' 'Section: admin' 'Priority: optional' 'Depends: nftables' 'Recommends: ca-certificates' \
		'Suggests: busybox-static, mmdebstrap, openssh-client' 'Description: containers in Docker'\''s words, without a daemon' > build/package/DEBIAN/control
	@dpkg-deb --root-owner-group --build build/package build

clean: ## remove everything built
	@rm -rf .build build
