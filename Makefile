# `make test` and `make demo` do their whole set-up on a fresh Debian 12 machine with a Swift toolchain; see Scripts/bootstrap.
# Both use the one debug build in .build; release builds serve `make bench` and packages.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

SWIFT ?= $(or $(shell command -v swift),/opt/swift/usr/bin/swift)
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
export SWIFT PYTHON

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: bootstrap layering build-tests ## Run all tests (Swift, then API tests with boto3 and the AWS CLI)
	@Scripts/run-tests

.PHONY: demo
demo: bootstrap build ## Run the nightly batch on loopback and show it; DEMO_EXIT=1 ends afterwards
	@$(VENV_PYTHON) Scripts/demo.py

.PHONY: build
build: bootstrap ## Build nightshift and nightshift-run for debugging into .build/debug
	@echo "build: nightshift (the first build fetches and compiles the dependencies and takes minutes)"
	@$(SWIFT) build --product nightshift
	@$(SWIFT) build --product nightshift-run

.PHONY: build-tests
build-tests: bootstrap
	@echo "build: nightshift and its tests (the first build fetches and compiles the dependencies and takes minutes)"
	@$(SWIFT) build --build-tests
	@$(SWIFT) build --product nightshift-run

.PHONY: release
release: bootstrap ## Build both programs for shipping into .build/release, the Swift runtime linked in
	@$(SWIFT) build --configuration release --product nightshift --static-swift-stdlib
	@$(SWIFT) build --configuration release --product nightshift-run

.PHONY: deb
deb: release ## Build the Debian packages (nightshift, nightshift-agent, nightshift-common) into .build/deb
	@Packaging/make-deb

.PHONY: acceptance
acceptance: bootstrap build ## Run the slow tests against real time (minutes)
	@$(VENV_PYTHON) -m pytest -m acceptance Tests

.PHONY: crash-test
crash-test: bootstrap build ## Kill the server under load, CRASH_KILLS times (300), and as often with power cuts
	@CRASH_KILLS=$${CRASH_KILLS:-300} $(VENV_PYTHON) -m pytest -s -m acceptance Tests/CrashTests

.PHONY: bench
bench: bootstrap release ## Measure the release build; BENCH="--quick pass-chain" chooses (Benchmarks/run --help)
	@NIGHTSHIFT_BENCHMARKS=1 $(SWIFT) build --configuration release --product EngineBenchmark --static-swift-stdlib
	@NIGHTSHIFT_BENCHMARKS=1 $(SWIFT) build --configuration release --product AgentFleet --static-swift-stdlib
	@$(VENV_PYTHON) Benchmarks/run $(BENCH)

.PHONY: sanitize
sanitize: bootstrap ## Run the Swift tests under the thread sanitizer, then under the address sanitizer (builds both; half an hour)
	@Scripts/sanitize

.PHONY: layering
layering: bootstrap ## Check which target imports which
	@$(VENV_PYTHON) Scripts/check-layering

.PHONY: format
format: bootstrap ## Format all Swift sources in place
	@$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

.PHONY: bootstrap
bootstrap:
	@Scripts/bootstrap

.PHONY: clean
clean: ## Remove everything that was built or installed here
	rm -rf .build .venv .demo
