# Everything a developer types. `make help` lists the targets.
.PHONY: help setup build debug test unit integration demo bench fuzz check install clean
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup: ## install the Debian packages that building, testing and benchmarking need
	@scripts/setup

build: setup ## release build: build/davit
	@$(SWIFT) build -c release --product davit
	@mkdir -p build && install -m 755 "$$($(SWIFT) build -c release --show-bin-path)/davit" build/davit && strip build/davit
	@echo "built build/davit ($$(du -h build/davit | cut -f1))"

debug: setup ## debug build: build/davit-debug
	@$(SWIFT) build --product davit
	@mkdir -p build && install -m 755 "$$($(SWIFT) build --show-bin-path)/davit" build/davit-debug

unit: setup ## unit tests, no root needed
	@$(SWIFT) test --parallel

clean: ## remove everything built
	@rm -rf .build build
