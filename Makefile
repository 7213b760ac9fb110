# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything goes into build/ (git-ignored). `make setup` is called by what needs it, and takes seconds when all is there.

SHELL := /bin/bash
PYTHON := build/venv/bin/python
GALAXY := build/venv/bin/ansible-galaxy

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-whole test-long test-versions bench bench-fleet bench-changes bench-compare bench-settings lint docs-check build clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## install and build what is missing
	@tests/setup/setup

demo: setup ## back up every GPO of a domain on the lab, then again after a change
	@tests/demo/demo

test: setup ## run the tests, half an hour
	@tests/run

test-whole: setup ## run the tests, with all of the integration tests, more than an hour
	@tests/run --whole

test-long: setup ## run the tests, with the full campaigns, for hours
	@tests/run --long

test-versions: setup ## run the core of the tests with other releases of ansible-core; GPVAULT_CORES=TREE:TREE
	@tests/setup/cores
	@tests/run versions

bench: setup ## time gpo_backup against scripts, half an hour; BENCH_FULL=1 for an hour and more
	@tests/bench/bench $(BENCH_ARGS)

bench-fleet: setup ## time a fleet of hosts with several numbers of forks; BENCH_ARGS=--help
	@tests/bench/fleet $(BENCH_ARGS)

bench-changes: setup ## time gpo_backup with and without telling what changed, half an hour; BENCH_ARGS=--help
	@tests/bench/changes $(BENCH_ARGS)

bench-compare: setup ## time gpo_backup beside itself as it was, or by another connection; BENCH_ARGS=--help
	@tests/bench/compare $(BENCH_ARGS)

bench-settings: setup ## time the comparison of settings reports, a minute; BENCH_ARGS=--help
	@tests/bench/settings $(BENCH_ARGS)

lint: setup ## check style: shell, YAML, PowerShell 5.1, ansible-lint, Ansible's sanity tests
	@tests/run lint

docs-check: setup ## check that documentation and modules agree
	@tests/run docs

build: setup ## pack the collection into build/
	@$(GALAXY) collection build --force --output-path build .

clean: ## stop the lab and delete build/
	@if [ -x $(PYTHON) ] && [ -d build/lab ]; then tests/lab/lab down; fi
	@rm -rf build
