# Plain make prints the targets.
.DEFAULT_GOAL := help
.PHONY: help run build test check generate bench contracts fuzz crash

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## serve on 127.0.0.1:8080
	go run ./cmd/poligon serve

build: ## build bin/poligon
	go build -trimpath -o bin/poligon ./cmd/poligon

test: ## pass the tests, with the race detector
	go test -race ./...

check: ## vet, lint and test
	go vet ./...
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run
	$(MAKE) test

generate: ## generate again what is generated: the stubs, what the simulator reads of the contracts, the tables in the docs, the schema of scenarios, their pictures in tests
	go generate ./openapi
	go test ./internal/cli -run "TestCatalogue|TestSchema|TestShowEmbedded" -update

contracts: ## have tools that nobody here wrote accept the contracts (needs Node.js and a JDK)
	openapi/check/run

bench: ## measure, beside a bare net/http handler in the same run
	go test -run '^$$' -bench . -benchmem ./internal/bench

# How long each parser is fuzzed.
FUZZTIME ?= 10s

fuzz: ## fuzz every parser that takes bytes from outside, 10 s each or FUZZTIME=60s
	for target in product:FuzzRequest product:FuzzBodies product:FuzzImport product:FuzzCalculation product:FuzzSnapshot product:FuzzReplay product:FuzzToken product:FuzzScenario product:FuzzSign \
		delivery:FuzzTarget osago:FuzzReturnURL journal:FuzzTarget sim:FuzzEvents bordereau:FuzzReadRisks scenario:FuzzRead scenario:FuzzPattern fault:FuzzParse journal:FuzzExchange journal:FuzzMask \
		verify:FuzzPath verify:FuzzSubset osago:FuzzDecodeStart osago:FuzzActs osago:FuzzSales osago:FuzzAttempts osago:FuzzChoices osago:FuzzStory document:FuzzPaper vehicles:FuzzFind; do \
		go test -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./internal/$${target%:*} || exit 1; done

crash: ## kill the server two hundred times over each store, under load
	go test ./internal/crash -run TestCrash -kills 200 -timeout 30m -v
