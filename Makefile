# Every target installs what it needs first; docs/setup.md says what and why.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint bench bench-import bench-tiles bench-features bench-lists bench-stats bench-overlay bench-whatif bench-map build web e2e contract unit setup-run setup-test

tools := . scripts/env &&
web_files := $(shell find web-map -maxdepth 1 -type f; find web-map/src web-map/public -type f 2>/dev/null)

help: ## lists these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

demo: build ## a sample district on the map at http://127.0.0.1:8080 (ARGS="--listen 0.0.0.0:8080")
	@$(tools) exec target/release/mutu up --demo $(ARGS)

test: setup-test lint unit e2e contract ## every test: Rust, SQL on PostGIS, web map, browser, API contract

lint: setup-test web ## formatting, clippy, types, eslint
	@scripts/lint

bench: build ## times the sample, the start and the tiles (PARCELS=50000)
	@scripts/bench $(PARCELS)

bench-import: setup-test build ## times an import of parcels beside ogr2ogr (PARCELS=200000)
	@scripts/bench-import $(PARCELS)

bench-tiles: setup-test build ## times tiles beside martin on the same rows (PARCELS=200000)
	@$(tools) scripts/bench-tiles $(PARCELS)

bench-features: setup-test build ## times pages of features beside tipg on the same rows (PARCELS=200000)
	@$(tools) scripts/bench-features $(PARCELS)

bench-lists: setup-run build ## times work on a list of many cases (CASES=10000)
	@scripts/bench-lists $(CASES)

bench-stats: setup-run web ## times statistics over a layer in memory (ROWS="200000 1000000")
	@$(tools) cargo bench --locked --bench stats -- $(ROWS)

bench-overlay: setup-run web ## times areas of parcels in plans beside PostGIS (PARCELS=1000000)
	@$(tools) cargo bench --locked --bench overlay -- $(PARCELS)

bench-whatif: setup-test web ## times what-if previews beside the same question in SQL (ROWS=1000000)
	@$(tools) cargo bench --locked --bench whatif -- $(ROWS)

bench-map: setup-test build ## times the web map in a browser: a cold start, a moved bound, a long table (PARCELS=200000)
	@scripts/bench-map $(PARCELS)

build: setup-run web ## the release binary, target/release/mutu
	@$(tools) cargo build --release --locked

web: setup-run web-map/dist/index.html ## the web map, which the binary embeds

unit: setup-test web ## the tests that need no browser
	$(tools) MUTU_ALL_CLIENTS=1 cargo test --locked
	$(tools) npm --prefix web-map test

e2e: setup-test web ## the browser's walks through a running Mutu
	@$(tools) cargo build --locked
	@scripts/e2e

contract: setup-test web ## what the server answers, held to its OpenAPI documents as every role
	@$(tools) cargo build --locked
	@scripts/contract

setup-run:
	@scripts/setup run

setup-test:
	@scripts/setup test

web-map/node_modules/.package-lock.json: web-map/package-lock.json
	@$(tools) npm --prefix web-map ci --no-audit --no-fund
	@touch $@

web-map/dist/index.html: web-map/node_modules/.package-lock.json $(web_files)
	@$(tools) npm --prefix web-map run build
	@touch $@
